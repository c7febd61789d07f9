/**
 * @file Checks of arguments before any work: numbers in their range, names, shapes. They say which
 * value was given, and which ones a function takes.
 */
import { DTypeError, Rng, ShapeError, Tensor, UsageError } from "@isograd/tensor";
import { expectTensor, formatShape, kindOf, type Synonyms, shown } from "@isograd/tensor/engine";

/** The most elements of an array: more do not fit into memory. */
export const ELEMENTS = 2 ** 30;

/** Names of options in e3nn, PyTorch Geometric, and the authors' code of PONITA and EGNN. */
export const synonyms: Synonyms = new Map([
  ["r", ["cutoff"]],
  ["radius", ["cutoff"]],
  ["rmax", ["cutoff"]],
  ["maxradius", ["cutoff"]],
  ["batch", ["graph"]],
  ["cell", ["box"]],
  ["number", ["size"]],
  ["numgaussians", ["size"]],
  ["numneighbors", ["k", "neighbours"]],
  ["neighbors", ["neighbours", "k"]],
  ["hidden", ["channels"]],
  ["hiddendim", ["channels"]],
  ["hiddennf", ["channels"]],
  ["width", ["channels"]],
  ["depth", ["layers"]],
  ["numinteractions", ["layers"]],
  ["basisdim", ["basis"]],
  ["numori", ["grid"]],
  ["innodenf", ["inputs"]],
  ["inedgenf", ["inputs"]],
  ["outnodenf", ["outputs"]],
  ["tasklevel", ["level"]],
  ["aggr", ["pooling"]],
  ["multiplereadouts", ["readout"]],
  ["seed", ["rng"]],
  ["generator", ["rng"]],
  ["tol", ["tolerance"]],
  ["atol", ["tolerance"]],
]);

/** @throws UsageError unless `x` is a whole number from `least` to `most`. */
export function expectWhole(
  op: string,
  name: string,
  x: unknown,
  least: number,
  most = ELEMENTS,
  help = `take one from ${least} to ${most}`,
): asserts x is number {
  const whole = typeof x === "number" && Number.isInteger(x);
  if (whole && x >= least && x <= most) return;
  const limit = whole && x > most ? `at most ${most}` : `at least ${least}`;
  throw new UsageError(op, `${name} is a whole number, ${limit}: got ${shown(x)}`, help);
}

/** @throws UsageError unless `x` is a finite number above 0. */
export function expectPositive(
  op: string,
  name: string,
  x: unknown,
  help = "take a finite number above 0",
): asserts x is number {
  if (typeof x === "number" && x > 0 && Number.isFinite(x)) return;
  throw new UsageError(op, `${name} must be positive: got ${shown(x)}`, help);
}

/** @throws UsageError unless `x` is a finite number. */
export function expectFinite(op: string, name: string, x: unknown): asserts x is number {
  if (Number.isFinite(x)) return;
  throw new UsageError(op, `${name} is a finite number: got ${shown(x)}`, "NaN spreads to results");
}

/** @throws UsageError with `problem` and the value, unless `x` is one of `all`. */
export function expectOneOf<T>(
  op: string,
  problem: string,
  x: unknown,
  all: readonly T[],
): asserts x is T {
  if (all.some((one) => one === x)) return;
  const said = all.map((one) => (typeof one === "string" ? one : shown(one)));
  const last = said.length > 1 ? ` or ${said.at(-1)}` : "";
  const help = `take ${said.slice(0, Math.max(1, said.length - 1)).join(", ")}${last}`;
  throw new UsageError(op, `${problem} ${shown(x)}`, help);
}

/** @throws UsageError unless `x` is a random number generator. */
export function expectRng(op: string, x: unknown): asserts x is Rng {
  if (x instanceof Rng) return;
  if (x !== undefined) throw wanted(op, "the generator", "made by rng(seed)", x, "write rng(0)");
  throw new UsageError(op, "no random generator was given", "pass one: { rng: rng(0) }");
}

