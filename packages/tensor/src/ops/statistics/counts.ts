/** @file Counting by value and by place: histograms, bins, numbers of places. */

import { isFloat } from "../../base/dtype.js";
import { ShapeError, UsageError } from "../../base/errors.js";
import { given, noMore, shown } from "../../base/options.js";
import { checkShape, contiguousStrides, formatShape, type Shape } from "../../base/shape.js";
import { fromTypedArray, roomFor } from "../../core/creation.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import { Tensor } from "../../core/tensor.js";
import { arange, full } from "../creation.js";
import { add, div, floorDivide, mod, mul, sub } from "../elementwise/binary.js";
import { castTo } from "../elementwise/cast.js";
import { clip, equal, greaterEqual, lessEqual, logicalAnd, where } from "../elementwise/compare.js";
import { segmentSum } from "../index/add.js";
import { nonzero } from "../index/count.js";
import { searchsorted } from "../index/order.js";
import { checkIndices, checkLength } from "../index/places.js";
import { take } from "../index/take.js";
import { max, min, sum } from "../reduce.js";
import { flip, reshape } from "../shape/movement.js";
import { slice } from "../shape/slicing.js";
import { stack } from "../shape/stack.js";

/** Throws unless `x` is a vector. */
function expectVector(op: string, what: string, x: Tensor): void {
  expectTensor(op, x);
  if (x.shape.length === 1) return;
  throw new ShapeError(op, `${what} ${formatShape(x.shape)} is not 1-d`, "flatten it: x.flatten()");
}

/**
 * How often each whole number from 0 on occurs in a vector of int32, or the sum of the weights of
 * its places. Without `length` it reads the vector, since the largest number decides the shape.
 *
 * @noMethod
 *
 * @throws ShapeError for a negative number, one that is not below `length`, and weights of another
 * shape; DeviceError where the vector cannot be read at once.
 * @example
 * bincount(tensor([0, 2, 2], { dtype: "int32" })).toArray(); // [1,0,2]
 * bincount(tensor([0, 2], { dtype: "int32" }), { length: 4 }).toArray(); // [1,0,1,0]
 */
export function bincount(
  x: Tensor,
  options?: {
    readonly weights?: Tensor | undefined;
    readonly minLength?: number | undefined;
    readonly length?: number | undefined;
  },
): Tensor {
  expectVector("bincount", "the tensor", x);
  checkIndices("bincount", x);
  const {
    weights,
    minLength = 0,
    length,
  } = given("bincount", options, "weights minLength# length#");
  checkLength("bincount", "minLength", minLength);
  if (length !== undefined) checkLength("bincount", "length", length);
  if (weights !== undefined) {
    expectTensor("bincount", weights);
    if (formatShape(weights.shape) !== formatShape(x.shape)) {
      const shapes = `${formatShape(weights.shape)} for ${formatShape(x.shape)}`;
      throw new ShapeError("bincount", `weights ${shapes}`, "give one for each number");
    }
  }
  const count = length ?? Math.max(minLength, largest(x) + 1);
  return scope(() => {
    const each = weights ?? full(x.shape, 1, { dtype: "int32", device: x.device });
    return segmentSum(each, x, count);
  });
}

function largest(x: Tensor): number {
  let most = -1;
  for (const [i, value] of x.dataSync().entries()) {
    if (value < 0) {
      const help = "count whole numbers from 0 on; subtract the smallest";
      throw new ShapeError("bincount", `number ${i} is ${value}`, help);
    }
    most = Math.max(most, value);
  }
  return most;
}

/** What {@link histogram} gives. */
export interface Histogram {
  /** For each bin: int32, or floats with weights and densities. */
  readonly counts: Tensor;
  /** The ends of the bins, one more than there are bins. */
  readonly edges: Tensor;
}

/** How {@link histogram} counts. */
export interface HistogramOptions {
  /** Their number (default: 10), or their ends in ascending order. */
  readonly bins?: number | Tensor | undefined;
  /** The least and the largest number counted. Default: those of x. */
  readonly range?: readonly [low: number, high: number] | undefined;
  /** What each element counts, in the shape of x. Default: 1. */
  readonly weights?: Tensor | undefined;
  /** Whether to divide, so that counts times widths add up to 1. */
  readonly density?: boolean | undefined;
}

