/** @file What the door demands of its arguments, and how it says so. */
import { DTypeError, UsageError } from "../base/errors.js";
import { noMore, shown } from "../base/options.js";
import { formatShape, type Shape, sizeOf } from "../base/shape.js";
import type { Operand } from "./contract.js";
import { Tensor } from "./tensor.js";
import type { Path } from "./tree.js";

/**
 * Throws a DTypeError that names the op unless `x` is a tensor, a UsageError when it is disposed,
 * or when there are arguments after the last.
 */
export function expectTensor(
  op: string,
  x: unknown,
  surplus?: readonly unknown[],
): asserts x is Tensor {
  if (x instanceof Tensor) {
    expectLive(op, x);
    if (surplus?.length) noMore(op, surplus, true);
    return;
  }
  throw noTensor(op, x);
}

/** The error for what stands where a tensor should. */
export function noTensor(op: string, x: unknown): DTypeError {
  return new DTypeError(op, `needs a tensor, got ${kindOf(x)}`, "make one with tensor(…)");
}

/** Throws unless `x` is a list of tensors. */
export function expectTensors(op: string, x: unknown): asserts x is readonly Tensor[] {
  if (!Array.isArray(x)) {
    throw new DTypeError(op, `needs a list of tensors, got ${kindOf(x)}`, "write [a, b]");
  }
  for (let i = 0; i < x.length; i++) expectTensor(op, x[i]);
}

/** Throws a UsageError that names the op unless `f` is a function. */
export function expectFunction(op: string, f: unknown, help = "write (x) => …"): void {
  if (typeof f === "function") return;
  throw new UsageError(op, `needs a function, got ${shown(f)}`, help);
}

/** Throws a UsageError for what an async function returned; its errors are handled so. */
export function expectSync(op: string, result: unknown, help: string): void {
  const { then } = (result ?? {}) as Partial<PromiseLike<unknown>>;
  if (typeof then !== "function") return;
  then.call(result, null, () => {});
  throw new UsageError(op, "the function returned a promise", help);
}

/** What a value is, for errors: "an array", "a string", "undefined". */
export function kindOf(x: unknown): string {
  if (x === null || x === undefined) return String(x);
  if (x instanceof Tensor) return "a tensor";
  const kind = Array.isArray(x) ? "array" : typeof x;
  return `${kind === "array" || kind === "object" ? "an" : "a"} ${kind}`;
}

/**
 * Throws a UsageError that names the op, and the place in a tree, when `x` is disposed: its memory
 * may be another tensor's by now.
 */
export function expectLive(op: string, x: Tensor, place: Path | null = null): void {
  if (!x.disposed) return;
  const at = place === null || place.keys.length === 0 ? "" : `${place}: `;
  throw new UsageError(
    op,
    `${at}a tensor of shape ${formatShape(x.shape)} is used after it was disposed`,
    "return it from the scope that made it, or drop the dispose()",
  );
}

/**
 * Throws a UsageError when a list of lengths or strides was written to: kernels that trusted it
 * would leave the tensor's memory.
 */
export function expectUnchanged(op: string, { shape, strides, size, storage }: Operand): void {
  if (sizeOf(shape) === size && (strides === null || fits(shape, strides, size, storage.size)))
    return;
  throw new UsageError(
    op,
    `the shape or the strides of a tensor of ${size} elements were changed: [${shape.join(", ")}]`,
    "copy the list: [...x.shape]",
  );
}

/** Whether the last element of a strided tensor lies in its memory. */
function fits(shape: Shape, strides: Shape, size: number, capacity: number): boolean {
  let last = 0;
  for (let i = 0; i < shape.length; i++) {
    last += ((shape[i] as number) - 1) * (strides[i] as number);
  }
  return size === 0 || (last >= 0 && last < capacity);
}
