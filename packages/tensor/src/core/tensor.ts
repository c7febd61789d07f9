/** @file What users see of a tensor. Knows nothing of memory, tapes and ops. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { DType, TypedArray } from "../base/dtype.js";
import type { Nested } from "../base/print/format.js";
import type { PrintOptions } from "../base/print/numbers.js";
import type { Shape } from "../base/shape.js";

export interface Tensor {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly isTensor: true;
  /** The number of elements. */
  readonly size: number;
  /** The number of axes. */
  readonly rank: number;
  /** The number of axes, as NumPy and the array API call it. */
  readonly ndim: number;
  /** Name of the device that holds this tensor. */
  readonly device: string;
  /** Whether this handle was disposed. */
  readonly disposed: boolean;
  /** The gradient that `backward()` collected here; null before, and for tensors that need none. */
  readonly grad: Tensor | null;
  /** The elements, row-major, in a new typed array; works on every device. */
  data(): Promise<TypedArray>;
  /** The elements at once; a DeviceError on devices that can only be read asynchronously. */
  dataSync(): TypedArray;
  /** The only element, as a JavaScript number (0 or 1 for bool). */
  item(): number;
  /** Nested JavaScript arrays of numbers (booleans for bool), or one number for a 0-d tensor. */
  toArray(): Nested;
  /** What JSON holds of it: nested arrays, with null for NaN and infinities. */
  toJSON(): Nested;
  /** NumPy-like text: `Tensor(float32, [2]) [4, 6]`. */
  toString(options?: PrintOptions): string;
  /**
   * A second handle on the same memory and the same place in the graph. Outside of every scope
   * unless `scoped`: then the innermost scope owns it.
   *
   * @throws UsageError that names `op` when this handle is disposed.
   */
  alias(scoped?: boolean, op?: string): Tensor;
  /**
   * Walks back from this tensor and adds its gradient to every leaf that requires one.
   *
   * @throws GradientError when nothing was recorded (see `requiresGrad` of @isograd/autograd).
   */
  backward(cotangent?: Tensor): void;
  /** Frees this handle; the memory is freed when no other handle, view or tape node uses it. */
  dispose(): void;
  [Symbol.dispose](): void;
  /** The parts along the first axis: rows of a matrix, numbers (0-d) of a vector. */
  [Symbol.iterator](): Iterator<Tensor>;
  /**
   * This tensor on another device (itself when it is there already).
   *
   * @throws DTypeError when that device does not hold the dtype.
   */
  to(device: string): Promise<Tensor>;
}

/**
 * An n-dimensional array of one dtype, living in the memory of one device. Immutable: every op
 * makes a new one. Methods bear the names of the functions: `x.tanh()` is `tanh(x)`.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: `x instanceof Tensor` for what ops make
export abstract class Tensor {}

/** Anything that stands for a tensor in arithmetic: JavaScript numbers take the other's dtype. */
export type TensorLike = Tensor | number | boolean;
