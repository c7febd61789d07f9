/** @file Options of the networks, their defaults and their checks. */
import type { LayerOptions } from "@isograd/nn";
import { type Rng, UsageError } from "@isograd/tensor";
import { given, shown } from "@isograd/tensor/engine";
import {
  ELEMENTS,
  expectFinite,
  expectOneOf,
  expectPositive,
  expectRng,
  expectWhole,
  synonyms,
} from "../expect.js";
import { type RadialBasis, radialOf as radialChecked } from "../features/radial.js";
import type { WindowName } from "../features/window.js";
import type { FeatureSizes } from "../graphs/checks.js";
import { type InteractionName, interactionNames } from "../layers/interactions.js";

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
  /** Number of heads of the interaction "attention", default: 4; the others have none. */
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

/** Their names, for `given`: those that every network has, and the others. */
export const SIZES = "inputs outputs channels# layers# level pooling rng dtype device";
const KERNELS =
  "basis# widening# layerScale# cutoff# window radial kernels interaction heads# readout";
export const NETWORK = `${SIZES} ${KERNELS}` as const;

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

/** What a network is made for. */
export interface Setting {
  readonly dim?: 2 | 3;
  /** Whether the network also uses the cut-off of its graph. */
  readonly graphCutoff?: boolean;
}

/**
 * Fills in defaults. Names and types of options are checked already.
 *
 * @throws UsageError for invalid sizes and names, and for options that need another one.
 */
export function resolveOptions(
  op: string,
  options: NetworkOptions,
  { dim = 3, graphCutoff = false }: Setting = {},
): Resolved {
  const { rng, dtype, device, inputs, outputs } = options;
  expectRng(op, rng);
  const ins = given(`${op}.inputs`, inputs, "scalars# vectors# edges#", synonyms);
  const outs = given(`${op}.outputs`, outputs, "scalars# vectors#", synonyms);
  const channels = options.channels ?? 128;
  const resolved: Resolved = {
    inputs: {
      scalars: ins.scalars ?? 0,
      vectors: ins.vectors ?? 0,
      edgeScalars: ins.edges ?? 0,
      dim,
    },
    outputs: { scalars: outs.scalars ?? 0, vectors: outs.vectors ?? 0 },
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
  checkChoices(op, resolved);
  checkCounts(op, resolved);
  checkPairs(op, options, resolved, graphCutoff);
  return resolved;
}

function radialOf(op: string, { radial, cutoff }: NetworkOptions): Resolved["radial"] {
  if (radial === undefined) return null;
  if (cutoff !== undefined) return { ...radialChecked(`${op}.radial`, radial), cutoff };
  throw new UsageError(op, "radial functions need a distance", "also give a cutoff");
}

const choices = {
  window: ["polynomial", "cosine"],
  kernels: ["stored", "fused"],
  readout: ["average", "last"],
  level: ["node", "graph"],
  pooling: ["sum", "mean"],
} as const satisfies { readonly [K in keyof Resolved]?: readonly Resolved[K][] };

function checkChoices(op: string, r: Resolved): void {
  for (const name of ["window", "kernels", "readout", "level", "pooling"] as const) {
    expectOneOf<string>(op, `${name} is not`, r[name], choices[name]);
  }
  expectOneOf(op, "no interaction is called", r.interaction, interactionNames);
}

/** The most blocks, and the most features of one kind. */
const BLOCKS = 1024;
const FEATURES = 2 ** 20;

function checkCounts(op: string, r: Resolved): void {
  const { channels: C, basis: B, layers, widening } = r;
  for (const name of ["channels", "basis", "widening"] as const) {
    expectWhole(op, name, r[name], 1, FEATURES);
  }
  expectWhole(op, "layers", layers, 1, BLOCKS);
  expectWhole(op, "heads", r.heads, 1, FEATURES);
  const { dim: _, ...inputs } = r.inputs;
  const counts = { ...inputs, outScalars: r.outputs.scalars, outVectors: r.outputs.vectors };
  for (const [name, count] of Object.entries(counts)) expectWhole(op, name, count, 0, FEATURES);
  const weights = layers * 2 * C * (widening * C + B * (r.interaction === "mixing" ? C : 1));
  if (weights > ELEMENTS) {
    const problem = `channels ${C}, basis ${B}, layers ${layers} and widening ${widening} make`;
    const help = "take fewer channels or layers";
    throw new UsageError(op, `${problem} ${weights} weights, more than ${ELEMENTS}`, help);
  }
  if (inputs.scalars + inputs.vectors === 0) {
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
  if (r.cutoff !== null) expectPositive(op, "cutoff", r.cutoff, "leave it out for none");
  if (r.layerScale !== null) expectFinite(op, "layerScale", r.layerScale);
}

/** Options that would do nothing without another. */
function checkPairs(op: string, options: NetworkOptions, r: Resolved, graphCutoff: boolean): void {
  const alone = (name: keyof NetworkOptions, needs: string, help: string) => {
    const problem = `${name} ${shown(options[name])} does nothing without ${needs}`;
    throw new UsageError(op, problem, `${help}, or leave ${name} out`);
  };
  if (options.pooling !== undefined && r.level === "node") {
    alone("pooling", "outputs of graphs", 'take { level: "graph" }');
  }
  if (options.window !== undefined && r.cutoff === null && !graphCutoff) {
    alone("window", "a cutoff", "also give a cutoff");
  }
  const separable = r.interaction === "separable" || r.interaction === "mixing";
  if (r.kernels === "fused" && !separable) {
    alone("kernels", "separable kernels", 'take { interaction: "separable" }');
  }
  if (r.interaction === "attention" && !Number.isInteger(r.channels / r.heads)) {
    const problem = `${r.channels} channels do not make ${r.heads} heads`;
    throw new UsageError(op, problem, "take a divisor of the channels");
  }
}
