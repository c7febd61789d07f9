/**
 * @file Fourier transforms under the names of NumPy and the array API, of any length. A complex
 * tensor is a pair { re, im }: a tree, as gradients take them.
 *
 * @noMethod
 */

import { given, noMore } from "../../base/options.js";
import { normalizeAxis } from "../../base/shape.js";
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

/** How a transform of one axis is done. */
interface OneWay extends Way {
  readonly n: number | undefined;
  readonly axis: number;
}

/** How a transform of several axes is done. */
interface ManyWays extends Way {
  readonly options: FourierAxesOptions;
}

function oneWay(op: string, inverse: boolean, options: FourierOptions | undefined): OneWay {
  const { n, axis = -1, norm = "backward" } = given(op, options, "n# axis norm");
  return { op, inverse, norm, n, axis };
}

function manyWays(
  op: string,
  inverse: boolean,
  options: FourierAxesOptions | undefined,
  axes?: readonly number[],
): ManyWays {
  const chosen = given(op, options, "s axes norm");
  const { s, norm = "backward" } = chosen;
  return { op, inverse, norm, options: { s, axes: chosen.axes ?? axes } };
}

const lastTwo = [-2, -1];

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
/** The same with the other direction divided. */
const otherWay = (way: OneWay): OneWay => {
  const { norm } = way;
  const other = norm === "backward" ? "forward" : norm === "forward" ? "backward" : norm;
  return { ...way, norm: other };
};

function one(way: OneWay, x: ComplexLike): Complex {
  return scope(() => {
    const planes = planesOf(way.op, x);
    const shape = planes.shape.slice(1);
    const axis = normalizeAxis(way.op, way.axis, shape);
    const n = way.n ?? (shape[axis] as number);
    return fromPlanes(complexAlong(planes, [{ axis, n }], way));
  });
}

