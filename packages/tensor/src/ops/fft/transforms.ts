/**
 * @file Fourier transforms under the names of NumPy and the array API, of any length. A complex
 * tensor is a pair { re, im }: a tree, as gradients take them.
 *
 * @noMethod
 */

import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { tensor } from "../creation.js";

import { mul } from "../elementwise/binary.js";
import { neg } from "../elementwise/unary.js";
import { moveAxis } from "../shape/axes.js";
import { dft, realDft, realDftTransposed } from "./dft.js";
import {
  type Along,
  alongMany,
  alongOne,
  type Complex,
  type ComplexLike,
  checkLength,
  type FourierAxesOptions,
  type FourierNorm,
  type FourierOptions,
  fromPlanes,
  planesOf,
  realOf,
  resized,
  scaled,
  throughRows,
} from "./pairs.js";

interface Way {
  readonly op: string;
  readonly inverse: boolean;
  readonly norm: FourierNorm;
}

const waysOf = (op: string, inverse: boolean, norm: FourierNorm = "backward"): Way => ({
  op,
  inverse,
  norm,
});

/** Planes [2, ...shape] transformed along axes of the shape. */
function complexAlong(planes: Tensor, along: readonly Along[], { op, inverse, norm }: Way): Tensor {
  for (const { n } of along) checkLength(op, n);
  const out = along.reduce(
    (x, { axis, n }) => throughRows(resized(x, axis + 1, n), axis, (rows) => dft(rows, inverse)),
    planes,
  );
  return scaled(op, out, norm, inverse, product(along));
}

const product = (along: readonly Along[]): number => along.reduce((all, { n }) => all * n, 1);
const conjugate = ({ re, im }: Complex): Complex => ({ re, im: neg(im) });
const other = (norm: FourierNorm = "backward"): FourierNorm =>
  norm === "backward" ? "forward" : norm === "forward" ? "backward" : norm;

function one(way: Way, x: ComplexLike, options: FourierOptions): Complex {
  return scope(() => {
    const planes = planesOf(way.op, x);
    const shape = planes.shape.slice(1);
    const axis = alongOne(way.op, shape, options);
    const n = options.n ?? (shape[axis] as number);
    return fromPlanes(complexAlong(planes, [{ axis, n }], way));
  });
}

function many(way: Way, x: ComplexLike, options: FourierAxesOptions): Complex {
  return scope(() => {
    const planes = planesOf(way.op, x);
    return fromPlanes(complexAlong(planes, alongMany(way.op, planes.shape.slice(1), options), way));
  });
}

/** [2, ...] of a real tensor along one axis. */
function realAlong(x: Tensor, { axis, n }: Along, { op, inverse, norm }: Way): Tensor {
  checkLength(op, n);
  const rows = moveAxis(resized(x, axis, n), axis, -1);
  const out = moveAxis(realDft(rows), [-2, -1], [0, axis + 1]);
  return scaled(op, out, norm, inverse, n);
}

/** The real tensor whose half spectrum is [2, ...], n numbers along one axis. */
function backToReal(planes: Tensor, { axis, n }: Along, { op, inverse, norm }: Way): Tensor {
  checkLength(op, n);
  const bins = Math.floor(n / 2) + 1;
  const rows = moveAxis(resized(planes, axis + 1, bins), [0, axis + 1], [-2, -1]);
  // every number but the first, and the last of an even length, stands for two
  const weights = Array.from({ length: bins }, (_, k) => (k === 0 || 2 * k === n ? 1 : 2));
  const like = { dtype: rows.dtype, device: rows.device };
  const out = realDftTransposed(mul(rows, tensor(weights, like)), n);
  return scaled(op, moveAxis(out, -1, axis), norm, inverse, n);
}

/**
 * The discrete Fourier transform of an axis: Xₖ = Σⱼ xⱼ e^(−2πi jk/n), in float64 whatever the
 * dtype.
 *
 * @throws ShapeError when the parts differ in shape or the axis is not there; UsageError for a
 * length below 1.
 * @example
 * fft(tensor([1, 0, 0, 0])).re.toArray(); // [1,1,1,1]
 * fft({ re: tensor([0, 1]), im: tensor([1, 0]) }).im.toArray(); // [1,1]
 */
