/** @file Batching of movements: the batch is an axis in front that does not move. */
import { reshape, type Shape } from "@isograd/tensor";
import type { families, OpNames } from "@isograd/tensor/engine";
import {
  aligned,
  alongAxes,
  type Batching,
  type Call,
  type Lane,
  runOp,
  whole,
} from "./batching.js";

/** Runs an op of one input with other attributes. */
function withAttrs(change: (call: Call) => unknown): Batching {
  return (call) => {
    const inputs = call.lanes.map((lane) => whole(lane, call.size));
    return runOp(call, inputs, change(call));
  };
}

interface Starts {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
}

function startsOf({ attrs }: Call): Starts {
  const { starts, steps } = attrs as Starts;
  return { starts: [0, ...starts], steps: [1, ...steps] };
}

const toShape = withAttrs(({ size, shape }) => ({ shape: [size, ...shape] }));

export const movementBatching: { readonly [K in OpNames<typeof families.movement>]: Batching } = {
  reshape: (call) => reshape(whole(call.lanes[0] as Lane, call.size), [call.size, ...call.shape]),
  permuteDims: withAttrs(({ attrs }) => {
    const { axes } = attrs as { readonly axes: readonly number[] };
    return { axes: [0, ...axes.map((a) => a + 1)] };
  }),
  broadcastTo: (call) => {
    const lanes = call.lanes.map((lane) => ({
      ...lane,
      x: aligned(lane, call.shape.length),
    }));
    return toShape({ ...call, lanes });
  },
  slice: withAttrs((call) => {
    const { sizes } = call.attrs as { readonly sizes: Shape };
    return { ...startsOf(call), sizes: [call.size, ...sizes] };
  }),
  place: withAttrs((call) => {
    const { shape, value } = call.attrs as { readonly shape: Shape; readonly value: number };
    return { ...startsOf(call), shape: [call.size, ...shape], value };
  }),
  concat: alongAxes,
  split: alongAxes,
  flip: alongAxes,
};
