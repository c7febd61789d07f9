/** @file What a value looks like on a page: a table, a picture, a drawn graph, or text. */
import type { Shown } from "./messages.js";
import { show } from "./promises.js";

/** The protocol of notebooks: MIME types and what to show. */
const DISPLAY = Symbol.for("Jupyter.display");

/** A text in Graphviz's language. */
const DOT = /^\s*(strict\s+)?(di)?graph\b[^{]*\{[\s\S]*\}\s*$/;

/** The HTML of a tensor; undefined where it has none, or reading would have to wait. */
function htmlOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !(DISPLAY in value)) return undefined;
  try {
    const display = value[DISPLAY] as () => Readonly<Record<string, string>>;
    return display.call(value)["text/html"];
  } catch {
    return undefined; // on WebGPU a read has to wait
  }
}

/** What there is to see of a value besides its text; undefined if nothing. */
export async function pictureOf(value: unknown): Promise<Shown | undefined> {
  const content = htmlOf(value);
  if (content !== undefined) return { kind: "html", content };
  if (typeof value !== "string" || !DOT.test(value)) return undefined;
  const { drawing } = await import("./drawing.js");
  return { kind: "svg", content: (await drawing())(value) };
}

/** What a value looks like; undefined for undefined. */
export async function displayOf(value: unknown): Promise<Shown | undefined> {
  if (value === undefined) return undefined;
  return (await pictureOf(value)) ?? { kind: "text", content: show(value) };
}
