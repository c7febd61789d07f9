/** @file EGNN: messages depend on distances, and positions move along differences. A baseline. */
import { init, type LayerOptions, Linear, type LinearOptions, MLP, Module } from "@isograd/nn";
import {
  add,
  concat,
  mul,
  reshape,
  scope,
  silu,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  UsageError,
  zeros,
} from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { synonyms } from "../expect.js";
import { softCount, type WindowName, windows } from "../features/window.js";
import { distances } from "../fibres/points.js";
import type { FeatureSizes } from "../graphs/checks.js";
import type { Graphs } from "../graphs/graph.js";
import { wire } from "../graphs/wire.js";
import type { Wiring } from "../graphs/wiring.js";
import { EPS } from "../theory/invariants.js";
import type { Outputs } from "./network.js";
import { type NetworkOptions, resolveOptions, SIZES } from "./options.js";

/** Options of {@link Egnn}: at most one input vector and one output vector. */
export interface EgnnOptions
  extends Pick<
    NetworkOptions,
    | "inputs"
    | "channels"
    | "layers"
    | "cutoff"
    | "window"
    | "level"
    | "pooling"
    | "rng"
    | "dtype"
    | "device"
  > {
  readonly outputs: { readonly scalars?: number | undefined; readonly vectors?: 0 | 1 | undefined };
}

const COORDINATE_GAIN = 0.001;

interface State {
  readonly h: Tensor;
  readonly x: Tensor;
  readonly v: Tensor | null;
}

/**
 * One layer of EGNN, with r = x_i − x_j:
 *
 * `m_ij = φ_e(h_i, h_j, ‖r‖², a_ij)`, `v_i ← φ_v(h_i) v_i + mean_j r φ_x(m_ij)`, `x_i ← x_i + v_i`,
 * `h_i ← h_i + φ_h(h_i, Σ_j m_ij)`; without velocities x moves by the mean itself.
 */
class EgnnLayer extends Module {
  readonly edge: MLP;
  readonly node: MLP;
  readonly hidden: Linear;
  readonly coordinate: Linear;
  readonly velocity: MLP | null;

  constructor(channels: number, edges: number, velocity: boolean, options: LayerOptions) {
    super();
    const make = { ...options, activation: "silu" as const };
    const end = { ...make, outputActivation: "silu" as const };
    this.edge = new MLP([2 * channels + 1 + edges, channels, channels], end);
    this.node = new MLP([2 * channels, channels, channels], make);
    this.hidden = new Linear(channels, channels, options);
    // As in the authors' code, points hardly move at first, which keeps the distances of later
    // layers stable.
    const small: LinearOptions["init"] = (shape, how) =>
      init.xavierUniform(shape, { ...how, gain: COORDINATE_GAIN });
    this.coordinate = new Linear(channels, 1, { ...options, bias: false, init: small });
    this.velocity = velocity ? new MLP([channels, channels, 1], make) : null;
  }

  forward({ h, x, v }: State, wiring: Wiring, counts: Tensor, open: Tensor): State {
    const { shifts } = wiring;
    const apart = sub(wiring.received(x), wiring.sent(x));
    const r = shifts === null ? apart : sub(apart, shifts);
    const squared = sum(square(r), { axis: 1, keepdims: true });
    const parts = [wiring.received(h), wiring.sent(h), squared];
    if (wiring.attributes !== null) parts.push(wiring.attributes);
    const messages = mul(this.edge.forward(concat(parts, { axis: 1 })), open);
    const pushed = mul(r, this.coordinate.forward(silu(this.hidden.forward(messages))));
    const pushes = wiring.collect(mul(pushed, open)).div(counts);
    const moved = v && this.velocity ? add(mul(this.velocity.forward(h), v), pushes) : pushes;
    const heard = concat([h, wiring.collect(messages)], { axis: 1 });
    return { h: add(h, this.node.forward(heard)), x: add(x, moved), v: v && moved };
  }
}

