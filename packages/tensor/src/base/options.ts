/** @file The one checker for the options of all functions: no option is ignored in silence. */
import { UsageError } from "./errors.js";

/**
 * "?" marks a boolean, "#" a number, "()" a function; any other value its function checks, and an
 * axis, of which it says what there is.
 */
type Mark<T> = [T] extends [boolean]
  ? "?"
  : [T] extends [number]
    ? "#"
    : [T] extends [(...args: never[]) => unknown]
      ? "()"
      : "";
type Marked<O> = {
  [K in keyof O & string]-?: K extends "axis" ? K : `${K}${Mark<Exclude<O[K], undefined>>}`;
}[keyof O & string];
type Words<S extends string> = S extends `${infer A} ${infer B}` ? A | Words<B> : S;
type Names<O, S extends string> = [Marked<O>] extends [Words<S>]
  ? [Words<S>] extends [Marked<O>]
    ? S
    : { readonly notAnOption: Exclude<Words<S>, Marked<O>> }
  : { readonly missing: Exclude<Marked<O>, Words<S>> };

/** For each list of names, the mark of each name. */
const lists = new Map<string, ReadonlyMap<string, string>>();
const nothing: object = Object.freeze({});
const types: Readonly<Record<string, string>> = { "?": "boolean", "#": "number", "()": "function" };

/** For names of other libraries, in lower case without separators, the names they may mean here. */
export type Synonyms = ReadonlyMap<string, readonly string[]>;

/** Those whose letters do not tell what is meant. */
const elsewhere: Synonyms = new Map([
  ["dim", ["axis", "axes"]],
  ["dims", ["axes", "axis"]],
  ["ddof", ["correction"]],
  ["unbiased", ["correction"]],
  ["type", ["dtype"]],
  ["learningrate", ["lr"]],
  ["seed", ["rng"]],
  ["generator", ["rng", "shuffle"]],
  ["diagonal", ["k"]],
]);

/**
 * The options that a caller gave to `op`, `{}` when there are none. `names` has all names with
 * their marks, separated by blanks; it must be complete to compile. The first is what a number or
 * a list in the place of options most likely means. Errors also suggest what `synonyms` mean.
 *
 * @throws UsageError when `options` is no object of options, has a name that is not in the list,
 *   or a value that is not of the marked type; it names the nearest option.
 *
 * @example
 * const repeated = (x: string, options?: { readonly times?: number | undefined }) =>
 *   x.repeat(given("repeated", options, "times#").times ?? 2);
 * repeated("ab", { times: 3 }); // "ababab"
 */
