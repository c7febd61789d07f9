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

/** Attributes of reading and adding at indices. */
interface Attrs {
  readonly axis: number;
  readonly fromEnd?: boolean;
}

/** The attributes of a call, with the axis in front of which the samples stand. */
function along({ attrs }: Call): Attrs {
  const own = attrs as Attrs;
  return { ...own, axis: own.axis + 1 };
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
  const attrs = call.attrs as Attrs;
  const { axis } = attrs;
  if (!ids.batched) return runOp(call, [x.x, ids.x], along(call));
  if (!x.batched) return moveAxis(take(x.x, ids.x, attrs), axis, 0);
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const places = spreadIndices(ids, call.size, before, after);
  return reshape(takeAlongAxis(x.x, places, along(call)), [call.size, ...call.shape]);
};

/** Sums of `values` by the ids of each sample, into an axis of length `segments`. */
function sumBySample(values: Lane, ids: Lane, segments: number, call: Call): Tensor {
  const { axis, fromEnd } = call.attrs as Attrs;
  const before = values.shape.slice(0, axis);
  const after = values.shape.slice(axis + ids.shape.length);
  const places = spreadIndices(ids, call.size, before, after);
  const flat = reshape(whole(values, call.size), places.shape);
  return addAlongAxis(flat, places, segments, { axis: axis + 1, fromEnd });
}

const segmentSumBatched: Batching = (call) => {
  const [values, ids] = call.lanes as readonly [Lane, Lane];
  if (!ids.batched) return runOp(call, [values.x, ids.x], along(call));
  const { segments } = call.attrs as { readonly segments: number };
  return sumBySample(values, ids, segments, call);
};

const indexAddBatched: Batching = (call) => {
  const [x, ids, updates] = call.lanes as readonly [Lane, Lane, Lane];
  const base = whole(x, call.size);
  if (!ids.batched) return runOp(call, [base, ids.x, whole(updates, call.size)], along(call));
  const { axis } = call.attrs as Attrs;
  return add(base, sumBySample(updates, ids, x.shape[axis] as number, call));
};

export const indexingBatching: { readonly [K in OpNames<typeof families.indexing>]: Batching } = {
  take: takeBatched,
  segmentSum: segmentSumBatched,
  indexAdd: indexAddBatched,
  takeAlongAxis: alongAxes,
  addAlongAxis: alongAxes,
  oneHot: inFront,
};
