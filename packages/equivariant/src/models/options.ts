/** @file Options of the networks, their defaults and their checks. */
import type { LayerOptions } from "@isograd/nn";
import { type Rng, UsageError } from "@isograd/tensor";
import type { RadialBasis } from "../features/radial.js";
import type { WindowName } from "../features/window.js";
import type { FeatureSizes } from "../graphs/checks.js";
import type { InteractionName } from "../layers/interactions.js";

/** Sizes and choices that the networks share. */
export interface NetworkOptions extends LayerOptions {
  /**
   * How many features come in: scalars and vectors of nodes, scalars of edges; 0 each unless said.
   */
  readonly inputs: {
    readonly scalars?: number | undefined;
    readonly vectors?: number | undefined;
    readonly edges?: number | undefined;
  };
  /** How many come out; 0 each unless said. */
  readonly outputs: {
    readonly scalars?: number | undefined;
    readonly vectors?: number | undefined;
  };
  /** Width C: 128. */
  readonly channels?: number | undefined;
  /** Size B of the basis of kernels: as many as channels. */
  readonly basis?: number | undefined;
  /** Number L of blocks: 5. */
  readonly layers?: number | undefined;
  /** Inner width of the blocks in channels: 4. */
  readonly widening?: number | undefined;
  /** Initial scale of each block's change; none unless said. The paper's value is 1e-6. */
  readonly layerScale?: number | undefined;
  /**
   * Distance at which messages fade out, in the units of the positions; none unless said. On the
   * graph of {@link radiusGraph} with the same one, outputs have two derivatives by the positions,
   * also where edges come and go; without, they jump there.
   */
  readonly cutoff?: number | undefined;
  /** How they fade: "polynomial". */
  readonly window?: WindowName | undefined;
  /** Functions of the distance up to the cut-off that kernels see beside polynomials; none. */
  readonly radial?: RadialBasis | undefined;
  /** How nodes exchange messages: "separable". */
  readonly interaction?: InteractionName | undefined;
  /** Heads of the interaction "attention": 4. */
  readonly heads?: number | undefined;
  /**
   * Whether separable kernels are computed a few edges at a time and forgotten ("fused"), or stored
   * for the backward pass ("stored", the default): the first holds less memory and takes longer.
   */
  readonly kernels?: "stored" | "fused" | undefined;
  /** Whether to average readouts after every block, or to read the last only: "average". */
  readonly readout?: "average" | "last" | undefined;
  /** Whether outputs belong to nodes or to graphs: "node". */
  readonly level?: "node" | "graph" | undefined;
  /** How graphs collect their nodes: "sum". */
  readonly pooling?: "sum" | "mean" | undefined;
}

/** Options with nothing left open. */
export interface Resolved {
  readonly inputs: FeatureSizes;
  readonly outputs: { readonly scalars: number; readonly vectors: number };
  readonly channels: number;
  readonly basis: number;
  readonly layers: number;
  readonly widening: number;
  readonly layerScale: number | null;
  readonly cutoff: number | null;
  readonly window: WindowName;
  readonly radial: (RadialBasis & { readonly cutoff: number }) | null;
  readonly interaction: InteractionName;
  readonly heads: number;
  readonly kernels: "stored" | "fused";
  readonly readout: "average" | "last";
  readonly level: "node" | "graph";
  readonly pooling: "sum" | "mean";
  readonly rng: Rng;
  readonly dtype: LayerOptions["dtype"];
  readonly device: LayerOptions["device"];
}

/**
 * Fills in defaults.
 *
 * @throws UsageError for sizes that make no network.
 */
export function resolveOptions(op: string, options: NetworkOptions, dim: 2 | 3 = 3): Resolved {
  const { inputs = {}, outputs = {}, rng, dtype, device } = options ?? {};
  if (rng === undefined) {
    throw new UsageError(op, "no random generator was given", "pass one: { rng: rng(0) }");
  }
  const channels = options.channels ?? 128;
  const resolved: Resolved = {
    inputs: {
      scalars: inputs.scalars ?? 0,
      vectors: inputs.vectors ?? 0,
      edgeScalars: inputs.edges ?? 0,
      dim,
    },
    outputs: { scalars: outputs.scalars ?? 0, vectors: outputs.vectors ?? 0 },
    channels,
    basis: options.basis ?? channels,
    layers: options.layers ?? 5,
    widening: options.widening ?? 4,
    layerScale: options.layerScale ?? null,
    cutoff: options.cutoff ?? null,
    window: options.window ?? "polynomial",
    radial: radialOf(op, options),
    interaction: options.interaction ?? "separable",
    heads: options.heads ?? 4,
    kernels: options.kernels ?? "stored",
    readout: options.readout ?? "average",
    level: options.level ?? "node",
    pooling: options.pooling ?? "sum",
    rng,
    dtype,
    device,
  };
  check(op, resolved);
  return resolved;
}

function radialOf(op: string, { radial, cutoff }: NetworkOptions): Resolved["radial"] {
  if (radial === undefined) return null;
  if (cutoff !== undefined) return { ...radial, cutoff };
  throw new UsageError(op, "radial functions need a distance", "give a cutoff, too");
}

function check(op: string, r: Resolved): void {
  for (const name of ["channels", "basis", "layers", "widening"] as const) {
    if (Number.isInteger(r[name]) && r[name] >= 1) continue;
    throw new UsageError(op, `${name} is a whole number, at least 1: got ${r[name]}`);
  }
  const { dim: _, ...inputs } = r.inputs;
  const counts = { ...inputs, outScalars: r.outputs.scalars, outVectors: r.outputs.vectors };
  for (const [name, count] of Object.entries(counts)) {
    if (Number.isInteger(count) && count >= 0) continue;
    throw new UsageError(op, `${name} is a whole number, at least 0: got ${count}`);
  }
  if (r.inputs.scalars + r.inputs.vectors === 0) {
    throw new UsageError(
      op,
      "nodes have no features",
      "a constant will do: { inputs: { scalars: 1 } }, with ones as scalars",
    );
  }
  if (r.outputs.scalars + r.outputs.vectors === 0) {
    throw new UsageError(op, "there is nothing to predict", "say so: { outputs: { vectors: 1 } }");
  }
  if (r.cutoff !== null && !(r.cutoff > 0)) {
    throw new UsageError(op, `cutoff must be positive: got ${r.cutoff}`);
  }
}