export function given<O extends object, const S extends string>(
  op: string,
  options: O | undefined,
  names: S & Names<O, S>,
  synonyms?: Synonyms,
): O {
  if (options === undefined) return nothing as O;
  let marks = lists.get(names);
  if (marks === undefined) {
    marks = new Map(names.split(" ").map((word) => [word.replace(/[?#()]+/, ""), marked(word)]));
    lists.set(names, marks);
  }
  let count = 0;
  if (typeof options === "object" && options !== null && !Array.isArray(options)) {
    for (const name in options) {
      if (!Object.hasOwn(options, name)) throw noOptions(op, options, marks); // lost in copies
      const type = marks.get(name);
      const value = options[name];
      if (type === undefined) {
        if (count === 0 && !isPlain(options)) break; // a tensor, a module
        throw unknownOption(op, name, [...marks.keys()], synonyms);
      }
      if (type !== "" && value !== undefined && typeof value !== type) {
        const problem = `option ${name} must be a ${type}, got ${shown(value)}`;
        throw new UsageError(op, problem, "leave it out for its default");
      }
      count++;
    }
    if (count > 0 || isPlain(options)) return options;
  }
  throw noOptions(op, options, marks);
}
const marked = (word: string): string => types[word.replace(/^\w+/, "")] ?? "";

function isPlain(x: object): boolean {
  const above: unknown = Object.getPrototypeOf(x);
  return above === null || Object.getPrototypeOf(above) === null;
}

function noOptions(op: string, got: unknown, marks: ReadonlyMap<string, string>): UsageError {
  const names = [...marks.keys()];
  const meant = typeof got === "string" && marks.has("dtype") ? "dtype" : (names[0] ?? "");
  const type = marks.get(meant);
  const positional =
    type === typeof got ||
    (type === "" && (typeof got === "number" || typeof got === "string" || Array.isArray(got)));
  const example = positional ? `write { ${meant}: ${shown(got)} }` : "write { name: value }";
  const problem = `needs an object of options, got ${shown(got)}`;
  return new UsageError(op, problem, `${example}; options: ${names.join(", ")}`);
}

/** The error for a name that no option has; it names the nearest. */
export function unknownOption(
  op: string,
  name: string,
  names: readonly string[],
  synonyms?: Synonyms,
): UsageError {
  const known = (of?: Synonyms) => of?.get(plain(name))?.find((other) => names.includes(other));
  const best = known(synonyms) ?? known(elsewhere) ?? nearest(name, names);
  const all = `options: ${names.join(", ")}`;
  return new UsageError(
    op,
    `has no option ${JSON.stringify(name)}`,
    best === undefined ? all : `did you mean ${best}? ${all}`,
  );
}

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** The name that `name` most likely means, if any comes near. */
function nearest(name: string, names: readonly string[]): string | undefined {
  const a = plain(name);
  let [best, least] = [undefined as string | undefined, Math.max(1, a.length / 3) + 0.1];
  for (const candidate of names) {
    const b = plain(candidate);
    const inside = a.length > 1 && b.length > 1 && (a.includes(b) || b.includes(a));
    const cost = inside && a !== b ? 1 : edits(a, b);
    if (cost < least) [best, least] = [candidate, cost];
  }
  return best;
}

/** How many letters must change, come or go: Levenshtein's distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const change = (row[j] as number) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/**
 * Throws a UsageError for an argument after the last. `mapped` lets through what `xs.map(op)` and
 * `xs.reduce(op)` pass on: a place, then the list.
 *
 * @example
 * const half = (x: number, ...surplus: []) => {
 *   noMore("half", surplus);
 *   return x / 2;
 * };
 * half(3); // 1.5
 */
export function noMore(
  op: string,
  surplus: readonly unknown[],
  mapped = false,
  help = "leave it out",
): void {
  for (let i = 0; i < surplus.length; i++) {
    const x = surplus[i];
    if (x === undefined || (mapped && (i > 0 ? Array.isArray(x) : typeof x === "number"))) continue;
    const got = isPlain(Object(x)) ? `{ ${Object.keys(Object(x)).join(", ")} }` : shown(x);
    throw new UsageError(op, `takes no further argument: got ${got}`, help);
  }
}

/** A value in an error, a text without its quotes. */
export const worded = (x: unknown): string => (typeof x === "string" ? x : shown(x));

/** A list in an error, whole, with the lists in it. */
export const listed = (x: unknown, depth = 2): string =>
  Array.isArray(x) && depth > 0 ? `[${x.map((v) => listed(v, depth - 1))}]` : shown(x);

/** A value in an error: short, and of any kind. */
export function shown(x: unknown): string {
  if (typeof x === "string") return JSON.stringify(x.length > 40 ? `${x.slice(0, 40)}…` : x);
  if (typeof x === "function") return "a function";
  if (Array.isArray(x)) {
    const some = x.slice(0, 4).map((v) => (Array.isArray(v) ? "[…]" : shown(v)));
    return `[${some.join(", ")}${x.length > 4 ? ", …" : ""}]`;
  }
  if (typeof x !== "object" || x === null) return String(x);
  return isPlain(x) ? "an object" : `an object of class ${x.constructor?.name || "unknown"}`;
}