export function fft(x: ComplexLike, options: FourierOptions = {}): Complex {
  return one(waysOf("fft", false, options.norm), x, options);
}

/**
 * The inverse of {@link fft}: xⱼ = 1/n Σₖ Xₖ e^(2πi jk/n).
 *
 * @throws As `fft` does.
 * @example
 * ifft(fft(tensor([1, 2, 3]))).re.round().toArray(); // [1,2,3]
 */
export function ifft(x: ComplexLike, options: FourierOptions = {}): Complex {
  return one(waysOf("ifft", true, options.norm), x, options);
}

/**
 * The transform of several axes (default: all).
 *
 * @throws As `fft` does, and for axes given twice.
 * @example
 * fftn(tensor([[1, 2], [3, 4]])).re.toArray(); // [[10,-2],[-4,0]]
 */
export function fftn(x: ComplexLike, options: FourierAxesOptions = {}): Complex {
  return many(waysOf("fftn", false, options.norm), x, options);
}

/**
 * The inverse of {@link fftn}.
 *
 * @throws As `fftn` does.
 * @example
 * ifftn(tensor([[10, -2], [-4, 0]])).re.toArray(); // [[1,2],[3,4]]
 */
export function ifftn(x: ComplexLike, options: FourierAxesOptions = {}): Complex {
  return many(waysOf("ifftn", true, options.norm), x, options);
}

/** The options, with the last two axes as the default. */
const lastTwo = (options: FourierAxesOptions): FourierAxesOptions => ({
  ...options,
  axes: options.axes ?? [-2, -1],
});

/**
 * The transform of two axes (default: the last two).
 *
 * @throws As `fftn` does.
 * @example
 * fft2(tensor([[1, 2], [3, 4]])).re.toArray(); // [[10,-2],[-4,0]]
 */
export function fft2(x: ComplexLike, options: FourierAxesOptions = {}): Complex {
  return many(waysOf("fft2", false, options.norm), x, lastTwo(options));
}

/**
 * The inverse of {@link fft2}.
 *
 * @throws As `fftn` does.
 * @example
 * ifft2(fft2(tensor([[1, 2], [3, 4]]))).re.toArray(); // [[1,2],[3,4]]
 */
export function ifft2(x: ComplexLike, options: FourierAxesOptions = {}): Complex {
  return many(waysOf("ifft2", true, options.norm), x, lastTwo(options));
}

/**
 * The transform of real numbers: the first ⌊n/2⌋ + 1 of {@link fft}, of which the others are the
 * conjugates.
 *
 * @throws As `fft` does.
 * @example
 * rfft(tensor([1, 2, 3, 4])).re.toArray(); // [10,-2,-2]
 */
export function rfft(x: Tensor, options: FourierOptions = {}): Complex {
  return scope(() => {
    const real = realOf("rfft", x);
    const axis = alongOne("rfft", real.shape, options);
    const n = options.n ?? (real.shape[axis] as number);
    return fromPlanes(realAlong(real, { axis, n }, waysOf("rfft", false, options.norm)));
  });
}

/**
 * The inverse of {@link rfft}: n real numbers from ⌊n/2⌋ + 1 complex ones. The default n is
 * twice the length less two.
 *
 * @throws As `fft` does.
 * @example
 * irfft({ re: tensor([10, -2, -2]), im: tensor([0, 2, 0]) }).toArray(); // [1,2,3,4]
 */
export function irfft(x: ComplexLike, options: FourierOptions = {}): Tensor {
  return realFrom(waysOf("irfft", true, options.norm), x, options);
}

