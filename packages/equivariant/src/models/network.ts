/**
 * @file The base of PONITA and PNITA: embedding, basis, blocks, readout. Independent of the space.
 */
import { noGrad } from "@isograd/autograd";
import { Buffer, type LayerOptions, Linear, Module } from "@isograd/nn";
import { add, scope, type Tensor, UsageError, zeros } from "@isograd/tensor";
import { expectParts, expectWhole } from "../expect.js";
import type { Fibre, FibreSizes, Read } from "../fibres/fibre.js";
import type { FeatureSizes } from "../graphs/checks.js";
import type { Graphs } from "../graphs/graph.js";
import { wire } from "../graphs/wire.js";
import type { Wiring } from "../graphs/wiring.js";
import { INPUTS, KernelBasis } from "../layers/basis.js";
import { ConvNeXtBlock } from "../layers/block.js";
import type { Kernels } from "../layers/interaction.js";
import { kernelsOf } from "../layers/kernels.js";
import { type NetworkOptions, type Resolved, resolveOptions } from "./options.js";

/** The output of a network for each node, or for each graph. */
export interface Outputs {
  /** Numbers that do not turn: [V, ds] or [b, n, ds]; of graphs [G, ds]. */
  readonly scalars: Tensor;
  /** Vectors that turn with the input: [V, dv, dim] or [b, n, dv, dim]; of graphs [G, dv, dim]. */
  readonly vectors: Tensor;
}

/** A batch, prepared by a space. */
export interface Arrangement {
  /** Input features [N·O, features]. */
  readonly features: Tensor;
  readonly kernels: Kernels;
  /** Functions [N·O, ds + dv] as scalars [V, ds] and vectors [V, dv, n]. */
  read(functions: Tensor): Read;
}

/**
 * The base of an equivariant network; {@link Ponita}, {@link Pnita} and others add their spaces.
 */
export abstract class EquivariantNetwork extends Module {
  readonly spatialBasis: KernelBasis;
  readonly fibreBasis: KernelBasis | null;
  readonly embedding: Linear;
  readonly blocks: ConvNeXtBlock[];
  readonly readouts: Linear[];
  /** 1 after {@link EquivariantNetwork.calibrate} has run, else 0; saved with the weights. */
  readonly calibrated: Buffer;
  readonly inputs: FeatureSizes;
  readonly outputs: { readonly scalars: number; readonly vectors: number };
  readonly level: "node" | "graph";
  /** The grid that replaces the network's own, if any. */
  protected lent: Tensor | null = null;
  protected readonly settings: Omit<Resolved, "rng">;
  private readonly op: string;

  constructor(op: string, options: NetworkOptions, fibre: FibreSizes) {
    super();
    const parts = ["dim", "spatial", "pairs", "attributes", "perVector"] as const;
    expectParts<FibreSizes>(op, "the fibre", fibre, parts, "extend Ponita, or another network");
    this.op = op;
    const setting = { dim: fibre.dim, graphCutoff: fibre.features !== undefined };
    const { rng, ...settings } = resolveOptions(op, options, setting);
    const { channels, basis, layers, widening, layerScale, dtype, device } = settings;
    const { interaction, heads, radial } = settings;
    const make: LayerOptions = { rng, dtype, device };
    const pairs = interaction === "full";
    const turns = fibre.pairs > 0 && !pairs;
    this.settings = settings;
    this.inputs = settings.inputs;
    this.outputs = settings.outputs;
    this.level = settings.level;
    const ofEdges = fibre.features ? 0 : this.inputs.edgeScalars;
    const attributes = (pairs ? fibre.attributes : fibre.spatial) + ofEdges;
    const help = "their polynomials grow with the cube; give functions of distances as radial";
    expectWhole(op, "the number of invariants and features of edges", attributes, 1, INPUTS, help);
    if (interaction === "mixing" && !turns) {
      const problem = 'the interaction "mixing" needs orientations to mix over';
      throw new UsageError(op, problem, 'take { interaction: "separable" }');
    }
    this.spatialBasis = new KernelBasis(attributes, channels, basis, { ...make, radial });
    this.fibreBasis = turns ? new KernelBasis(fibre.pairs, channels, basis, make) : null;
    const features = fibre.features?.(this.inputs) ?? plainFeatures(this.inputs, fibre);
    this.embedding = new Linear(features, channels, { ...make, bias: false });
    const shape = { channels, basis, widening, layerScale, interaction, heads };
    const block = { ...shape, fibre: turns, ...make };
    this.blocks = Array.from({ length: layers }, () => new ConvNeXtBlock(block));
    const wanted = this.outputs.scalars + fibre.perVector * this.outputs.vectors;
    const readouts = settings.readout === "last" ? 1 : layers;
    this.readouts = Array.from({ length: readouts }, () => new Linear(channels, wanted, make));
    this.calibrated = new Buffer(zeros([], { dtype, device }));
  }

