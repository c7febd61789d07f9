/** @file Makes a built site independent of the path it is served at: every address in it becomes relative. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PLACEHOLDER, relativeScript } from "./relativeScript.js";

/** From the folder of a file to the folder of the site, without a slash at the end: `.`, `..`, `../..`. */
const toRoot = (file: string): string =>
  Array(file.split("/").length - 1)
    .fill("..")
    .join("/") || ".";

/**
 * What the app does first: navigation keeps parts of a page when the address changes, so links that
 * were relative to the first page become absolute.
 */
const ABSOLUTE = `for(const e of document.querySelectorAll("[href^='.'],[src^='.']"))
for(const n of ["href","src"])if(e.getAttribute(n)?.startsWith("."))
e.setAttribute(n,new URL(e.getAttribute(n),document.baseURI).href);
`;

/** A server shows it for any path, so it cannot know where the site is. */
const NOT_FOUND = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>No such page | Isograd</title>
<body style="font:1.1rem/1.6 system-ui,sans-serif;margin:20vh auto;max-width:32rem;padding:0 1rem">
<h1>No such page</h1>
<p>The address may have a mistake, or the page has moved. Go back, or to the start of the site.</p>
`;

function rewrite(file: string, text: string): string {
  if (file === "404.html") return NOT_FOUND;
  const up = toRoot(file);
  if (file.endsWith(".js")) {
    const own = relativeScript(text, up);
    return /^assets\/app\.[^/]+\.js$/.test(file) ? ABSOLUTE + own : own;
  }
  return text.replaceAll(PLACEHOLDER, () => `${up}/`);
}

/** Rewrites all files of a folder that was built for the base `PLACEHOLDER`. */
export function makeRelative(folder: string): void {
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!/\.(html|js|css|json|svg)$/.test(file)) continue;
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    const own = rewrite(file.replaceAll("\\", "/"), text);
    if (own.includes(PLACEHOLDER))
      throw new Error(`${file}: an address could not be made relative`);
    if (own !== text) writeFileSync(path, own);
  }
}
