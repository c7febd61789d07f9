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
import { given } from "@isograd/tensor/engine";
import { expectOneOf, synonyms } from "../expect.js";
import { softCount, windows } from "../features/window.js";
import type { Fibre, FibreSizes, Read } from "../fibres/fibre.js";
import { pointFibre } from "../fibres/points.js";
import type { FeatureSizes } from "../graphs/checks.js";
import { type LineGraph, lineGraph } from "../graphs/lineGraph.js";
import { links } from "../graphs/wireEdgeList.js";
import type { Links, Wiring } from "../graphs/wiring.js";
import { kernelsOf } from "../layers/kernels.js";
import { type Attributes, EPS, expectAttributes, invariants } from "../theory/invariants.js";
import { type Arrangement, EquivariantNetwork, expectWiring } from "./network.js";
import { NETWORK, type NetworkOptions } from "./options.js";

/** Options of {@link EdgePonita}. */
export interface EdgePonitaOptions extends NetworkOptions {
  readonly interaction?: "separable" | "messages" | "attention" | undefined;
  /**
   * What kernels depend on for a pair of oriented points; default: "complete". "chiral"
   * distinguishes mirror images.
   */
  readonly attributes?: Attributes | undefined;
  /** As for {@link Ponita}; default: the cut-off of the graph, which {@link radiusGraph} sets. */
  readonly cutoff?: number | undefined;
  /**
   * Whether oriented points fade with the length of their edge; default: true. With false, only
   * messages between different positions fade, only with a `cutoff` given here, and all points have
   * equal weight in means: outputs then jump where edges appear and disappear.
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
    // both nodes, the edge, and its length
    features: (n: FeatureSizes) => 2 * (n.scalars + n.vectors) + n.edgeScalars + 1,
  };
}

/**
 * The network of {@link Ponita} on a cloud of oriented points instead of a grid: each directed edge
 * i ← j is a point at p_i with the orientation `x/‖x‖`, x = p_j − p_i. It receives messages from
 * the oriented points at p_i and at p_j (with chiral attributes, at every neighbour of i: in its
 * own direction all determinants are 0). Kernels depend on the attributes of pairs of R³×S². The
 * output of a node is the mean over the oriented points at the node, `Σ r o` for vectors.
 *
 * Oriented points appear and disappear with their edges. So each has a weight w, the window of the
 * length of its edge. Messages are multiplied by the weight of their sender, and by the window of
 * the distance between the two points. Scalars are read as `Σ w r / c(Σ w)`, with c(s) = s for s ≥
 * 1 and c(0) = 1, vectors as `Σ w r o`. Outputs then have two continuous derivatives by the
 * positions, also at the cut-off. Without a cut-off w = 1.
 *
 * Exactly equivariant to every rotation, and to reflections unless attributes are chiral. The cost
 * grows with the number of pairs of edges with a common node. Nodes without neighbours have the
 * output 0 and no influence.
 *
 * Source: arXiv 2310.02970, section 4 (position-orientation point clouds).
 *
 * @throws UsageError on devices without synchronous reads: the graph of edges is built on the CPU.
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
    const names = `${NETWORK} attributes fadePoints?` as const;
    const {
      attributes = "complete",
      fadePoints = true,
      ...rest
    } = given("EdgePonita", options, names, synonyms);
    expectAttributes("EdgePonita", attributes);
    const { interaction = "separable" } = rest;
    const can = ["separable", "messages", "attention"];
    expectOneOf("EdgePonita", "no interaction of oriented points is called", interaction, can);
    super("EdgePonita", rest, sizes(attributes));
    this.attributes = attributes;
    this.fadePoints = fadePoints;
  }

  protected override fibre(): Fibre {
    return pointFibre(3);
  }

  protected override arrange(wiring: Wiring): Arrangement {
    expectWiring("EdgePonita", wiring);
    const graph = lineGraph(
      "EdgePonita",
      wiring,
      this.attributes === "chiral" ? "around" : "ahead",
    );
    const V = wiring.nodes;
    const x = take(wiring.displacements, graph.kept);
    const length = sqrt(sum(square(x), { axis: 1, keepdims: true }).add(EPS));
    const o = x.div(length);
    const { settings, spatialBasis, fadePoints } = this;
    const cutoff = settings.cutoff ?? (fadePoints ? wiring.cutoff : null);
    const weight = fadePoints && cutoff !== null ? windows[settings.window](length, cutoff) : null;
    const own = orientedLinks(graph, x, weight);
    const fibre = {
      ...this.fibre(),
      of: () => columns(graph, own.displacements, o, this.attributes),
    };
    return {
      features: featuresOf(graph, wiring, o, length),
      kernels: kernelsOf(own, fibre, { ...settings, cutoff, spatial: spatialBasis, fibre: null }),
      read: (functions) =>
        readAt(weight ? mul(functions, weight) : functions, graph, o, weight, this.outputs, V),
    };
  }
}

/** Attributes of all pairs, as columns [M]. */
function columns(graph: LineGraph, x: Tensor, o: Tensor, attributes: Attributes): Tensor[] {
  const { source, target } = graph;
  const receiver = { position: x.mul(0), orientation: take(o, target) };
  const sender = { position: x, orientation: take(o, source) };
  const all = invariants("R3xS2", attributes)(receiver, sender);
  const [M, k] = all.shape as readonly [number, number];
  return Array.from({ length: k }, (_, a) => reshape(all.slice([null, [a, a + 1]]), [M]));
}

/** Reads functions that are already multiplied by their weights, at V nodes. */
function readAt(
  functions: Tensor,
  { base }: LineGraph,
  o: Tensor,
  weight: Tensor | null,
  { scalars: ds, vectors: dv }: EquivariantNetwork["outputs"],
  V: number,
): Read {
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

/**
 * Edges between oriented points. Their displacement is the x between the two positions, their mask
 * the sender's weight.
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
