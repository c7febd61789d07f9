/** @file Batching of sorting, and of searching in one vector for each sample. */
import {
  cast,
  equal,
  less,
  lessEqual,
  logicalAnd,
  logicalOr,
  notEqual,
  reshape,
  sum,
} from "@isograd/tensor";
import type { families, OpNames } from "@isograd/tensor/engine";
import { alongAxes, type Batching, type Lane, runOp, whole } from "./batching.js";

// Counts the elements that come before each value; NaN comes after all numbers.
const searchBatched: Batching = (call) => {
  const [sorted, values] = call.lanes as readonly [Lane, Lane];
  if (!sorted.batched) return runOp(call, [sorted.x, values.x], call.attrs);
  const { side } = call.attrs as { readonly side: "left" | "right" };
  const ones = values.shape.map(() => 1);
  const s = reshape(sorted.x, [call.size, sorted.shape[0] as number, ...ones]);
  const v = reshape(whole(values, call.size), [call.size, 1, ...values.shape]);
  const before =
    side === "left"
      ? logicalOr(less(s, v), logicalAnd(notEqual(v, v), equal(s, s)))
      : logicalOr(lessEqual(s, v), notEqual(v, v));
  return cast(sum(before, { axis: 1 }), "int32");
};

export const orderingBatching: { readonly [K in OpNames<typeof families.ordering>]: Batching } = {
  argsort: alongAxes,
  searchsorted: searchBatched,
};
