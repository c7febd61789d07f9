/** @file The frequencies of a Fourier transform, and their order. */

import { UsageError } from "../../base/errors.js";
import { given, noMore, shown } from "../../base/options.js";
import { normalizeAxes } from "../../base/shape.js";
import { roomFor, type TensorOptions } from "../../core/creation.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import { Tensor } from "../../core/tensor.js";
import { tensor } from "../creation.js";
import { abs } from "../elementwise/unary.js";

import { roll } from "../shape/rearrange.js";
import type { Complex, ComplexLike } from "./pairs.js";

/** The distance of samples (default: 1), and the dtype and device of the result. */
export interface FrequencyOptions extends TensorOptions {
  readonly d?: number | undefined;
}

function frequencies(op: string, n: number, half: boolean, options?: FrequencyOptions): Tensor {
  const { d = 1, dtype = "float32", device } = given(op, options, "d# dtype device");
  if (!Number.isInteger(n) || n < 1 || !Number.isFinite(d) || d === 0) {
    throw new UsageError(
      op,
      `cannot make frequencies of n = ${shown(n)}, d = ${d}`,
      "n is a whole number from 1, d a number other than 0",
    );
  }
  const count = half ? Math.floor(n / 2) + 1 : n;
  roomFor(op, [count], "float64");
  const values = Array.from({ length: count }, (_, k) => (2 * k < n ? k : k - n) / (n * d));
  return tensor(values, { dtype, device });
}

/**
 * The frequency that belongs to each number of `fft` of n samples at distance d: 0, 1, …, −1 over
 * n·d.
 *
 * @throws UsageError for n below 1.
 * @example
 * fftfreq(4).toArray(); // [0,0.25,-0.5,-0.25]
 */
export function fftfreq(n: number, options?: FrequencyOptions, ...surplus: []): Tensor {
  noMore("fftfreq", surplus);
  return frequencies("fftfreq", n, false, options);
}

/**
 * The frequency of each number of `rfft`; none is negative.
 *
 * @throws UsageError for n below 1.
 * @example
 * rfftfreq(4).toArray(); // [0,0.25,0.5]
 */
export function rfftfreq(n: number, options?: FrequencyOptions, ...surplus: []): Tensor {
  noMore("rfftfreq", surplus);
  return scope(() => abs(frequencies("rfftfreq", n, true, options)));
}

/** Which axes are shifted; default: all. */
export interface ShiftOptions {
  readonly axes?: number | readonly number[] | undefined;
}

function shifted(
  op: string,
  x: Tensor,
  axes: ShiftOptions["axes"],
  by: (n: number) => number,
): Tensor {
  expectTensor(op, x);
  const places = normalizeAxes(op, axes, x.shape);
  const shifts = places.map((axis) => by(x.shape[axis] as number));
  return roll(x, shifts, { axis: places });
}

/**
 * Puts frequency 0 in the middle: rolls each axis by ⌊n/2⌋. Of a pair, both parts.
 *
 * @throws ShapeError when an axis is not there.
 * @example
 * fftshift(fftfreq(4)).toArray(); // [-0.5,-0.25,0,0.25]
 */
export function fftshift<X extends ComplexLike>(x: X, options?: ShiftOptions, ...surplus: []): X {
  const { axes } = given("fftshift", options, "axes");
  noMore("fftshift", surplus);
  const shift = (part: Tensor) => shifted("fftshift", part, axes, (n) => Math.floor(n / 2));
  return eachPart(x, shift);
}

/**
 * The inverse of {@link fftshift}, also for odd lengths.
 *
 * @throws ShapeError when an axis is not there.
 * @example
 * ifftshift(tensor([-1, 0, 1])).toArray(); // [0,1,-1]
 */
export function ifftshift<X extends ComplexLike>(x: X, options?: ShiftOptions, ...surplus: []): X {
  const { axes } = given("ifftshift", options, "axes");
  noMore("ifftshift", surplus);
  const shift = (part: Tensor) => shifted("ifftshift", part, axes, (n) => -Math.floor(n / 2));
  return eachPart(x, shift);
}

function eachPart<X extends ComplexLike>(x: X, use: (part: Tensor) => Tensor): X {
  if (x instanceof Tensor) return use(x) as X;
  const { re, im } = (x ?? {}) as Partial<Complex>;
  // a pair gives a pair: TypeScript does not narrow the type parameter
  return { re: use(re as Tensor), im: use(im as Tensor) } as unknown as X;
}
