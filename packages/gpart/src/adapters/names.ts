/**
 * @file The error for a name that matches nothing: it suggests the nearest names. Independent of
 * the methods.
 */
import { UsageError } from "@isograd/tensor";
import { shown } from "@isograd/tensor/engine";

/** The most names that an error lists. */
const MOST = 12;

/** The edit distance: insertions, deletions and substitutions that turn a into b, ignoring case. */
function distance(a: string, b: string): number {
  const [from, to] = [a.toLowerCase(), b.toLowerCase()];
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}

/** The name that `wanted` is probably a misspelling of, or null. */
function nearest(wanted: string, names: readonly string[]): string | null {
  const ranked = names.map((name) => ({ name, steps: distance(wanted, name) }));
  const best = ranked.reduce((a, b) => (b.steps < a.steps ? b : a), { name: "", steps: 99 });
  const few = wanted.length < 5 ? 1 : Math.max(2, Math.floor(wanted.length / 3));
  return best.steps <= few ? best.name : null;
}

/** The last `count` steps of a name, and the numbers directly before them. */
function ending(name: string, count: number): string {
  const steps = name.split(".");
  let at = Math.max(0, steps.length - count);
  while (at > 0 && /^\d+$/.test(steps[at] as string)) at--;
  return steps.slice(at).join(".");
}

/** Kinds of modules with their own parameters: `query` for all `blocks.0.query.weight`. */
function kinds(parameters: readonly string[], steps = 1): string[] {
  const modules = parameters.map((name) => name.split(".").slice(0, -1).join("."));
  return [...new Set(modules.filter((name) => name !== "").map((name) => ending(name, steps)))];
}

function listed(names: readonly string[]): string {
  const some = names.slice(0, MOST).join(", ") + (names.length > MOST ? ", …" : "");
  return some === "" ? "none" : some;
}

/** Kinds of modules inside the modules with this name. */
function inside(wanted: string, parameters: readonly string[]): string[] {
  const within = parameters.filter((name) => `.${name}`.includes(`.${wanted}.`));
  return kinds(within).filter((kind) => kind !== wanted);
}

/** The error for a name that matches nothing. */
export function noMatch(wanted: string, parameters: readonly string[]): UsageError {
  const held = inside(wanted, parameters);
  const own = parameters.filter((name) => !name.includes("."));
  const all = [...kinds(parameters), ...own];
  const steps = wanted.split(".").length;
  const near = nearest(wanted, [...kinds(parameters, steps), ...all, ...parameters]);
  const help =
    held.length > 0
      ? `"${wanted}" holds other modules; name those: ${listed(held)}`
      : `${near === null ? "" : `did you mean "${near}"? `}its modules are: ${listed(all)}`;
  return new UsageError("adapter", `nothing in the model is named "${wanted}"`, help);
}

/** @throws UsageError unless the value is a list of at least `least` names. */
export function checkNames(option: string, value: unknown, least: number): void {
  const list = Array.isArray(value) && value.every((name) => typeof name === "string");
  if (list && value.length >= least) return;
  const kind = least === 0 ? "a list of names" : 'a list of names, a RegExp, or "all-linear"';
  const found = list ? "an empty list" : shown(value);
  const linear = typeof value === "string" && nearest(value, ["all-linear"]) !== null;
  const one = linear ? 'did you mean "all-linear"?' : `for one name write [${shown(value)}]`;
  const help = typeof value === "string" ? one : "names end those of modules: query, mlp.0";
  throw new UsageError("adapter", `${option} is ${kind}: got ${found}`, help);
}