/**
 * E(n) equivariant graph network: exact for every rotation and reflection. An input vector is a
 * velocity; the output vector is the displacement of the point; scalars are read from the features
 * of nodes. Squared distances are inputs without scaling: choose units in which they are neither
 * huge nor tiny. With a `cutoff`, messages are multiplied by the window w of the initial distance,
 * and means are `Σ w r φ_x / c(Σ w)` with c(s) = s for s ≥ 1 and c(0) = 1; the paper has no
 * cut-off.
 *
 * Source: V. G. Satorras, E. Hoogeboom, M. Welling, E(n) Equivariant Graph Neural Networks, ICML
 * 2021, arXiv 2102.09844.
 *
 * @throws ShapeError when a batch does not have the features that the network was made for.
 * @example
 * const model = new Egnn({
 *   inputs: { scalars: 1, vectors: 1 },
 *   outputs: { vectors: 1 },
 *   channels: 16,
 *   layers: 2,
 *   rng: rng(0),
 * });
 * const graphs = {
 *   positions: rng(1).normal([10, 5, 3]),
 *   scalars: rng(2).normal([10, 5, 1]),
 *   vectors: rng(3).normal([10, 5, 1, 3]),
 * };
 * model.forward(graphs).vectors.shape; // [10,5,1,3]
 */
export class Egnn extends Module {
  readonly embedding: Linear;
  readonly layers: EgnnLayer[];
  readonly head: MLP | null;
  readonly inputs: FeatureSizes;
  readonly outputs: { readonly scalars: number; readonly vectors: number };
  readonly level: "node" | "graph";
  private readonly pooling: "sum" | "mean";
  private readonly cutoff: number | null;
  private readonly window: WindowName;

  constructor(options: EgnnOptions) {
    super();
    const names = `${SIZES} cutoff# window` as const;
    const resolved = resolveOptions("Egnn", given("Egnn", options, names, synonyms));
    const { channels, layers, inputs, outputs, rng, dtype, device } = resolved;
    const make = { rng, dtype, device };
    if (inputs.vectors > 1 || outputs.vectors > 1) {
      const problem = "it takes one vector, a velocity, and gives one, a motion";
      throw new UsageError("Egnn", problem, "take Ponita for more vectors");
    }
    this.inputs = inputs;
    this.outputs = outputs;
    this.level = resolved.level;
    this.pooling = resolved.pooling;
    this.cutoff = resolved.cutoff;
    this.window = resolved.window;
    // The speed is an invariant: with the scalars it makes the first features.
    this.embedding = new Linear(inputs.scalars + inputs.vectors, channels, make);
    this.layers = Array.from(
      { length: layers },
      () => new EgnnLayer(channels, inputs.edgeScalars, inputs.vectors > 0, make),
    );
    const wanted = outputs.scalars;
    const end = { ...make, activation: "silu" as const };
    this.head = wanted > 0 ? new MLP([channels, channels, wanted], end) : null;
  }

  forward(graphs: Graphs): Outputs {
    return scope(() => {
      const wiring = wire("Egnn", graphs, this.inputs);
      const { positions, scalars, vectors } = wiring;
      const V = wiring.nodes;
      const dim = positions.shape[1] as number;
      const like = { dtype: positions.dtype, device: positions.device };
      const v = vectors && reshape(vectors, [V, dim]);
      const speed = v && sqrt(sum(square(v), { axis: 1, keepdims: true }).add(EPS));
      const given = [scalars, speed].filter((t) => t !== null);
      const { open, counts } = openEdges(wiring, this.cutoff, this.window);
      let state: State = { h: this.embedding.forward(concat(given, { axis: 1 })), x: positions, v };
      for (const layer of this.layers) state = layer.forward(state, wiring, counts, open);
      const motion = sub(state.x, positions);
      const said = this.head ? this.head.forward(state.h) : zeros([V, 0], like);
      const turned =
        this.outputs.vectors > 0 ? reshape(motion, [V, 1, dim]) : zeros([V, 0, dim], like);
      if (this.level === "graph") {
        const { pooling } = this;
        return { scalars: wiring.pool(said, pooling), vectors: wiring.pool(turned, pooling) };
      }
      return { scalars: wiring.perNode(said), vectors: wiring.perNode(turned) };
    });
  }
}

/**
 * The weight of each edge: the window for edges between two nodes, or to an image in a periodic
 * box; 0 for loops and padding. And the soft count of these edges at each node.
 */
function openEdges(
  wiring: Wiring,
  cutoff: number | null,
  window: WindowName,
): { open: Tensor; counts: Tensor } {
  const { source, target } = wiring.ends();
  const { shifts, displacements, positions, edges } = wiring;
  const others = source.notEqual(target);
  const moved = shifts?.notEqual(0).any({ axis: 1 });
  const parts = [(moved ? others.logicalOr(moved) : others).cast(positions.dtype)];
  if (cutoff !== null) parts.push(windows[window](distances(displacements), cutoff));
  if (wiring.edgeMask !== null) parts.push(reshape(wiring.edgeMask, [edges]));
  const open = reshape(parts.reduce(mul), [edges, 1]);
  return { open, counts: softCount(wiring.collect(open)) };
}