/** @throws UsageError unless `x` is an object with the methods and properties `parts`. */
export function expectParts<T extends object>(
  op: string,
  name: string,
  x: unknown,
  parts: readonly (keyof T & string)[],
  help: string,
): asserts x is T {
  const holds = (part: string) => Reflect.get(x as object, part) !== undefined;
  const object = (typeof x === "object" || typeof x === "function") && x !== null;
  if (object && !(x instanceof Promise) && parts.every(holds)) return;
  throw wanted(op, name, `an object with ${parts.join(", ")}`, x, help);
}

/** @throws UsageError unless `x` is a function. */
export function expectFunction(op: string, name: string, x: unknown, help: string): void {
  if (typeof x !== "function") throw wanted(op, name, "a function", x, help);
}

/** The error for an argument of another kind. */
export function wanted(op: string, name: string, what: string, x: unknown, help: string) {
  return new UsageError(op, `${name} must be ${what}, got ${shown(x)}`, help);
}

/** @throws DTypeError unless `x` is a tensor, UsageError when it is disposed. */
export function expectTensorOf(op: string, name: string, x: unknown): asserts x is Tensor {
  if (name === "" || x instanceof Tensor) return expectTensor(op, x);
  const problem = `${name} must be a tensor, got ${kindOf(x)}`;
  throw new DTypeError(op, problem, "make one with tensor(…)");
}

/**
 * Throws unless `x` is a tensor of a shape: numbers are lengths, letters any lengths, equal where
 * the letters are; a "…" in front is any number of axes. Without a name it says "got".
 */
export function expectShape(
  op: string,
  name: string,
  x: unknown,
  shape: readonly (number | string)[],
  help = "letters stand for any length",
): asserts x is Tensor {
  expectTensorOf(op, name, x);
  const open = shape[0] === "…";
  const tail = open ? shape.slice(1) : shape;
  const own = x.shape.slice(Math.max(0, x.shape.length - tail.length));
  const enough = open ? own.length === tail.length : x.shape.length === tail.length;
  const length = (i: number) => {
    const first = tail.indexOf(tail[i] as string);
    return typeof tail[i] === "number" ? tail[i] : own[first];
  };
  if (enough && own.every((n, i) => n === length(i))) return;
  const said = name === "" ? "got" : `${name} ${name.endsWith("s") ? "are" : "is"}`;
  const expected = `[${shape.join(", ")}]`;
  throw new ShapeError(op, `${said} ${formatShape(x.shape)}, expected ${expected}`, help);
}

/** @throws UsageError unless `shape` is a list of lengths of at most `most` elements in all. */
export function expectLengths(op: string, shape: unknown, most: number): void {
  const whole = (n: unknown) => typeof n === "number" && Number.isInteger(n) && n >= 0;
  const help = "write [2, 3], or [] for a single one";
  if (!Array.isArray(shape) || !shape.every(whole)) {
    throw wanted(op, "the shape", "a list of whole numbers", shape, help);
  }
  expectWhole(
    op,
    "the product of a shape",
    shape.reduce((a, b) => a * b, 1),
    0,
    most,
  );
}

/**
 * Throws unless all sizes are whole numbers from 1 on, and `count` of them, a number of weights,
 * fits into memory.
 */
export function expectSizes(
  op: string,
  sizes: Readonly<Record<string, unknown>>,
  count: (...sizes: number[]) => number,
): void {
  for (const [name, size] of Object.entries(sizes)) expectWhole(op, name, size, 1);
  const weights = count(...(Object.values(sizes) as number[]));
  if (weights <= ELEMENTS) return;
  const said = Object.entries(sizes).map(([name, size]) => `${name} ${size}`);
  const problem = `${said.join(", ")} make ${weights} weights, more than ${ELEMENTS}`;
  throw new UsageError(op, problem, "take smaller sizes");
}
