/**
 * @file Batching of indexing: one gather or one sum for all samples, even if each sample has its
 * own indices.
 */
import {
  add,
  addAlongAxis,
  broadcastTo,
  moveAxis,
  reshape,
  type Shape,
  type Tensor,
  take,
  takeAlongAxis,
} from "@isograd/tensor";
import type { families, OpNames } from "@isograd/tensor/engine";
import {
  alongAxes,
  type Batching,
  type Call,
  inFront,
  type Lane,
  runOp,
  whole,
} from "./batching.js";

function axisOf({ attrs }: Call): number {
  return (attrs as { readonly axis: number }).axis;
}

function product(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1);
}

/**
 * Indices `[size, …ids]` of all samples as `[size, …before, K, …after]`: one for each element that
 * is read or added, K along the axis.
 */
function spreadIndices(ids: Lane, size: number, before: Shape, after: Shape): Tensor {
  const count = product(ids.shape);
  const ones = (shape: Shape) => shape.map(() => 1);
  const thin = reshape(whole(ids, size), [size, ...ones(before), count, ...ones(after)]);
  return broadcastTo(thin, [size, ...before, count, ...after]);
}

const takeBatched: Batching = (call) => {
  const [x, ids] = call.lanes as readonly [Lane, Lane];
  const axis = axisOf(call);
  if (!ids.batched) return runOp(call, [x.x, ids.x], { axis: axis + 1 });
  if (!x.batched) return moveAxis(take(x.x, ids.x, { axis }), axis, 0);
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const places = spreadIndices(ids, call.size, before, after);
  return reshape(takeAlongAxis(x.x, places, { axis: axis + 1 }), [call.size, ...call.shape]);
};

/** Sums of `values` by the ids of each sample, into an axis of length `segments`. */
function sumBySample(values: Lane, ids: Lane, axis: number, segments: number, size: number) {
  const before = values.shape.slice(0, axis);
  const after = values.shape.slice(axis + ids.shape.length);
  const places = spreadIndices(ids, size, before, after);
  const flat = reshape(whole(values, size), places.shape);
  return addAlongAxis(flat, places, segments, { axis: axis + 1 });
}

const segmentSumBatched: Batching = (call) => {
  const [values, ids] = call.lanes as readonly [Lane, Lane];
  const { axis, segments } = call.attrs as { readonly axis: number; readonly segments: number };
  if (!ids.batched) return runOp(call, [values.x, ids.x], { axis: axis + 1, segments });
  return sumBySample(values, ids, axis, segments, call.size);
};

const indexAddBatched: Batching = (call) => {
  const [x, ids, updates] = call.lanes as readonly [Lane, Lane, Lane];
  const axis = axisOf(call);
  const base = whole(x, call.size);
  if (!ids.batched) {
    return runOp(call, [base, ids.x, whole(updates, call.size)], { axis: axis + 1 });
  }
  return add(base, sumBySample(updates, ids, axis, x.shape[axis] as number, call.size));
};

export const indexingBatching: { readonly [K in OpNames<typeof families.indexing>]: Batching } = {
  take: takeBatched,
  segmentSum: segmentSumBatched,
  indexAdd: indexAddBatched,
  takeAlongAxis: alongAxes,
  addAlongAxis: alongAxes,
  oneHot: inFront,
};
