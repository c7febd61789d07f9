/** @file What a batching rule is, and the few kinds that most families use. */
import { broadcastTo, reshape, type Shape, type Tensor } from "@isograd/tensor";
import { apply, applyMany, type Op } from "@isograd/tensor/engine";

/** One input of an op under vmap. */
export interface Lane {
  /** If `batched`, all samples along axis 0; else one tensor that all samples share. */
  readonly x: Tensor;
  readonly batched: boolean;
  /** The shape of one sample. */
  readonly shape: Shape;
}

/** One call of an op under vmap. */
export interface Call {
  readonly op: Op;
  readonly lanes: readonly Lane[];
  readonly attrs: unknown;
  /** The number of samples. */
  readonly size: number;
  /** The shape of the result for one sample; with several results, of the first. */
  readonly shape: Shape;
  readonly batch: Samples;
}

/** A function that runs on one sample of each tensor. */
export type OnSamples = (samples: readonly Tensor[]) => Tensor;

/** What a rule may ask of the batch. */
export interface Samples {
  lane(x: Tensor): Lane;
  /**
   * Runs `fn` on each sample of the flagged `xs`, which lie along their axis 0. Meanwhile an op
   * that reads a sample of this batch throws: `fn` may read its arguments only.
   */
  mapped(xs: readonly Tensor[], flags: readonly boolean[], fn: OnSamples): Tensor;
}

/** Runs an op on all samples at once; every result has the samples along axis 0. */
export type Batching = (call: Call) => Tensor | readonly Tensor[];

/** Runs the op of the call on other inputs. */
export function runOp({ op }: Call, inputs: readonly Tensor[], attrs: unknown) {
  return op.inferMany === undefined ? apply(op, inputs, attrs) : applyMany(op, inputs, attrs);
}

/** All samples, with axes of length 1 after axis 0, so that one sample has `rank` axes. */
export function aligned({ x, batched, shape }: Lane, rank: number): Tensor {
  if (!batched || shape.length >= rank) return x;
  const ones = new Array<number>(rank - shape.length).fill(1);
  return reshape(x, [x.shape[0] as number, ...ones, ...shape]);
}

/** All samples along axis 0; a shared tensor is repeated. */
export function whole({ x, batched, shape }: Lane, size: number): Tensor {
  return batched ? x : broadcastTo(x, [size, ...shape]);
}

/** The largest rank of a sample among the inputs. */
export function rankOf(lanes: readonly Lane[]): number {
  return lanes.reduce((rank, { shape }) => Math.max(rank, shape.length), 0);
}

/** For ops that broadcast: shared tensors broadcast too. */
export const elementwise: Batching = (call) => {
  const rank = rankOf(call.lanes);
  const inputs = call.lanes.map((lane) => aligned(lane, rank));
  return runOp(call, inputs, call.attrs);
};

/**
 * For ops that need equal shapes, and for ops along the last axis: the batch is one more axis in
 * front.
 */
export const inFront: Batching = (call) => {
  const inputs = call.lanes.map((lane) => whole(lane, call.size));
  return runOp(call, inputs, call.attrs);
};

/** For ops whose attributes name axes: each axis comes one later. */
export const alongAxes: Batching = (call) => {
  const given = call.attrs as { readonly axis?: number; readonly axes?: readonly number[] };
  const axis = given.axis === undefined ? {} : { axis: given.axis + 1 };
  const axes = given.axes === undefined ? {} : { axes: given.axes.map((a) => a + 1) };
  const inputs = call.lanes.map((lane) => whole(lane, call.size));
  return runOp(call, inputs, { ...given, ...axis, ...axes });
};

/** For ops whose first axis is a batch already: the two batches become one axis. */
export const merged: Batching = (call) => {
  const inputs = call.lanes.map((lane) => {
    const [n, ...rest] = lane.shape;
    return reshape(whole(lane, call.size), [call.size * (n as number), ...rest]);
  });
  const out = runOp(call, inputs, call.attrs) as Tensor;
  return reshape(out, [call.size, ...call.shape]);
};
