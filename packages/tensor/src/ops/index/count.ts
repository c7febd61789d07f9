/**
 * @file Counting and finding. What reads its operand does so because the shape of the result
 * depends on the values.
 */

import { ShapeError } from "../../base/errors.js";
import { given } from "../../base/options.js";
import { contiguousStrides, normalizeAxes } from "../../base/shape.js";
import { fromTypedArray } from "../../core/creation.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import type { ReduceOptions } from "../define/reduction.js";
import { notEqual } from "../elementwise/compare.js";
import { sum } from "../reduce.js";
import { reshape } from "../shape/movement.js";
import { order } from "./order.js";
import { take } from "./take.js";

/**
 * How many elements over `axis` differ from 0 (NaN does), as int32.
 *
 * @example
 * countNonzero(tensor([0, 2, 3])).item(); // 2
 */
export function countNonzero(x: Tensor, options?: ReduceOptions): Tensor {
  expectTensor("countNonzero", x);
  const over = given("countNonzero", options, "axis keepdims?");
  normalizeAxes("countNonzero", over.axis, x.shape);
  return scope(() => sum(notEqual(x, 0), over));
}

/**
 * The places of elements that differ from 0, row-major: one int32 vector for each axis.
 *
 * Reads its operand, since the shape of the result depends on it.
 *
 * @throws ShapeError for a 0-d tensor; DeviceError where tensors cannot be read at once.
 * @example
 * nonzero(tensor([[0, 1], [2, 0]])).map((x) => x.toArray()); // [[0,1],[1,0]]
 */
export function nonzero(x: Tensor, ...surplus: []): Tensor[] {
  expectTensor("nonzero", x, surplus);
  if (x.shape.length === 0) {
    throw new ShapeError("nonzero", "a 0-d tensor [] has no axes", "reshape it to [1]");
  }
  const values = x.dataSync();
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) found.push(i);
  const strides = contiguousStrides(x.shape);
  return scope(() =>
    x.shape.map((n, d) => {
      const places = found.map((i) => Math.floor(i / (strides[d] as number)) % n);
      return integers(x, Int32Array.from(places), [places.length]);
    }),
  );
}

const integers = (x: Tensor, values: Int32Array, shape: readonly number[]): Tensor =>
  fromTypedArray(values, shape, "int32", x.device);

/** What uniqueAll gives. */
export interface Unique {
  /** The distinct elements in ascending order; every NaN is one of its own. */
  readonly values: Tensor;
  /** The first place of each in the flattened tensor. */
  readonly indices: Tensor;
  /** For each element, which of the values it is: `take(values, inverseIndices)` is the tensor. */
  readonly inverseIndices: Tensor;
  /** How often each occurs. */
  readonly counts: Tensor;
}

/** First places, numbers and inverse of the distinct elements. */
function distinct(
  op: string,
  x: Tensor,
  surplus: readonly unknown[],
): { first: number[]; counts: number[]; inverse: Int32Array } {
  expectTensor(op, x, surplus);
  const values = x.dataSync();
  const places = Int32Array.from(values, (_, i) => i);
  places.sort((i, j) => order(values[i] as number, values[j] as number) || i - j);
  const [first, counts]: [number[], number[]] = [[], []];
  const inverse = new Int32Array(values.length);
  let last = Number.NaN;
  for (const i of places) {
    const value = values[i] as number;
    if (value !== last) {
      first.push(i);
      counts.push(0);
    }
    (counts[counts.length - 1] as number)++;
    inverse[i] = first.length - 1;
    last = value;
  }
  return { first, counts, inverse };
}

/**
 * The distinct elements with their first places, the way back, and how often each occurs. The
 * gradient of the values goes to their first places. Reads its operand, since the shape of the
 * result depends on it.
 *
 * @throws DeviceError where tensors cannot be read at once.
 * @example
 * uniqueAll(tensor([5, 3, 5])).inverseIndices.toArray(); // [1,0,1]
 */
export function uniqueAll(x: Tensor, ...surplus: []): Unique {
  return unique("uniqueAll", x, surplus);
}

function unique(op: string, x: Tensor, surplus: readonly unknown[]): Unique {
  const { first, counts, inverse } = distinct(op, x, surplus);
  return scope(() => {
    const indices = integers(x, Int32Array.from(first), [first.length]);
    return {
      values: take(reshape(x, [x.size]), indices),
      indices,
      inverseIndices: integers(x, inverse, x.shape),
      counts: integers(x, Int32Array.from(counts), [counts.length]),
    };
  });
}

/**
 * The distinct elements in ascending order, and how often each occurs. See {@link uniqueAll}.
 *
 * @throws DeviceError where tensors cannot be read at once.
 * @example
 * uniqueCounts(tensor([5, 3, 5])).counts.toArray(); // [1,2]
 */
export function uniqueCounts(x: Tensor, ...surplus: []): Pick<Unique, "values" | "counts"> {
  return scope(() => {
    const { values, counts } = unique("uniqueCounts", x, surplus);
    return { values, counts };
  });
}

/**
 * The distinct elements in ascending order, and which of them each element is. See
 * {@link uniqueAll}.
 *
 * @throws DeviceError where tensors cannot be read at once.
 * @example
 * uniqueInverse(tensor([5, 3, 5])).inverseIndices.toArray(); // [1,0,1]
 */
export function uniqueInverse(
  x: Tensor,
  ...surplus: []
): Pick<Unique, "values" | "inverseIndices"> {
  return scope(() => {
    const { values, inverseIndices } = unique("uniqueInverse", x, surplus);
    return { values, inverseIndices };
  });
}

/**
 * The distinct elements in ascending order; every NaN is one of its own. See {@link uniqueAll}.
 *
 * @throws DeviceError where tensors cannot be read at once.
 * @example
 * uniqueValues(tensor([5, 3, 5])).toArray(); // [3,5]
 */
export function uniqueValues(x: Tensor, ...surplus: []): Tensor {
  return scope(() => unique("uniqueValues", x, surplus).values);
}