  /** Makes a grid for each forward pass, which replaces the network's own during the pass. */
  protected lending(make: () => Tensor): { forward(graphs: Graphs): Outputs } {
    return {
      forward: (graphs) =>
        scope(() => {
          this.lent = make();
          try {
            return this.forward(graphs);
          } finally {
            this.lent = null;
          }
        }),
    };
  }

  /** The current orientations. */
  protected abstract fibre(): Fibre;

  /** What the space makes of a batch. */
  protected arrange(wiring: Wiring): Arrangement {
    expectWiring(this.op, wiring);
    const fibre = this.fibre();
    const { settings, spatialBasis: spatial, fibreBasis } = this;
    return {
      features: fibre.lift(wiring.scalars, wiring.vectors),
      kernels: kernelsOf(wiring, fibre, { ...settings, spatial, fibre: fibreBasis }),
      read: (functions) => fibre.read(functions, this.outputs.scalars),
    };
  }

  /**
   * Predictions for a batch of graphs, in either form.
   *
   * @throws ShapeError when the batch does not have the features that the network was made for.
   */
  forward(graphs: Graphs): Outputs {
    return scope(() => {
      const wiring = wire(this.op, graphs, this.inputs);
      const { features, kernels, read } = this.arrange(wiring);
      let x = this.before(this.embedding.forward(features), wiring, kernels, false);
      let functions: Tensor | null = null;
      for (const [layer, block] of this.blocks.entries()) {
        x = block.forward(x, kernels);
        const head = this.readouts[layer + this.readouts.length - this.blocks.length];
        if (head === undefined) continue;
        const said = head.forward(x);
        functions = functions === null ? said : add(functions, said);
      }
      // the last block always has a readout
      const mean = (functions as Tensor).mul(1 / this.readouts.length);
      return finished(read(mean), wiring, this.settings);
    });
  }

  /** Runs between the embedding and the blocks; with `calibrating` it calibrates its layers. */
  protected before(x: Tensor, _wiring: Wiring, _kernels: Kernels, _calibrating: boolean): Tensor {
    return x;
  }

  /**
   * Scales the kernels of every layer so that on this batch each convolution keeps the standard
   * deviation of its input. Call it with the first training batch; later calls do nothing, also
   * after loading weights.
   *
   * @returns whether this call scaled the kernels
   */
  calibrate(graphs: Graphs): boolean {
    if (this.calibrated.value.item() !== 0) return false;
    noGrad(() =>
      scope(() => {
        const wiring = wire("calibrate", graphs, this.inputs);
        const { features, kernels } = this.arrange(wiring);
        let x = this.before(this.embedding.forward(features), wiring, kernels, true);
        for (const block of this.blocks) {
          block.convolution.calibrate(x, kernels);
          x = block.forward(x, kernels);
        }
        this.calibrated.value = this.calibrated.value.add(1);
      }),
    );
    return true;
  }
}

/** @throws UsageError unless `wiring` is that of a batch. */
export function expectWiring(op: string, wiring: unknown): asserts wiring is Wiring {
  const help = "make one by wire(…)";
  expectParts<Wiring>(op, "wiring", wiring, ["positions", "edges", "perNode", "pool"], help);
}

/** Outputs in the form of the input, or of graphs. */
function finished(
  { scalars, vectors }: Read,
  wiring: Wiring,
  { level, pooling }: Pick<Resolved, "level" | "pooling">,
): Outputs {
  if (level === "node") {
    return { scalars: wiring.perNode(scalars), vectors: wiring.perNode(vectors) };
  }
  return { scalars: wiring.pool(scalars, pooling), vectors: wiring.pool(vectors, pooling) };
}

function plainFeatures({ scalars, vectors }: FeatureSizes, fibre: FibreSizes): number {
  return scalars + fibre.perVector * vectors;
}
