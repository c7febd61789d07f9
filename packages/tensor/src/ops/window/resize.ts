/**
 * @file Resampling of images and signals, axis after axis, and piecewise linear functions.
 * @noMethod
 */

import { type DType, isFloat, promoteTypes } from "../../base/dtype.js";
import { DTypeError, ShapeError, UsageError } from "../../base/errors.js";
import { given, listed, noMore, shown } from "../../base/options.js";
import { formatShape } from "../../base/shape.js";
import { roomFor } from "../../core/creation.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { arange, tensor } from "../creation.js";

import { add, div, mul, sub } from "../elementwise/binary.js";
import { castTo, exactType } from "../elementwise/cast.js";
import { clip, equal, lessEqual, where } from "../elementwise/compare.js";
import { searchsorted } from "../index/order.js";
import { take } from "../index/take.js";
import { sum } from "../reduce.js";
import { reshape } from "../shape/movement.js";
import { pad } from "../shape/slicing.js";

/**
 * "nearest" takes the element below, "nearestExact" the one whose centre is nearest; "linear" and
 * "cubic" (Keys, a = −3/4) weigh 2 and 4 neighbours along each axis; "area" takes means.
 */
export type InterpolationMode = "nearest" | "nearestExact" | "linear" | "cubic" | "area";

/** The new lengths, and how elements between the old ones are made. */
export interface InterpolateOptions {
  /** The new length of each axis after the first two; one number is for all. */
  readonly size?: number | readonly number[] | undefined;
  /** Instead of a size, by which each length is multiplied, rounded down. */
  readonly scaleFactor?: number | readonly number[] | undefined;
  readonly mode?: InterpolationMode | undefined;
  /**
   * Whether the corner elements keep their values ("linear" and "cubic"), or the corners of the
   * grids meet.
   */
  readonly alignCorners?: boolean | undefined;
}

const isList = (x: number | readonly number[]): x is readonly number[] => Array.isArray(x);

const MODES = ["nearest", "nearestExact", "linear", "cubic", "area"];

/** One axis: from how many elements to how many, and the distance of the new ones in the old. */
interface Resampling {
  readonly n: number;
  readonly to: number;
  readonly step: number;
}

/** Neighbours of each new element along an axis, and their weights. */
interface Taps {
  readonly places: Float64Array;
  readonly weights: Float64Array;
}

const inside = (i: number, n: number): number => Math.min(Math.max(i, 0), n - 1);

function nearestPlaces({ n, to, step }: Resampling, shift: number): Float64Array {
  return Float64Array.from({ length: to }, (_, i) => inside(Math.floor((i + shift) * step), n));
}

/** The place of new element i among the old ones. */
function sources({ n, to, step }: Resampling, corners: boolean): Float64Array {
  const last = Math.max(to - 1, 1);
  return Float64Array.from({ length: to }, (_, i) =>
    corners ? (i * (n - 1)) / last : (i + 0.5) * step - 0.5,
  );
}

function linearTaps(how: Resampling, corners: boolean): Taps[] {
  const at = sources(how, corners).map((x) => Math.max(x, 0));
  const low = at.map((x) => inside(Math.floor(x), how.n));
  const part = at.map((x, i) => x - (low[i] as number));
  return [
    { places: low, weights: part.map((t) => 1 - t) },
    { places: low.map((i) => inside(i + 1, how.n)), weights: part },
  ];
}

/** Keys' cubic with a = −3/4, as OpenCV's and PyTorch's. */
function cubic(distance: number): number {
  const a = -0.75;
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return ((x - 5) * x + 8) * x * a - 4 * a;
}

function cubicTaps(how: Resampling, corners: boolean): Taps[] {
  const at = sources(how, corners);
  const low = at.map(Math.floor);
  return [-1, 0, 1, 2].map((k) => ({
    places: low.map((i) => inside(i + k, how.n)),
    weights: at.map((x, i) => cubic(x - (low[i] as number) - k)),
  }));
}

