/** @file Whether two lists of attributes, or two programs, are the same. */
import { isTensor, type Storage, shapesEqual, storageOf } from "@isograd/tensor/engine";
import type { Instruction, Program, Use } from "./program.js";
import { sameWalk } from "./trace.js";

/** Equal numbers, strings, functions, and plain objects, arrays and typed arrays of them. */
export function sameAttrs(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (isTensor(a) && isTensor(b)) return storageOf(a) === storageOf(b);
  if (a instanceof Map || a instanceof Set || a instanceof Date) return false;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  return (
    keys.length === others.length &&
    keys.every(
      (key) =>
        Object.hasOwn(b, key) &&
        sameAttrs((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}

/** What differs between two programs of one function; null where nothing does. */
export function difference(a: Program, b: Program): string | null {
  const [mine, other] = [a.instructions, b.instructions];
  for (let i = 0; i < Math.max(mine.length, other.length); i++) {
    const [x, y] = [mine[i], other[i]];
    if (x === undefined) return `one more op: ${y?.op.name}`;
    if (y === undefined) return `one op less: ${x.op.name}`;
    const found = differenceAt(x, y);
    if (found !== null) return `instruction ${i}, ${found}`;
  }
  if (!sameUses(a.outputs, b.outputs, false)) return "it returns another tensor";
  const written = ({ writes }: Program) =>
    writes.map(({ at, value }) => `${at} ${value.id}`).join();
  return written(a) === written(b) ? null : "it writes other state";
}

function differenceAt(x: Instruction, y: Instruction): string | null {
  if (x.op !== y.op) return `${x.op.name} in one call, ${y.op.name} in the next`;
  if (!x.changing && !sameAttrs(x.attrs.now, y.attrs.now)) {
    return `${x.op.name}: other attributes in each call`;
  }
  if (sameUses(x.operands, y.operands, x.changing)) return null;
  return `${x.op.name}: an operand is a number that changes from call to call`;
}

function sameUses(a: readonly Use[], b: readonly Use[], changing: boolean): boolean {
  return a.length === b.length && a.every((use, i) => sameUse(use, b[i] as Use, changing));
}

function sameUse(a: Use, b: Use, changing: boolean): boolean {
  const [p, q] = [a.value.origin, b.value.origin];
  if (p.kind !== q.kind || !shapesEqual(a.shape, b.shape)) return false;
  if (p.kind !== "constant" || q.kind !== "constant") return a.value.id === b.value.id;
  if (!sameWalk(p.walk, q.walk)) return false;
  return changing || p.storage === q.storage || sameNumbers(p.storage, q.storage);
}

/** Elements of a constant up to which it is compared. */
const MANY = 2 ** 20;

function sameNumbers(a: Storage, b: Storage): boolean {
  if (a.size !== b.size || a.dtype !== b.dtype) return false;
  if (a.size > MANY) return true;
  const [mine, other] = [a.device.readSync(a, a.size), b.device.readSync(b, b.size)];
  return mine.every((x, i) => Object.is(x, other[i]));
}