/** Ends of `bins` bins of one width; around a single number they are 1 wide in all. */
function edgesOf(x: Tensor, bins: number, range: readonly [number, number] | undefined): Tensor {
  const place = { dtype: x.dtype, device: x.device };
  const known = range ?? (x.size === 0 ? [0, 1] : undefined);
  const low = known === undefined ? min(x) : full([], known[0], place);
  const high = known === undefined ? max(x) : full([], known[1], place);
  const half = where(equal(low, high), 0.5, full([], 0, place));
  const [from, to] = [sub(low, half), add(high, half)];
  const steps = castTo(arange(bins + 1, { device: x.device }), x.dtype);
  const inner = add(from, mul(steps, div(sub(to, from), bins)));
  return where(equal(steps, bins), to, inner); // the last end exactly
}

/**
 * Counts of the elements of x in bins: `edges[i] ≤ x < edges[i + 1]`, and the last bin with its
 * end. Elements outside of all bins, and NaN, count nowhere. Nothing is read.
 *
 * @noMethod
 *
 * @throws UsageError for a number of bins below 1 and a range that falls; ShapeError for weights of
 * another shape.
 * @example
 * const { counts, edges } = histogram(tensor([0, 1, 1, 4]), { bins: 2 });
 * counts.toArray(); // [3,1]
 * edges.toArray(); // [0,2,4]
 */
export function histogram(x: Tensor, options?: HistogramOptions, ...surplus: []): Histogram {
  expectTensor("histogram", x, surplus);
  const chosen = given("histogram", options, "bins range weights density?");
  const { bins = 10, range, weights, density = false } = chosen;
  if (bins instanceof Tensor) expectVector("histogram", "bins", bins);
  else if (!Number.isInteger(bins) || bins < 1) {
    throw new UsageError("histogram", `bins is ${shown(bins)}`, "give a number ≥ 1, or their ends");
  }
  if (range !== undefined && !(Array.isArray(range) && Number(range[0]) <= Number(range[1]))) {
    throw new UsageError("histogram", `the range is ${shown(range)}`, "write [low, high]");
  }
  if (weights !== undefined) {
    expectTensor("histogram", weights);
    if (formatShape(weights.shape) !== formatShape(x.shape)) {
      const shapes = `${formatShape(weights.shape)} for ${formatShape(x.shape)}`;
      throw new ShapeError("histogram", `weights ${shapes}`, "give one for each element");
    }
  }
  return scope(() => {
    const flat = reshape(isFloat(x.dtype) ? x : castTo(x, "float32"), [x.size]);
    const edges = bins instanceof Tensor ? castTo(bins, flat.dtype) : edgesOf(flat, bins, range);
    const counts = counted(flat, edges, weights && reshape(weights, [x.size]));
    if (!density) return { counts, edges };
    const widths = sub(slice(edges, [[1, null]]), slice(edges, [[0, -1]]));
    const shares = castTo(counts, flat.dtype);
    return { counts: div(div(shares, widths), sum(shares)), edges };
  });
}

function counted(x: Tensor, edges: Tensor, weights: Tensor | undefined): Tensor {
  const bins = edges.size - 1;
  const last = slice(edges, [bins]);
  const inside = logicalAnd(greaterEqual(x, slice(edges, [0])), lessEqual(x, last));
  const place = sub(searchsorted(edges, x, { side: "right" }), 1);
  const own = weights ?? full(x.shape, 1, { dtype: "int32", device: x.device });
  const each = where(inside, own, 0);
  return segmentSum(each, clip(place, { min: 0, max: Math.max(bins - 1, 0) }), bins);
}

/**
 * The number of the bin of each element: how many of the ends in the vector `bins` are at most x
 * (below x with `right`). For falling ends, from the other side, as in NumPy. int32, shape of x.
 *
 * @noMethod
 *
 * @throws ShapeError unless the bins are 1-d.
 * @example
 * digitize(tensor([0.5, 2, 9]), tensor([1, 2, 3])).toArray(); // [0,2,3]
 */
