/** @file Options of the networks, their defaults and their checks. */
import type { LayerOptions } from "@isograd/nn";
import { type Rng, UsageError } from "@isograd/tensor";
import type { RadialBasis } from "../features/radial.js";
import type { WindowName } from "../features/window.js";
import type { FeatureSizes } from "../graphs/checks.js";
import type { InteractionName } from "../layers/interactions.js";

/** Sizes and choices that the networks share. */
export interface NetworkOptions extends LayerOptions {
  /** Number of input features: scalars and vectors of nodes, scalars of edges; default: 0 each. */
  readonly inputs: {
    readonly scalars?: number | undefined;
    readonly vectors?: number | undefined;
    readonly edges?: number | undefined;
  };
  /** Number of output features; default: 0 each. */
  readonly outputs: {
    readonly scalars?: number | undefined;
    readonly vectors?: number | undefined;
  };
  /** Width C; default: 128. */
  readonly channels?: number | undefined;
  /** Size B of the basis of kernels; default: the number of channels. */
  readonly basis?: number | undefined;
  /** Number L of blocks; default: 5. */
  readonly layers?: number | undefined;
  /** Inner width of the blocks, as a multiple of the channels; default: 4. */
  readonly widening?: number | undefined;
  /** Initial scale of each block's change; default: no scale. The paper uses 1e-6. */
  readonly layerScale?: number | undefined;
  /**
   * Distance at which messages fade to 0, in the units of the positions; default: none. On a graph
   * of {@link radiusGraph} with the same cut-off, outputs have two continuous derivatives by the
   * positions, also where edges appear and disappear; without a cut-off they jump there.
   */
  readonly cutoff?: number | undefined;
  /** How messages fade; default: "polynomial". */
  readonly window?: WindowName | undefined;
  /**
   * Functions of the distance up to the cut-off, as further inputs of the kernels; default: none.
   */
  readonly radial?: RadialBasis | undefined;
  /** How nodes exchange messages; default: "separable". */
  readonly interaction?: InteractionName | undefined;
  /** Number of heads of the interaction "attention"; default: 4. */
  readonly heads?: number | undefined;
  /**
   * Whether separable kernels are stored for the backward pass ("stored", the default), or computed
   * for a few edges at a time and not stored ("fused"), which takes less memory and more time.
   */
  readonly kernels?: "stored" | "fused" | undefined;
  /**
   * Whether to average the readouts of all blocks, or to read only the last; default: "average".
   */
  readonly readout?: "average" | "last" | undefined;
  /** Whether outputs belong to nodes or to graphs; default: "node". */
  readonly level?: "node" | "graph" | undefined;
  /** How the outputs of nodes are combined to those of graphs; default: "sum". */
  readonly pooling?: "sum" | "mean" | undefined;
}

/** Options with defaults filled in. */
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
 * @throws UsageError for invalid sizes.
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
  throw new UsageError(op, "radial functions need a distance", "also give a cutoff");
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
      "a constant is enough: { inputs: { scalars: 1 } }, with ones as scalars",
    );
  }
  if (r.outputs.scalars + r.outputs.vectors === 0) {
    throw new UsageError(
      op,
      "there is nothing to predict",
      "give the number of outputs: { outputs: { vectors: 1 } }",
    );
  }
  if (r.cutoff !== null && !(r.cutoff > 0)) {
    throw new UsageError(op, `cutoff must be positive: got ${r.cutoff}`);
  }
}
