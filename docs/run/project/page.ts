/** @file Shows what the program writes to the console and what it plots. */
import { onPicture, plot } from "./plot.js";

const output = document.querySelector("#output");

function add(tag: "pre" | "div"): HTMLElement {
  const element = document.createElement(tag);
  output?.append(element);
  return element;
}

for (const level of ["log", "info", "warn", "error"] as const) {
  const own = console[level].bind(console);
  console[level] = (...values: unknown[]) => {
    own(...values);
    add("pre").textContent = values.map(String).join(" ");
  };
}
onPicture(document, (svg) => {
  add("div").innerHTML = svg;
});
Object.assign(globalThis, { plot });

await import("./device.js");
await import("./main.js").catch((error) => {
  add("pre").textContent = String(error);
  throw error;
});