export function digitize(
  x: Tensor,
  bins: Tensor,
  options?: { readonly right?: boolean | undefined },
): Tensor {
  expectTensor("digitize", x);
  expectVector("digitize", "bins", bins);
  const { right = false } = given("digitize", options, "right?");
  const side = right ? "left" : "right";
  return scope(() => {
    const rising = searchsorted(bins, x, { side });
    if (bins.size < 2) return rising;
    const falling = sub(bins.size, searchsorted(flip(bins), x, { side }));
    const rises = lessEqual(slice(bins, [0]), slice(bins, [-1]));
    return where(rises, rising, falling);
  });
}

/**
 * The places of elements that differ from 0, one row for each: int32 [count, rank]. It reads its
 * operand, since the shape of the result depends on it.
 *
 * @noMethod
 *
 * @throws ShapeError for a 0-d tensor; DeviceError where tensors cannot be read at once.
 * @example
 * argwhere(tensor([[0, 1], [2, 0]])).toArray(); // [[0,1],[1,0]]
 */
export function argwhere(x: Tensor, ...surplus: []): Tensor {
  expectTensor("argwhere", x, surplus);
  if (x.shape.length === 0) {
    throw new ShapeError("argwhere", "a 0-d tensor [] has no axes", "reshape it to [1]");
  }
  return scope(() => stack(nonzero(x), { axis: 1 }));
}

/** A table: k·step for the places k of an axis. */
function table(op: string, n: number, step: number, device: string): Tensor {
  roomFor(op, [n], "int32", device);
  return fromTypedArray(
    Int32Array.from({ length: n }, (_, k) => k * step),
    [n],
    "int32",
    device,
  );
}

/**
 * Places in a flattened tensor of `shape` as places along each axis: int32, one tensor an axis. The
 * opposite of {@link ravelMultiIndex}.
 *
 * @noMethod
 *
 * @throws ShapeError for a place outside of the tensor.
 * @example
 * const at = tensor([5, 0], { dtype: "int32" });
 * unravelIndex(at, [2, 3]).map((x) => x.toArray()); // [[1,0],[2,0]]
 */
export function unravelIndex(indices: Tensor, shape: Shape, ...surplus: []): Tensor[] {
  expectTensor("unravelIndex", indices, surplus);
  checkIndices("unravelIndex", indices);
  checkShape("unravelIndex", shape);
  const strides = contiguousStrides(shape);
  return scope(() =>
    shape.map((n, i) => {
      const along = floorDivide(indices, Math.max(strides[i] as number, 1));
      if (i > 0) return mod(along, Math.max(n, 1));
      const places = table("unravelIndex", n, 1, indices.device);
      return take(places, along, { fromEnd: false }); // refuses what is outside
    }),
  );
}

/**
 * Places along each axis of a tensor of `shape` as places in the flattened tensor, int32. The
 * opposite of {@link unravelIndex}; places broadcast.
 *
 * @noMethod
 *
 * @throws ShapeError for a place outside of its axis, or other than one tensor for each axis.
 * @example
 * const rows = tensor([1, 0], { dtype: "int32" });
 * ravelMultiIndex([rows, rows], [2, 3]).toArray(); // [4,0]
 */
export function ravelMultiIndex(indices: readonly Tensor[], shape: Shape, ...surplus: []): Tensor {
  noMore("ravelMultiIndex", surplus);
  checkShape("ravelMultiIndex", shape);
  if (!Array.isArray(indices) || indices.length !== shape.length || shape.length === 0) {
    const found = Array.isArray(indices) ? `${indices.length} tensors` : shown(indices);
    const problem = `${found} for the ${shape.length} axes of ${formatShape(shape)}`;
    throw new ShapeError("ravelMultiIndex", problem, "give places along each axis");
  }
  for (const places of indices) checkIndices("ravelMultiIndex", places as Tensor);
  const strides = contiguousStrides(shape);
  return scope(() => {
    const terms = (indices as Tensor[]).map((places, i) => {
      const [n, step] = [shape[i] as number, strides[i] as number];
      return take(table("ravelMultiIndex", n, step, places.device), places, { fromEnd: false });
    });
    return terms.reduce((a, b) => add(a, b));
  });
}