function realFrom(way: Way, x: ComplexLike, options: FourierOptions, turn = false): Tensor {
  return scope(() => {
    const planes = planesOf(way.op, x);
    const shape = planes.shape.slice(1);
    const axis = alongOne(way.op, shape, options);
    const n = options.n ?? 2 * ((shape[axis] as number) - 1);
    const turned = turn ? planesOf(way.op, conjugate(fromPlanes(planes))) : planes;
    return backToReal(turned, { axis, n }, way);
  });
}

/**
 * The transform of several axes of a real tensor: `rfft` of the last of them, then `fft` of the
 * others.
 *
 * @throws As `fftn` does.
 * @example
 * rfftn(tensor([[1, 2], [3, 4]])).re.toArray(); // [[10,-2],[-4,0]]
 */
export function rfftn(x: Tensor, options: FourierAxesOptions = {}): Complex {
  return realMany(waysOf("rfftn", false, options.norm), x, options);
}

/**
 * `rfftn` of the last two axes.
 *
 * @throws As `fftn` does.
 * @example
 * rfft2(tensor([[1, 2, 3], [4, 5, 6]])).re.shape; // [2,2]
 */
export function rfft2(x: Tensor, options: FourierAxesOptions = {}): Complex {
  return realMany(waysOf("rfft2", false, options.norm), x, lastTwo(options));
}

function realMany(way: Way, x: Tensor, options: FourierAxesOptions): Complex {
  return scope(() => {
    const real = realOf(way.op, x);
    const along = alongMany(way.op, real.shape, options);
    const last = along.at(-1);
    if (last === undefined) return fromPlanes(planesOf(way.op, real));
    return fromPlanes(complexAlong(realAlong(real, last, way), along.slice(0, -1), way));
  });
}

/**
 * The inverse of {@link rfftn}; the last axis becomes twice its length less two, unless `s` says
 * otherwise.
 *
 * @throws As `fftn` does.
 * @example
 * irfftn(rfftn(tensor([[1, 2], [3, 4]]))).toArray(); // [[1,2],[3,4]]
 */
export function irfftn(x: ComplexLike, options: FourierAxesOptions = {}): Tensor {
  return realFromMany(waysOf("irfftn", true, options.norm), x, options);
}

/**
 * `irfftn` of the last two axes.
 *
 * @throws As `fftn` does.
 * @example
 * irfft2(rfft2(tensor([[1, 2], [3, 4]]))).toArray(); // [[1,2],[3,4]]
 */
export function irfft2(x: ComplexLike, options: FourierAxesOptions = {}): Tensor {
  return realFromMany(waysOf("irfft2", true, options.norm), x, lastTwo(options));
}

function realFromMany(way: Way, x: ComplexLike, options: FourierAxesOptions): Tensor {
  return scope(() => {
    const planes = planesOf(way.op, x);
    const along = alongMany(way.op, planes.shape.slice(1), options);
    const last = along.at(-1);
    if (last === undefined) return fromPlanes(planes).re;
    const n = options.s === undefined ? 2 * (last.n - 1) : last.n;
    return backToReal(complexAlong(planes, along.slice(0, -1), way), { axis: last.axis, n }, way);
  });
}

/**
 * The transform of n numbers that are Hermitian, given by the first ⌊n/2⌋ + 1 of them; it is real.
 *
 * @throws As `fft` does.
 * @example
 * hfft(tensor([1, 2, 1])).toArray(); // [6,0,-2,0]
 */
export function hfft(x: ComplexLike, options: FourierOptions = {}): Tensor {
  return realFrom(waysOf("hfft", true, other(options.norm)), x, options, true);
}

/**
 * The inverse of {@link hfft}.
 *
 * @throws As `fft` does.
 * @example
 * ihfft(tensor([6, 0, -2, 0])).re.toArray(); // [1,2,1]
 */
export function ihfft(x: Tensor, options: FourierOptions = {}): Complex {
  return scope(() => {
    const real = realOf("ihfft", x);
    const axis = alongOne("ihfft", real.shape, options);
    const n = options.n ?? (real.shape[axis] as number);
    const way = waysOf("ihfft", false, other(options.norm));
    return conjugate(fromPlanes(realAlong(real, { axis, n }, way)));
  });
}
