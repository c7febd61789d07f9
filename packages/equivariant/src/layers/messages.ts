/**
 * @file The fused message step: kernel, gather and sum in pieces that fit into a cache. Neither the
 * forward nor the backward pass makes a tensor of edges × orientations × channels.
 */
import { type CustomOp, defineOp } from "@isograd/autograd";
import {
  add,
  dispose,
  indexAdd,
  matmul,
  mul,
  reshape,
  scope,
  slice,
  type Tensor,
  take,
  tensor,
  zeros,
} from "@isograd/tensor";
import { apply } from "@isograd/tensor/engine";
import type { Piece, Plan } from "../graphs/plan.js";

type Three = readonly [Tensor, Tensor, Tensor];

/** Rows of the basis [E·O, B] that belong to the edges of a piece. */
function basisRows(basis: Tensor, plan: Plan, { from, to }: Piece): Tensor {
  const O = basis.shape[0]! / Math.max(plan.edges, 1);
  return slice(basis, [[from * O, to * O]]);
}

/** Nodes [n, R] at indices, as rows of `width`. */
function rowsAt(x: Tensor, indices: Int32Array, width: number): Tensor {
  return reshape(take(x, tensor(indices, { device: x.device })), [-1, width]);
}

/** [n·O, C] → [n, O·C]. */
function grouped(x: Tensor, rows: number): Tensor {
  return reshape(x, [rows, x.size / Math.max(rows, 1)]);
}

/** Products of the senders' and the receivers' values, for the edges of a piece: [m·O, C]. */
function products(piece: Piece, sent: Tensor, arriving: Tensor, C: number): Tensor {
  return mul(rowsAt(sent, piece.source, C), rowsAt(arriving, piece.target, C));
}

/** Adds the contribution of each piece to `start`, in place. */
function summed(start: Tensor, plan: Plan, step: (total: Tensor, piece: Piece) => Tensor): Tensor {
  let total = start;
  for (const piece of plan.pieces) {
    const before = total;
    total = scope(() => step(before, piece));
    dispose(before);
  }
  return total;
}

/** Adds rows to `total` at indices, and reuses its memory, which nothing else uses. */
function addAt(total: Tensor, indices: Int32Array, rows: Tensor): Tensor {
  const at = tensor(indices, { device: total.device });
  const updates = reshape(rows, [indices.length, total.shape[1] as number]);
  return apply(indexAdd.op, [total, at, updates], { axis: 0 }, [true, false, false]);
}

const like = (x: Tensor) => ({ dtype: x.dtype, device: x.device });

/**
 * `out[i, o, c] = Σ_{e: j→i} (basis[e, o, :] · W[c, :]) x[j, o, c]`: from a basis [E·O, B], weights
 * [C, B] and values [senders·O, C] to [receivers·O, C].
 *
 * The kernel is computed for a few edges at a time, multiplied and summed, and not stored; the
 * backward pass computes it again. The three ops of this file are each other's derivatives, so
 * there are derivatives of every order.
 */
export const passMessages: CustomOp<Three, Plan> = defineOp<Three, Plan>({
  name: "passMessages",
  infer: ([, , x], plan) => ({
    shape: [plan.receivers * (x.shape[0]! / Math.max(plan.senders, 1)), x.shape[1] as number],
    dtype: x.dtype,
  }),
  forward([basis, weight, x], plan) {
    const C = x.shape[1] as number;
    const values = grouped(x, plan.senders);
    const start = zeros([plan.receivers, values.shape[1] as number], like(x));
    return summed(start, plan, (total, piece) => {
      const kernel = matmul(basisRows(basis, plan, piece), weight.mT);
      return addAt(total, piece.target, mul(kernel, rowsAt(values, piece.source, C)));
    });
  },
  vjp: ({ inputs: [basis, weight, x], attrs: plan }) => [
    (g) => basisOfMessages(weight, x, g, plan),
    (g) => weightOfMessages(basis, x, g, plan),
    (g) => passMessages(basis, weight, g, plan.transposed),
  ],
});

/** `out[e, o, b] = Σ_c W[c, b] x[j, o, c] g[i, o, c]`: the derivative by the basis, [E·O, B]. */
const basisOfMessages: CustomOp<Three, Plan> = defineOp<Three, Plan>({
  name: "basisOfMessages",
  infer: ([weight, x], plan) => ({
    shape: [plan.edges * (x.shape[0]! / Math.max(plan.senders, 1)), weight.shape[1] as number],
    dtype: x.dtype,
  }),
  forward([weight, x, g], plan) {
    const [C, B] = weight.shape as readonly [number, number];
    const [sent, arriving] = [grouped(x, plan.senders), grouped(g, plan.receivers)];
    const O = x.shape[0]! / Math.max(plan.senders, 1);
    return summed(zeros([plan.edges, O * B], like(x)), plan, (total, piece) => {
      const places = Int32Array.from(piece.source, (_, i) => piece.from + i);
      return addAt(total, places, matmul(products(piece, sent, arriving, C), weight));
    });
  },
  vjp: ({ inputs: [weight, x, g], attrs: plan }) => [
    (h) => weightOfMessages(h, x, g, plan),
    (h) => passMessages(h, weight, g, plan.transposed),
    (h) => passMessages(h, weight, x, plan),
  ],
});

/** `out[c, b] = Σ_{e, o} basis[e, o, b] x[j, o, c] g[i, o, c]`: the derivative by the weights. */
const weightOfMessages: CustomOp<Three, Plan> = defineOp<Three, Plan>({
  name: "weightOfMessages",
  infer: ([basis, x]) => ({
    shape: [x.shape[1] as number, basis.shape[1] as number],
    dtype: x.dtype,
  }),
  forward([basis, x, g], plan) {
    const [C, B] = [x.shape[1] as number, basis.shape[1] as number];
    const [sent, arriving] = [grouped(x, plan.senders), grouped(g, plan.receivers)];
    return summed(zeros([C, B], like(x)), plan, (total, piece) => {
      const rows = products(piece, sent, arriving, C);
      return add(total, matmul(rows.mT, basisRows(basis, plan, piece)));
    });
  },
  vjp: ({ inputs: [basis, x, g], attrs: plan }) => [
    (h) => basisOfMessages(h, x, g, plan),
    (h) => passMessages(basis, h, g, plan.transposed),
    (h) => passMessages(basis, h, x, plan),
  ],
});
