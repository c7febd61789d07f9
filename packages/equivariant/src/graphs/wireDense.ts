/** @file Message passing in complete graphs of one size: no indices, only reshapes. */
import {
  broadcastTo,
  max,
  mul,
  ones,
  reshape,
  sub,
  sum,
  type Tensor,
  tensor,
} from "@isograd/tensor";
import { expectOneOf, expectTensorOf, expectWhole } from "../expect.js";
import type { DenseGraphs } from "./graph.js";
import { completeEdges } from "./graph.js";
import { halvesOf } from "./halves.js";
import { planOf } from "./plan.js";
import type { Links, Wiring } from "./wiring.js";

/** Prepares b graphs of n nodes. */
export function wireDense(graphs: DenseGraphs): Wiring {
  const { positions, scalars, vectors, edges, mask } = graphs;
  const [b, n, dim] = positions.shape as readonly [number, number, number];
  const [V, E] = [b * n, b * n * n];
  const masked = (x: Tensor): Tensor => {
    expectTensorOf("wiring", "x", x);
    const tail = x.shape.slice(1);
    const shaped = reshape(x, [b, n, ...tail]);
    if (mask === undefined) return shaped;
    return mul(shaped, reshape(mask, [b, n, ...tail.map(() => 1)]));
  };
  return {
    ...completeLinks(b, n, positions.device),
    get displacements() {
      const [to, from] = [reshape(positions, [b, n, 1, dim]), reshape(positions, [b, 1, n, dim])];
      return reshape(sub(from, to), [E, dim]);
    },
    get positions() {
      return reshape(positions, [V, dim]);
    },
    scalars: scalars ? reshape(scalars, [V, scalars.shape[2] as number]) : null,
    vectors: vectors ? reshape(vectors, [V, vectors.shape[2] as number, dim]) : null,
    attributes: edges ? reshape(edges, [E, edges.shape[3] as number]) : null,
    edgeMask: mask ? edgeMaskOf(mask) : null,
    shifts: null,
    cutoff: null,
    graphs: b,
    get graph() {
      const graph = Int32Array.from({ length: V }, (_, v) => Math.floor(v / Math.max(n, 1)));
      return tensor(graph, { device: positions.device });
    },
    halves: (antipodes) => halvesOf(graphs, antipodes),
    perNode: masked,
    pool(x, how) {
      expectPooling(how);
      const total = sum(masked(x), { axis: 1 });
      if (how === "sum") return total;
      if (mask === undefined) return total.mul(1 / n);
      const counts = sum(mask, { axis: 1 }).maximum(1);
      return total.div(reshape(counts, [b, ...x.shape.slice(1).map(() => 1)]));
    },
  };
}

type Passing = Omit<Links, "displacements" | "attributes" | "edgeMask" | "halves">;

/** Message passing between all pairs of nodes of each graph. */
function completeLinks(b: number, n: number, device: string): Passing {
  const [V, E] = [b * n, b * n * n];
  const sizes = Array.from({ length: b }, () => n);
  const ends = () => completeEdges(sizes, { device });
  const width = (x: Tensor, rows: number) => {
    expectTensorOf("wiring", "x", x);
    return x.size / Math.max(rows, 1);
  };
  return {
    nodes: V,
    senders: V,
    edges: E,
    ends,
    aggregate(kernel, x) {
      const R = width(x, V);
      const messages = mul(reshape(kernel, [b, n, n, R]), reshape(x, [b, 1, n, R]));
      return reshape(sum(messages, { axis: 2 }), [V, R]);
    },
    sent(x) {
      const R = width(x, V);
      return reshape(broadcastTo(reshape(x, [b, 1, n, R]), [b, n, n, R]), [E, R]);
    },
    received(x) {
      const R = width(x, V);
      return reshape(broadcastTo(reshape(x, [b, n, 1, R]), [b, n, n, R]), [E, R]);
    },
    collect(messages) {
      const R = width(messages, E);
      return reshape(sum(reshape(messages, [b, n, n, R]), { axis: 2 }), [V, R]);
    },
    largest(messages) {
      const R = width(messages, E);
      return reshape(max(reshape(messages, [b, n, n, R]), { axis: 2 }), [V, R]);
    },
    plan(orientations, channels) {
      expectPlan(orientations, channels);
      return planOf({ ...ends(), senders: V, receivers: V }, orientations * channels);
    },
  };
}

/** @throws UsageError for an unknown way to pool. */
export function expectPooling(how: unknown): void {
  expectOneOf("wiring.pool", "pooling is not", how, ["sum", "mean"]);
}

/** @throws UsageError unless both are whole numbers. */
export function expectPlan(orientations: unknown, channels: unknown): void {
  expectWhole("wiring.plan", "orientations", orientations, 1);
  expectWhole("wiring.plan", "channels", channels, 0);
}

/** From nodes [b, n] to edges [b n n, 1], by their senders. */
function edgeMaskOf(mask: Tensor): Tensor {
  const [b, n] = mask.shape as readonly [number, number];
  const all = ones([b, n, 1], { dtype: mask.dtype, device: mask.device });
  return reshape(mul(reshape(mask, [b, 1, n]), all), [b * n * n, 1]);
}