/** Sums of taps along an axis: Σ w · x[places]. */
function weighted(x: Tensor, axis: number, taps: readonly Taps[]): Tensor {
  const { device } = x;
  return taps
    .map(({ places, weights }) => {
      const at = tensor(places, { dtype: "int32", device });
      const w = tensor(weights, { dtype: x.dtype, device });
      const shape = x.shape.map((_, i) => (i === axis ? places.length : 1));
      const factors = reshape(w, shape);
      const term = mul(take(x, at, { axis }), factors);
      // 0 · ∞ is no part of a mean
      return weights.includes(0) ? where(equal(factors, 0), 0, term) : term;
    })
    .reduce((a, b) => add(a, b));
}

/**
 * Means over [⌊i n/m⌋, ⌈(i + 1) n/m⌉): shorter windows are filled up with the zero that is
 * appended to x.
 */
function areas(x: Tensor, axis: number, { n, to }: Resampling): Tensor {
  const start = (i: number) => Math.floor((i * n) / to);
  const widths = Array.from({ length: to }, (_, i) => Math.ceil(((i + 1) * n) / to) - start(i));
  const width = widths.reduce((a, b) => Math.max(a, b), 0);
  const places = widths.flatMap((w, i) =>
    Array.from({ length: width }, (_, k) => (k < w ? start(i) + k : n)),
  );
  const { device, dtype } = x;
  const at = tensor(places, { dtype: "int32", device, shape: [to, width] });
  const ended = pad(
    x,
    x.shape.map((_, i) => [0, i === axis ? 1 : 0] as const),
  );
  const sums = sum(take(ended, at, { axis }), { axis: axis + 1 });
  const shape = x.shape.map((_, i) => (i === axis ? to : 1));
  return div(sums, tensor(widths, { shape, dtype, device }));
}

function resample(x: Tensor, axis: number, how: Resampling, options: InterpolateOptions): Tensor {
  const { mode = "nearest", alignCorners = false } = options;
  if (mode === "area") return areas(x, axis, how);
  if (mode === "linear") return weighted(x, axis, linearTaps(how, alignCorners));
  if (mode === "cubic") return weighted(x, axis, cubicTaps(how, alignCorners));
  const places = nearestPlaces(how, mode === "nearest" ? 0 : 0.5);
  const at = tensor(places, { dtype: "int32", device: x.device });
  return take(x, at, { axis });
}

/** One number for each axis. */
function perAxis(what: string, value: number | readonly number[], count: number): number[] {
  const all = isList(value) ? [...value] : new Array<number>(count).fill(value);
  if (all.length === count && all.every((v) => Number.isFinite(v) && v > 0)) return all;
  throw new UsageError(
    "interpolate",
    `${what} ${listed(value)} does not fit ${count} axes`,
    "give one above 0, or one for each axis after the first two",
  );
}

function resamplings(x: Tensor, { size, scaleFactor }: InterpolateOptions): Resampling[] {
  const lengths = x.shape.slice(2);
  if ((size === undefined) === (scaleFactor === undefined)) {
    throw new UsageError(
      "interpolate",
      `needs a size or a scaleFactor, and not both, for ${formatShape(x.shape)}`,
      "write { size: 8 } or { scaleFactor: 2 }",
    );
  }
  if (size !== undefined) {
    const sizes = perAxis("size", size, lengths.length);
    if (!sizes.every(Number.isInteger)) {
      throw new UsageError(
        "interpolate",
        `the size ${listed(size)} is not whole`,
        "lengths are whole numbers; scaleFactor may be a fraction",
      );
    }
    return lengths.map((n, i) => ({ n, to: sizes[i] as number, step: n / (sizes[i] as number) }));
  }
  const factors = perAxis("scaleFactor", scaleFactor ?? 1, lengths.length);
  return lengths.map((n, i) => {
    const factor = factors[i] as number;
    return { n, to: Math.floor(n * factor), step: 1 / factor };
  });
}