function many(way: ManyWays, x: ComplexLike): Complex {
  return scope(() => {
    const planes = planesOf(way.op, x);
    const along = alongMany(way.op, planes.shape.slice(1), way.options);
    return fromPlanes(complexAlong(planes, along, way));
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
export function fft(x: ComplexLike, options?: FourierOptions, ...surplus: []): Complex {
  noMore("fft", surplus);
  return one(oneWay("fft", false, options), x);
}

/**
 * The inverse of {@link fft}: xⱼ = 1/n Σₖ Xₖ e^(2πi jk/n).
 *
 * @throws As `fft` does.
 * @example
 * ifft(fft(tensor([1, 2, 3]))).re.round().toArray(); // [1,2,3]
 */
export function ifft(x: ComplexLike, options?: FourierOptions, ...surplus: []): Complex {
  noMore("ifft", surplus);
  return one(oneWay("ifft", true, options), x);
}

/**
 * The transform of several axes (default: all).
 *
 * @throws As `fft` does, and for axes given twice.
 * @example
 * fftn(tensor([[1, 2], [3, 4]])).re.toArray(); // [[10,-2],[-4,0]]
 */
export function fftn(x: ComplexLike, options?: FourierAxesOptions, ...surplus: []): Complex {
  noMore("fftn", surplus);
  return many(manyWays("fftn", false, options), x);
}

/**
 * The inverse of {@link fftn}.
 *
 * @throws As `fftn` does.
 * @example
 * ifftn(tensor([[10, -2], [-4, 0]])).re.toArray(); // [[1,2],[3,4]]
 */
export function ifftn(x: ComplexLike, options?: FourierAxesOptions, ...surplus: []): Complex {
  noMore("ifftn", surplus);
  return many(manyWays("ifftn", true, options), x);
}

/**
 * The transform of two axes (default: the last two).
 *
 * @throws As `fftn` does.
 * @example
 * fft2(tensor([[1, 2], [3, 4]])).re.toArray(); // [[10,-2],[-4,0]]
 */
export function fft2(x: ComplexLike, options?: FourierAxesOptions, ...surplus: []): Complex {
  noMore("fft2", surplus);
  return many(manyWays("fft2", false, options, lastTwo), x);
}

/**
 * The inverse of {@link fft2}.
 *
 * @throws As `fftn` does.
 * @example
 * ifft2(fft2(tensor([[1, 2], [3, 4]]))).re.toArray(); // [[1,2],[3,4]]
 */
export function ifft2(x: ComplexLike, options?: FourierAxesOptions, ...surplus: []): Complex {
  noMore("ifft2", surplus);
  return many(manyWays("ifft2", true, options, lastTwo), x);
}

/**
 * The transform of real numbers: the first ⌊n/2⌋ + 1 of {@link fft}, of which the others are the
 * conjugates.
 *
 * @throws As `fft` does.
 * @example
 * rfft(tensor([1, 2, 3, 4])).re.toArray(); // [10,-2,-2]
 */
export function rfft(x: Tensor, options?: FourierOptions, ...surplus: []): Complex {
  noMore("rfft", surplus);
  return realOne(oneWay("rfft", false, options), x);
}

/**
 * The inverse of {@link rfft}: n real numbers from ⌊n/2⌋ + 1 complex ones. The default n is
 * twice the length less two.
 *
 * @throws As `fft` does.
 * @example
 * irfft({ re: tensor([10, -2, -2]), im: tensor([0, 2, 0]) }).toArray(); // [1,2,3,4]
 */
export function irfft(x: ComplexLike, options?: FourierOptions, ...surplus: []): Tensor {
  noMore("irfft", surplus);
  return realFrom(oneWay("irfft", true, options), x);
}

function realOne(way: OneWay, x: Tensor): Complex {
  return scope(() => {
    const real = realOf(way.op, x);
    const axis = normalizeAxis(way.op, way.axis, real.shape);
    const n = way.n ?? (real.shape[axis] as number);
    return fromPlanes(realAlong(real, { axis, n }, way));
  });
}

function realFrom(way: OneWay, x: ComplexLike, turn = false): Tensor {
  return scope(() => {
    const planes = planesOf(way.op, x);
    const shape = planes.shape.slice(1);
    const axis = normalizeAxis(way.op, way.axis, shape);
    const n = way.n ?? 2 * ((shape[axis] as number) - 1);
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
export function rfftn(x: Tensor, options?: FourierAxesOptions, ...surplus: []): Complex {
  noMore("rfftn", surplus);
  return realMany(manyWays("rfftn", false, options), x);
}

/**
 * `rfftn` of the last two axes.
 *
 * @throws As `fftn` does.
 * @example
 * rfft2(tensor([[1, 2, 3], [4, 5, 6]])).re.shape; // [2,2]
 */
export function rfft2(x: Tensor, options?: FourierAxesOptions, ...surplus: []): Complex {
  noMore("rfft2", surplus);
  return realMany(manyWays("rfft2", false, options, lastTwo), x);
}

function realMany(way: ManyWays, x: Tensor): Complex {
  return scope(() => {
    const real = realOf(way.op, x);
    const along = alongMany(way.op, real.shape, way.options);
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
export function irfftn(x: ComplexLike, options?: FourierAxesOptions, ...surplus: []): Tensor {
  noMore("irfftn", surplus);
  return realFromMany(manyWays("irfftn", true, options), x);
}

/**
 * `irfftn` of the last two axes.
 *
 * @throws As `fftn` does.
 * @example
 * irfft2(rfft2(tensor([[1, 2], [3, 4]]))).toArray(); // [[1,2],[3,4]]
 */
export function irfft2(x: ComplexLike, options?: FourierAxesOptions, ...surplus: []): Tensor {
  noMore("irfft2", surplus);
  return realFromMany(manyWays("irfft2", true, options, lastTwo), x);
}

function realFromMany(way: ManyWays, x: ComplexLike): Tensor {
  return scope(() => {
    const planes = planesOf(way.op, x);
    const along = alongMany(way.op, planes.shape.slice(1), way.options);
    const last = along.at(-1);
    if (last === undefined) return fromPlanes(planes).re;
    const n = way.options.s === undefined ? 2 * (last.n - 1) : last.n;
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
export function hfft(x: ComplexLike, options?: FourierOptions, ...surplus: []): Tensor {
  noMore("hfft", surplus);
  return realFrom(otherWay(oneWay("hfft", true, options)), x, true);
}

/**
 * The inverse of {@link hfft}.
 *
 * @throws As `fft` does.
 * @example
 * ihfft(tensor([6, 0, -2, 0])).re.toArray(); // [1,2,1]
 */
export function ihfft(x: Tensor, options?: FourierOptions, ...surplus: []): Complex {
  noMore("ihfft", surplus);
  return scope(() => conjugate(realOne(otherWay(oneWay("ihfft", false, options)), x)));
}
