/** @file Message passing along a list of edges, in one set of nodes or between two. */
import {
  add,
  mul,
  ones,
  reshape,
  segmentMax,
  segmentSum,
  sub,
  sum,
  type Tensor,
  take,
} from "@isograd/tensor";
import { expectTensorOf } from "../expect.js";
import type { EdgeListGraphs } from "./graph.js";
import { planOf } from "./plan.js";
import { expectPlan, expectPooling } from "./wireDense.js";
import type { Links, Wiring } from "./wiring.js";

/** Prepares a list of nodes and edges. */
export function wireEdgeList(graphs: EdgeListGraphs): Wiring {
  const { positions, source, target, shifts, graph } = graphs;
  const V = positions.shape[0] as number;
  const pooled = (x: Tensor): Tensor => {
    expectTensorOf("wiring.pool", "x", x);
    if (graph) return segmentSum(x, graph, graphs.graphs as number);
    return sum(x, { axis: 0, keepdims: true });
  };
  return {
    ...links({ source, target, senders: positions, receivers: positions, shifts }),
    positions,
    scalars: graphs.scalars ?? null,
    vectors: graphs.vectors ?? null,
    attributes: graphs.edges ?? null,
    shifts: shifts ?? null,
    cutoff: graphs.cutoff ?? null,
    graphs: graphs.graphs ?? 1,
    graph: graph ?? null,
    perNode(x) {
      expectTensorOf("wiring.perNode", "x", x);
      return x;
    },
    pool(x, how) {
      expectPooling(how);
      if (how === "sum") return pooled(x);
      const counts = pooled(ones([V], { dtype: x.dtype, device: x.device })).maximum(1);
      return pooled(x).div(reshape(counts, [counts.size, ...x.shape.slice(1).map(() => 1)]));
    },
  };
}

/** Edges between two sets of nodes, which can be equal. */
export interface Ends {
  /** The sender of each edge, int32 [E]. */
  readonly source: Tensor;
  /** The receiver of each edge, int32 [E]. */
  readonly target: Tensor;
  /** Positions of the senders [·, n]. */
  readonly senders: Tensor;
  /** Positions of the receivers [V, n]. */
  readonly receivers: Tensor;
  readonly shifts?: Tensor | undefined;
}

/** Numbers of nodes count from the front: a negative one is an error. */
const read = (x: Tensor, nodes: Tensor): Tensor => take(x, nodes, { fromEnd: false });

/** Message passing from senders to receivers. */
export function links({ source, target, senders, receivers, shifts }: Ends): Links {
  const [V, S] = [receivers.shape[0] as number, senders.shape[0] as number];
  const rows = (x: Tensor, count: number) => {
    expectTensorOf("wiring", "x", x);
    const ready = x.shape.length === 2 && x.shape[0] === count; // true also for 0 rows
    return ready ? x : reshape(x, [count, x.size / Math.max(count, 1)]);
  };
  return {
    nodes: V,
    senders: S,
    edges: source.size,
    ends: () => ({ source, target }),
    get displacements() {
      const x = sub(read(senders, source), read(receivers, target));
      return shifts ? add(x, shifts) : x;
    },
    attributes: null,
    edgeMask: null,
    aggregate: (kernel, x) => segmentSum(mul(kernel, read(rows(x, S), source)), target, V),
    sent: (x) => read(rows(x, S), source),
    received: (x) => read(rows(x, V), target),
    collect: (messages) => segmentSum(messages, target, V),
    largest: (messages) => segmentMax(messages, target, V),
    plan(orientations, channels) {
      expectPlan(orientations, channels);
      return planOf({ source, target, senders: S, receivers: V }, orientations * channels);
    },
    halves: () => null,
  };
}