function checkImage(x: Tensor, { mode = "nearest" }: InterpolateOptions): void {
  if (!MODES.includes(mode)) {
    throw new UsageError(
      "interpolate",
      `there is no mode ${shown(mode)}`,
      `use ${MODES.join(", ")}, for any number of axes`,
    );
  }
  if (x.shape.length < 3 || x.shape.slice(2).includes(0)) {
    throw new ShapeError(
      "interpolate",
      `cannot resample ${formatShape(x.shape)}`,
      "give [n, channels, …] with one axis more, none empty",
    );
  }
  if (isFloat(x.dtype) || mode.startsWith("nearest")) return;
  throw new DTypeError("interpolate", `"${mode}" makes means of ${x.dtype}`, "cast it to float32");
}

/**
 * Resamples [n, channels, …lengths] to other lengths, one axis after the other, as PyTorch's
 * `interpolate`: "linear" and "cubic" are its linear, bilinear, trilinear and bicubic.
 *
 * @throws UsageError for an unknown mode, or unless one of size and scaleFactor is given;
 * ShapeError for less than 3 axes.
 * @example
 * const x = tensor([[[1, 3]]]);
 * interpolate(x, { scaleFactor: 2 }).toArray(); // [[[1,1,3,3]]]
 * interpolate(x, { size: 3, mode: "linear", alignCorners: true }).toArray(); // [[[1,2,3]]]
 */
export function interpolate(x: Tensor, options?: InterpolateOptions, ...surplus: []): Tensor {
  expectTensor("interpolate", x, surplus);
  const chosen = given("interpolate", options, "size scaleFactor mode alignCorners?");
  checkImage(x, chosen);
  const all = resamplings(x, chosen);
  const lengths = all.map(({ to }) => to);
  roomFor("interpolate", [...x.shape.slice(0, 2), ...lengths], x.dtype, x.device);
  for (const { n, to } of all) roomFor("interpolate", [8, Math.max(n, to)], "float64", x.device);
  return scope(() =>
    all.reduce((y, how, i) => resample(y, i + 2, how, chosen), reshape(x, x.shape)),
  );
}

/**
 * The piecewise linear function through the points (xp[i], fp[i]) at x, as NumPy's `interp`:
 * constant before the first and after the last. `xp` ascends. Has derivatives with respect to all
 * three.
 *
 * @throws ShapeError unless xp and fp are vectors of one length, 1 or more.
 * @example
 * interp(tensor([0.5, 2]), tensor([0, 1]), tensor([10, 20])).toArray(); // [15,20]
 */
export function interp(x: Tensor, xp: Tensor, fp: Tensor, ...surplus: []): Tensor {
  noMore("interp", surplus);
  for (const t of [x, xp, fp]) expectTensor("interp", t);
  if (xp.shape.length !== 1 || fp.shape.length !== 1 || xp.size !== fp.size || xp.size === 0) {
    throw new ShapeError(
      "interp",
      `points ${formatShape(xp.shape)} and ${formatShape(fp.shape)} do not fit`,
      "xp and fp are vectors of one length",
    );
  }
  const n = xp.size;
  return scope(() => {
    const kind = [x, xp, fp].reduce<DType>((d, t) => promoteTypes(d, t.dtype), "float32");
    const dtype = exactType(kind, [x, xp, fp]);
    const exact = (t: Tensor) => (t.dtype === dtype ? t : castTo(t, dtype));
    const [at, from, to] = [exact(x), exact(xp), exact(fp)];
    const low = clip(sub(searchsorted(from, at, { side: "right" }), 1), {
      min: 0,
      max: Math.max(n - 2, 0),
    });
    const high = clip(add(low, 1), { max: n - 1 });
    const [x0, y0] = [take(from, low), take(to, low)];
    const [x1, y1] = [take(from, high), take(to, high)];
    const width = sub(x1, x0);
    const flat = lessEqual(width, 0);
    const part = div(sub(clipBetween(at, from, n), x0), where(flat, 1, width));
    const y = add(y0, mul(sub(y1, y0), where(flat, 0, part)));
    return dtype === kind ? y : castTo(y, kind);
  });
}

/** x within the first and the last point. */
function clipBetween(x: Tensor, xp: Tensor, n: number): Tensor {
  const end = (i: number) => reshape(take(xp, arange(i, i + 1, { device: x.device })), []);
  const [first, last] = [end(0), end(n - 1)];
  return where(lessEqual(x, first), first, where(lessEqual(last, x), last, x));
}
