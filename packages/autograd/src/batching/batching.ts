/** @file What a batching rule is, and the few kinds that most families are made of. */
import { broadcastTo, reshape, type Shape, type Tensor } from "@isograd/tensor";
import { apply, applyMany, type Op } from "@isograd/tensor/engine";

/** One input of an op under vmap. */
export interface Lane {
  /**
   * The samples along axis 0 where `batched`; else the tensor itself, the same for every sample.
   */
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
  /** The shape of the result for one sample; of the first result, where there are several. */
  readonly shape: Shape;
  readonly batch: Samples;
}

/** A function that runs on one sample of each tensor. */
export type OnSamples = (samples: readonly Tensor[]) => Tensor;

/** What a rule may ask the batch itself. */
export interface Samples {
  lane(x: Tensor): Lane;
  /**
   * `fn` on each sample of those `xs` that are flagged, along their axis 0. The samples of this
   * batch cannot be read meanwhile: `fn` gets as arguments all that it may read.
   */
  mapped(xs: readonly Tensor[], flags: readonly boolean[], fn: OnSamples): Tensor;
}

/** How an op runs on all samples at once: every result has them along axis 0. */
export type Batching = (call: Call) => Tensor | readonly Tensor[];

/** Runs the op itself. */
export function runOp({ op }: Call, inputs: readonly Tensor[], attrs: unknown) {
  return op.inferMany === undefined ? apply(op, inputs, attrs) : applyMany(op, inputs, attrs);
}

/** All samples, with axes of length 1 after the batch so that one sample has `rank` axes. */
export function aligned({ x, batched, shape }: Lane, rank: number): Tensor {
  if (!batched || shape.length >= rank) return x;
  const ones = new Array<number>(rank - shape.length).fill(1);
  return reshape(x, [x.shape[0] as number, ...ones, ...shape]);
}

/** All samples; what is the same for all is repeated. */
export function whole({ x, batched, shape }: Lane, size: number): Tensor {
  return batched ? x : broadcastTo(x, [size, ...shape]);
}

/** Most axes of a sample among the inputs. */
export function rankOf(lanes: readonly Lane[]): number {
  return lanes.reduce((rank, { shape }) => Math.max(rank, shape.length), 0);
}

/** Ops that broadcast: what is the same for all samples broadcasts too. */
export const elementwise: Batching = (call) => {
  const rank = rankOf(call.lanes);
  const inputs = call.lanes.map((lane) => aligned(lane, rank));
  return runOp(call, inputs, call.attrs);
};

/**
 * Ops that want equal shapes, and those that work on the last axis: the batch is one more axis in
 * front.
 */
export const inFront: Batching = (call) => {
  const inputs = call.lanes.map((lane) => whole(lane, call.size));
  return runOp(call, inputs, call.attrs);
};

/** Ops along the axes that their attributes name, which now come one later. */
export const alongAxes: Batching = (call) => {
  const given = call.attrs as { readonly axis?: number; readonly axes?: readonly number[] };
  const axis = given.axis === undefined ? {} : { axis: given.axis + 1 };
  const axes = given.axes === undefined ? {} : { axes: given.axes.map((a) => a + 1) };
  const inputs = call.lanes.map((lane) => whole(lane, call.size));
  return runOp(call, inputs, { ...given, ...axis, ...axes });
};

/** Ops whose first axis is already a batch: the two become one. */
export const merged: Batching = (call) => {
  const inputs = call.lanes.map((lane) => {
    const [n, ...rest] = lane.shape;
    return reshape(whole(lane, call.size), [call.size * (n as number), ...rest]);
  });
  const out = runOp(call, inputs, call.attrs) as Tensor;
  return reshape(out, [call.size, ...call.shape]);
};
