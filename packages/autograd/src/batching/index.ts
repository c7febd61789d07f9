/**
 * @file How each family of ops runs on many samples at once. A family or op left out does not
 * compile.
 */
import { add, matmul, mul, reshape, standardize, type Tensor } from "@isograd/tensor";
import { families, type Op, type OpNames, opsOf, originalOf } from "@isograd/tensor/engine";
import {
  aligned,
  alongAxes,
  type Batching,
  elementwise,
  inFront,
  type Lane,
  merged,
  rankOf,
  runOp,
  whole,
} from "./batching.js";
import { general } from "./general.js";
import { indexingBatching } from "./indexing.js";
import { movementBatching } from "./movement.js";
import { orderingBatching } from "./ordering.js";

/** One rule for a family, or one for each of its ops. */
type BatchingFor<M> = Batching | { readonly [K in OpNames<M>]: Batching };

const matmulBatching: Batching = ({ lanes }) => {
  const rank = rankOf(lanes);
  const [a, b] = lanes.map((lane) => aligned(lane, rank)) as [Tensor, Tensor];
  return matmul(a, b);
};

// If each sample has its own weights, they become [size, 1, …, n] beside the rows.
const layerNormBatching: Batching = (call) => {
  const [x, weight, bias] = call.lanes as readonly [Lane, Lane, Lane];
  const rows = whole(x, call.size);
  if (!weight.batched && !bias.batched) return runOp(call, [rows, weight.x, bias.x], call.attrs);
  const rank = x.shape.length;
  const z = standardize(rows, call.attrs as { readonly eps: number });
  return add(mul(z, aligned(weight, rank)), aligned(bias, rank));
};

const accumulate: unknown = families.update.accumulate.op;

/** Never in place: other tensors may use the memory of a batch. */
const updateBatching: Batching = (call) => {
  const inputs = call.lanes.map((lane) => whole(lane, call.size));
  if (call.op === accumulate) {
    return add(inputs[0] as Tensor, inputs[1] as Tensor);
  }
  return runOp(call, inputs, call.attrs);
};

/** For ops along the last axis; a 0-d sample becomes a row of one number. */
const rowwise: Batching = (call) => {
  if (call.lanes.some((lane) => lane.shape.length > 0)) return inFront(call);
  const columns = call.lanes.map((lane) => reshape(whole(lane, call.size), [call.size, 1]));
  return reshape(runOp(call, columns, call.attrs) as Tensor, [call.size]);
};

type Table = { readonly [K in keyof typeof families]: BatchingFor<(typeof families)[K]> };

const batching: Table = {
  unary: elementwise,
  binary: elementwise,
  bits: elementwise,
  cast: elementwise,
  compare: elementwise,
  convolution: merged,
  fourier: inFront,
  indexing: indexingBatching,
  linalg: inFront,
  matmul: matmulBatching,
  movement: movementBatching,
  normalize: {
    softmax: rowwise,
    logSoftmax: rowwise,
    logSumExp: rowwise,
    standardize: rowwise,
    standardizeGrad: rowwise,
    layerNorm: layerNormBatching,
  },
  ordering: orderingBatching,
  reduce: alongAxes,
  scatter: alongAxes,
  slopes: rowwise,
  special: elementwise,
  update: updateBatching,
};

const byOp = new Map<Op, Batching>();

/** The batching rule of an op; outside of the families by `op.inFront` or by its definition. */
export function batchingOf(op: Op): Batching {
  if (byOp.size === 0) {
    for (const [name, family] of Object.entries(families)) {
      const rule = batching[name as keyof Table];
      for (const [key, member] of opsOf(family)) {
        byOp.set(member, typeof rule === "function" ? rule : rule[key as keyof typeof rule]);
      }
    }
  }
  return byOp.get(originalOf(op)) ?? (op.inFront ? inFront : general);
}
