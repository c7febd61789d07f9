/**
 * @file The network on edges as oriented points: R³×S² without a grid, exact for every rotation.
 */
import {
  concat,
  mul,
  ones,
  reshape,
  segmentSum,
  sqrt,
  square,
  sum,
  type Tensor,
  take,
  zeros,
} from "@isograd/tensor";
import { softCount, windows } from "../features/window.js";
import type { Fibre, FibreSizes, Read } from "../fibres/fibre.js";
import { pointFibre } from "../fibres/points.js";
import type { FeatureSizes } from "../graphs/checks.js";
import { type LineGraph, lineGraph } from "../graphs/lineGraph.js";
import { links } from "../graphs/wireEdgeList.js";
import type { Links, Wiring } from "../graphs/wiring.js";
import { kernelsOf } from "../layers/kernels.js";
import { type Attributes, EPS, invariants } from "../theory/invariants.js";
import { type Arrangement, EquivariantNetwork } from "./network.js";
import type { NetworkOptions } from "./options.js";

/** Options of {@link EdgePonita}. */
export interface EdgePonitaOptions extends NetworkOptions {
  readonly interaction?: "separable" | "messages" | "attention" | undefined;
  /**
   * What kernels see of a pair of oriented points: "complete"; "chiral" tells mirror images apart.
   */
  readonly attributes?: Attributes | undefined;
  /** As for {@link Ponita}; that of the graph ({@link radiusGraph} says it) unless said. */
  readonly cutoff?: number | undefined;
  /**
   * Whether oriented points fade with the length of their edge: true. With false only messages over
   * a distance fade, and only with a `cutoff` given here, and means count each point once: outputs
   * then jump where edges come and go.
   */
  readonly fadePoints?: boolean | undefined;
}

function sizes(attributes: Attributes): FibreSizes {
  const count = { paper: 3, complete: 4, chiral: 5 }[attributes];
  return {
    dim: 3,
    spatial: count,
    pairs: 0,
    attributes: count,
    perVector: 1,
    // of both ends, and the edge with its length
    features: (n: FeatureSizes) => 2 * (n.scalars + n.vectors) + n.edgeScalars + 1,
  };
}

/**
 * The network of {@link Ponita} on a cloud of oriented points instead of a grid: each directed edge
 * i ← j stands at p_i and looks along `x/‖x‖`, x = p_j − p_i. Messages come from the edges that
 * stand where one stands, and from those that stand where it looks (with chiral attributes, at any
 * neighbour: along one's own direction no determinant differs from 0); kernels see the attributes
 * of pairs of R³×S². Read by node: means over the edges that stand at it, `Σ r o` for vectors.
 *
 * Oriented points come and go with their edges. So what a point says counts by the window of the
 * length of its edge, in messages (beside that of the distance that they go) and where it is read:
 * `Σ w r / c(Σ w)` for scalars, with c(s) = s from s = 1 on and 1 at 0, `Σ w r o` for vectors.
 * Outputs then have two derivatives by the positions, also at the cut-off; without a cut-off w = 1.
 *
 * Exactly equivariant to every rotation; to reflections too, unless with chiral attributes. It
 * costs as the number of pairs of edges with a common node, and sees nothing of nodes without
 * neighbours.
 *
 * Source: arXiv 2310.02970, section 4 (position-orientation point clouds).
 *
 * @throws UsageError on devices that cannot be read at once: the graph of edges is built on the
 * CPU.
 * @example
 * const model = new EdgePonita({
 *   inputs: { scalars: 1 },
 *   outputs: { vectors: 1 },
 *   channels: 8,
 *   layers: 2,
 *   rng: rng(0),
 * });
 * const graphs = { positions: rng(1).normal([2, 4, 3]), scalars: ones([2, 4, 1]) };
 * assertEquivariant(model, graphs, { transforms: ["rotation", "reflection", "translation"] });
 * model.forward(graphs).vectors.shape; // [2,4,1,3]
 */
export class EdgePonita extends EquivariantNetwork {
  private readonly attributes: Attributes;
  private readonly fadePoints: boolean;

