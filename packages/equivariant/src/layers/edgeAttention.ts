/** @file Attention over the incoming edges of each node, at each orientation. */
import { stopGradient } from "@isograd/autograd";
import { type LayerOptions, Linear } from "@isograd/nn";
import {
  broadcastTo,
  exp,
  mul,
  reshape,
  scope,
  sub,
  sum,
  type Tensor,
  UsageError,
  where,
} from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectRng, expectSizes } from "../expect.js";
import { InteractionLayer, type Kernels, overOrientations } from "./interaction.js";

export interface EdgeAttentionOptions extends LayerOptions {
  readonly fibre: boolean;
  /** Number h of heads, a divisor of the channels. */
  readonly heads: number;
}

/**
 * With `q = W_q x`, `k = W_k x`, `v = W_v x`, kernels `K = W_K basis` and `B = W_B basis` of the
 * invariants, and heads of d channels:
 *
 * `s[e, o, h] = Σ_d q[i, o] k[j, o] K[e, o] / √d + B[e, o, h]`, `α = w exp(s) / Σ_{j→i} w exp(s)`,
 * `x1[i, o] = W_o Σ_{j→i} α K' v[j, o]` with K' = W_K' basis,
 *
 * then the step over orientations of the separable convolution. The window w is in the sum and in
 * K', so the output is smooth where edges appear and disappear. Edges with w = 0 have no effect,
 * even with a large score.
 */
export class EdgeAttention extends InteractionLayer {
  readonly channels: number;
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly keyKernel: Linear;
  readonly valueKernel: Linear;
  readonly bias: Linear;
  readonly output: Linear;
  readonly fibre: Linear | null;
  readonly heads: number;

  constructor(channels: number, basis: number, options: EdgeAttentionOptions) {
    super();
    const op = "EdgeAttention";
    const { fibre, heads, ...make } = given(op, options, "fibre? heads# rng dtype device");
    expectRng(op, make.rng);
    expectSizes(op, { channels, basis, heads }, (C, B) => C * (4 * C + 3 * B));
    if (!Number.isInteger(channels / heads)) {
      const problem = `${channels} channels do not make ${heads} heads`;
      throw new UsageError(op, problem, "take a divisor of the channels");
    }
    this.channels = channels;
    const free = { ...make, bias: false };
    const square = () => new Linear(channels, channels, free);
    this.heads = heads;
    [this.query, this.key, this.value] = [square(), square(), square()];
    this.keyKernel = new Linear(basis, channels, free);
    this.valueKernel = new Linear(basis, channels, free);
    this.bias = new Linear(basis, heads, free);
    this.output = new Linear(channels, channels, make);
    this.fibre = fibre ? new Linear(basis, channels, free) : null;
  }

  forward(x: Tensor, kernels: Kernels): Tensor {
    this.check(x, kernels);
    return scope(() => overOrientations(gather(this, x, kernels), this.fibre, kernels));
  }

  /** The weights α [E, O·h]: for each receiver, orientation and head they sum to 1. */
  weights(x: Tensor, kernels: Kernels): Tensor {
    this.check(x, kernels);
    const { wiring, spatial, weight, orientations: O } = kernels;
    return scope(() => {
      const [C, h, E] = [this.channels, this.heads, wiring.edges];
      const d = C / h;
      const rows = [E * O, h, d];
      const query = reshape(wiring.received(this.query.forward(x)), rows);
      const key = reshape(wiring.sent(this.key.forward(x)), rows);
      const kernel = reshape(this.keyKernel.forward(spatial), rows);
      const match = sum(mul(mul(query, key), kernel), { axis: 2 }).mul(1 / Math.sqrt(d));
      const scores = reshape(match.add(this.bias.forward(spatial)), [E, O * h]);
      // The largest score cancels in α: it has no gradient.
      const hidden = weight && reshape(broadcastTo(weight.lessEqual(0), [E * O, h]), [E, O * h]);
      const seen = hidden ? where(hidden, Number.NEGATIVE_INFINITY, scores) : scores;
      const most = stopGradient(wiring.largest(stopGradient(seen)));
      const powers = exp(sub(seen, wiring.received(where(most.isFinite(), most, 0))));
      const windowed = weight
        ? reshape(mul(reshape(powers, [E * O, h]), weight), [E, O * h])
        : powers;
      const totals = wiring.received(wiring.collect(windowed));
      return windowed.div(where(totals.equal(0), 1, totals));
    });
  }

  protected override *steps(x: Tensor, kernels: Kernels) {
    yield [this.output.weight, x, gather(this, x, kernels)] as const;
    if (this.fibre === null) return;
    const gathered = gather(this, x, kernels);
    const turned = overOrientations(gathered, this.fibre, kernels);
    yield [this.fibre.weight, gathered, turned] as const;
  }
}

function gather(layer: EdgeAttention, x: Tensor, kernels: Kernels): Tensor {
  const { wiring, spatial, orientations: O } = kernels;
  const [C, h, E] = [layer.channels, layer.heads, wiring.edges];
  const alpha = reshape(layer.weights(x, kernels), [E * O, h, 1]);
  const kernel = reshape(layer.valueKernel.forward(spatial), [E * O, h, C / h]);
  const value = reshape(wiring.sent(layer.value.forward(x)), [E * O, h, C / h]);
  const messages = reshape(mul(mul(kernel, value), alpha), [E, O * C]);
  return layer.output.forward(reshape(wiring.collect(messages), [wiring.nodes * O, C]));
}
