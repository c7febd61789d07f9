/** @file Whether two lists of attributes, or two programs, are the same. */
import { isTensor, shapesEqual, sizeOf, storageOf } from "@isograd/tensor/engine";
import type { Instruction, Origin, Program, Use } from "./program.js";
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
  if (changing) return sameWalk(p.walk, q.walk);
  // other memory with the same numbers: made again, or made contiguous in between
  return (sameWalk(p.walk, q.walk) && p.storage === q.storage) || sameNumbers(p, q);
}

type Constant = Extract<Origin, { kind: "constant" }>;

/** Elements of a constant up to which it is compared. */
const MANY = 2 ** 20;

function sameNumbers(a: Constant, b: Constant): boolean {
  if (a.storage.dtype !== b.storage.dtype) return false;
  if (countOf(a) > MANY || countOf(b) > MANY) return sameWalk(a.walk, b.walk);
  const [mine, other] = [elementsOf(a), elementsOf(b)];
  if (mine.length !== other.length) return false;
  for (let i = 0; i < mine.length; i++) if (!Object.is(mine[i], other[i])) return false;
  return true;
}

function countOf({ storage, walk }: Constant): number {
  return Math.max(storage.size, walk === null ? 0 : sizeOf(walk.shape));
}

/** The elements of a constant in their order. */
function elementsOf({ storage, walk }: Constant): ArrayLike<number> {
  const data = storage.device.readSync(storage, storage.size);
  if (walk === null) return data;
  let places = [0];
  for (const [axis, length] of walk.shape.entries()) {
    const stride = walk.strides[axis] as number;
    places = places.flatMap((at) => Array.from({ length }, (_, i) => at + i * stride));
  }
  return places.map((at) => data[at] as number);
}
