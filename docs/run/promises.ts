/**
 * @file The promises of code that people read: `expression; // → text` says what the expression
 * prints, `// throws text` which error it throws. `…` stands for anything; white space and quotes
 * do not count. The tests and the site read them here. Knows no runner and no page.
 */

/** What a value prints as: tensors by their own `toString`, numbers and text as they are. */
export function show(value: unknown): string {
  if (typeof value === "string") return value;
  if (Object.is(value, -0)) return "-0";
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (ArrayBuffer.isView(value)) return show(Array.from(value as Uint8Array));
  if (value.toString !== Object.prototype.toString) return String(value);
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${show(field)}`);
  return fields.length > 0 ? `{ ${fields.join(", ")} }` : "{}";
}

const squeeze = (text: string) =>
  text.replace(/"/g, "").replace(/\s+/g, " ").replace(/ ?, ?/g, ",").trim();

/** Whether `text` is what was promised, `…` standing for anything. */
export function matches(text: string, promised: string): boolean {
  const literal = (part: string) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = squeeze(promised).split("…").map(literal).join("[\\s\\S]*");
  return new RegExp(`^${pattern}$`).test(squeeze(text));
}

/** How a promise was kept. */
export interface Verdict {
  readonly kept: boolean;
  /** What was promised, without its arrow. */
  readonly promised: string;
  /** What came out: a value as text, or an error. */
  readonly printed: string;
  /** The value, when there is one. */
  readonly value?: unknown;
}

/**
 * Runs an expression and holds it against its promise; undefined where the comment is a remark:
 * there is no value, and the text has no arrow.
 *
 * @throws what the expression throws, when no error was promised.
 */
export async function verdict(run: () => unknown, comment: string): Promise<Verdict | undefined> {
  const [, arrow, throws, promised = ""] = /^(→\s*)?(throws\s+)?(.*)$/s.exec(comment) ?? [];
  let value: unknown;
  try {
    value = await run();
  } catch (error) {
    if (!throws) throw error;
    const printed = String(error);
    return { kept: matches(printed, promised), promised, printed };
  }
  if (value === undefined && !arrow && !throws) return undefined;
  const shown = show(value);
  if (throws) return { kept: false, promised, printed: `no error, but ${shown}`, value };
  return { kept: matches(shown, promised), promised, printed: shown, value };
}

/** A promise in a source. */
export interface Promised {
  readonly text: string;
  /** Where its text begins. */
  readonly at: number;
}

/**
 * The promise after a statement that ends at `end`: at the end of its line, or below it, where an
 * arrow begins it; lines indented by two spaces or more go on with it.
 */
export function promiseAfter(source: string, end: number): Promised | undefined {
  const [here = "", ...below] = source.slice(end).split("\n");
  const beside = /^\s*\/\/\s*(.+)$/.exec(here)?.[1];
  const lines = beside ? [beside] : [];
  let at = end;
  if (!beside) {
    const first = here.trim() === "" ? /^\s*\/\/\s*(→\s*.+)$/.exec(below.shift() ?? "")?.[1] : "";
    if (!first) return undefined;
    lines.push(first);
    at += here.length + 1;
  }
  for (const line of below) {
    const more = /^\s*\/\/ {2,}(.+)$/.exec(line)?.[1];
    if (!more) break;
    lines.push(more);
  }
  return { text: lines.join(" "), at };
}

/** A graph below a block as the promise of the block's last line. */
export function promisedGraph(dot: string): string {
  const [first, ...more] = dot.trimEnd().split("\n");
  return [`// → ${first}`, ...more.map((line) => `//   ${line}`)].join("\n");
}