  constructor(options: EdgePonitaOptions) {
    const attributes = options?.attributes ?? "complete";
    super("EdgePonita", options, sizes(attributes));
    this.attributes = attributes;
    this.fadePoints = options.fadePoints ?? true;
  }

  protected override fibre(): Fibre {
    return pointFibre(3);
  }

  protected override arrange(wiring: Wiring): Arrangement {
    const graph = lineGraph(
      "EdgePonita",
      wiring,
      this.attributes === "chiral" ? "around" : "ahead",
    );
    const x = take(wiring.displacements, graph.kept);
    const length = sqrt(sum(square(x), { axis: 1, keepdims: true }).add(EPS));
    const o = x.div(length);
    const { settings, spatialBasis, fadePoints } = this;
    const cutoff = settings.cutoff ?? (fadePoints ? wiring.cutoff : null);
    const weight = fadePoints && cutoff !== null ? windows[settings.window](length, cutoff) : null;
    const own = orientedLinks(graph, x, weight);
    const fibre = { ...this.fibre(), of: () => this.columns(graph, own.displacements, o) };
    return {
      features: featuresOf(graph, wiring, o, length),
      kernels: kernelsOf(own, fibre, { ...settings, cutoff, spatial: spatialBasis, fibre: null }),
      read: (functions) =>
        this.readAt(weight ? mul(functions, weight) : functions, graph, wiring, o, weight),
    };
  }

  /** Attributes of all pairs, as columns [M]. */
  private columns({ source, target }: LineGraph, x: Tensor, o: Tensor): Tensor[] {
    const receiver = { position: x.mul(0), orientation: take(o, target) };
    const sender = { position: x, orientation: take(o, source) };
    const all = invariants("R3xS2", this.attributes)(receiver, sender);
    const [M, k] = all.shape as readonly [number, number];
    return Array.from({ length: k }, (_, a) => reshape(all.slice([null, [a, a + 1]]), [M]));
  }

  /** Sums and means of functions that are weighted already. */
  private readAt(
    functions: Tensor,
    { base }: LineGraph,
    wiring: Wiring,
    o: Tensor,
    weight: Tensor | null,
  ): Read {
    const V = wiring.nodes;
    const { scalars: ds, vectors: dv } = this.outputs;
    const N = base.size;
    const like = { dtype: functions.dtype, device: functions.device };
    const whole = weight === null ? ones([N], like) : reshape(weight, [N]);
    const counts = softCount(segmentSum(whole, base, V));
    const scalars = segmentSum(functions.slice([null, [0, ds]]), base, V);
    const amounts = reshape(functions.slice([null, [ds, ds + dv]]), [N, dv, 1]);
    const vectors = segmentSum(mul(amounts, reshape(o, [N, 1, 3])), base, V);
    return {
      scalars: scalars.div(reshape(counts, [V, 1])),
      vectors: vectors.div(reshape(counts, [V, 1, 1])),
    };
  }
}

/**
 * Edges between oriented points: x is that of the edge between where they stand, their mask the
 * sender's weight.
 */
function orientedLinks(graph: LineGraph, x: Tensor, weight: Tensor | null): Links {
  const { source, target, via, base } = graph;
  const still = zeros([1, 3], { dtype: x.dtype, device: x.device });
  const at = zeros([base.size, 3], { dtype: x.dtype, device: x.device });
  const { displacements: _, ...rest } = links({ source, target, senders: at, receivers: at });
  return {
    ...rest,
    edgeMask: weight && take(weight, source),
    get displacements() {
      return take(concat([x, still]), via);
    },
  };
}

/** Scalars and vectors of both ends, features of the edge, and its length: [N, features]. */
function featuresOf(graph: LineGraph, wiring: Wiring, o: Tensor, length: Tensor): Tensor {
  const { base, tip, kept } = graph;
  const parts: Tensor[] = [length];
  for (const end of [base, tip]) {
    if (wiring.scalars !== null) parts.push(take(wiring.scalars, end));
    if (wiring.vectors === null) continue;
    const along = mul(take(wiring.vectors, end), reshape(o, [base.size, 1, 3]));
    parts.push(sum(along, { axis: 2 }));
  }
  if (wiring.attributes !== null) parts.push(take(wiring.attributes, kept));
  return concat(parts, { axis: 1 });
}
