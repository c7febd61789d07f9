/** @file What nn demands of numbers, sizes and results, and how it says so. */
import { UsageError } from "@isograd/tensor";
import { shown } from "@isograd/tensor/engine";

/** Whether x is a number for which `holds`; options may be anything in plain JavaScript. */
export function isNumber(x: unknown, holds: (x: number) => boolean): x is number {
  return typeof x === "number" && holds(x);
}

/** Whether x is a whole number from `least`. */
export function isWhole(x: unknown, least = 0): x is number {
  return isNumber(x, (n) => Number.isInteger(n) && n >= least);
}

/** @throws UsageError unless x is a whole number from `least`. */
export function expectWhole(op: string, name: string, x: unknown, least = 0): void {
  if (isWhole(x, least)) return;
  const help = `write ${name} as a number such as ${least + 1}`;
  throw new UsageError(op, `${name} must be a whole number from ${least}, got ${shown(x)}`, help);
}

/** The largest number of elements of a parameter: 2 GiB of float32. */
export const MOST = 2 ** 29;

/**
 * @throws UsageError unless the sizes of a layer are whole numbers, and its largest parameter, of
 *   this shape, fits into memory; before anything is made.
 */
export function expectSizes(
  op: string,
  sizes: Readonly<Record<string, unknown>>,
  shape: readonly unknown[] = Object.values(sizes),
): void {
  for (const [name, x] of Object.entries(sizes)) expectWhole(op, name, x);
  const count = shape.reduce((product: number, n) => product * Number(n), 1);
  if (count <= MOST) return;
  const given = Object.entries(sizes).map(([name, x]) => `${name} ${shown(x)}`);
  throw new UsageError(
    op,
    `${given.join(", ")}: a parameter of ${count} elements`,
    `a parameter has at most ${MOST} elements, 2 GiB of float32`,
  );
}

/** @throws UsageError unless x is an object other than a list, with what `help` says. */
export function expectRecord(op: string, what: string, x: unknown, help: string): void {
  if (typeof x === "object" && x !== null && !Array.isArray(x)) return;
  throw new UsageError(op, `needs ${what}, got ${shown(x)}`, help);
}
