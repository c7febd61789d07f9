/**
 * @file What PONITA and PNITA share: embedding, basis, blocks, readout. Knows no particular space.
 */
import { noGrad } from "@isograd/autograd";
import { Buffer, type LayerOptions, Linear, Module } from "@isograd/nn";
import { add, mul, scope, type Tensor, zeros } from "@isograd/tensor";
import type { FeatureSizes } from "../graphs/checks.js";
import type { Graphs } from "../graphs/graph.js";
import { type Wiring, wire } from "../graphs/wiring.js";
import { KernelBasis } from "../layers/basis.js";
import { ConvNeXtBlock } from "../layers/block.js";
import type { Kernels } from "../layers/convolution.js";
import { edgeRows, type SpatialInvariants } from "../layers/edgeRows.js";
import type { Read } from "../layers/lift.js";
import { type NetworkOptions, type Resolved, resolveOptions } from "./options.js";

/** What a network says of each node, or of each graph. */
export interface Outputs {
  /** Numbers that do not turn: [V, ds] or [b, n, ds]; of graphs [G, ds]. */
  readonly scalars: Tensor;
  /** Vectors that turn with the input: [V, dv, 3] or [b, n, dv, 3]; of graphs [G, dv, 3]. */
  readonly vectors: Tensor;
}

/** How a space enters a network: by the invariants of its pairs. */
export interface Geometry {
  /** Invariants of a pair without those of the fibre. */
  readonly spatialInputs: number;
  /** Whether there is a fibre to convolve over. */
  readonly fibre: boolean;
}

/**
 * The trunk of an equivariant network; {@link Ponita} and {@link Pnita} say what is special to
 * their spaces.
 */
export abstract class EquivariantNetwork extends Module {
  readonly spatialBasis: KernelBasis;
  readonly fibreBasis: KernelBasis | null;
  readonly embedding: Linear;
  readonly blocks: ConvNeXtBlock[];
  readonly readouts: Linear[];
  /** 1 once {@link EquivariantNetwork.calibrate} has run; saved with the weights. */
  readonly calibrated: Buffer;
  readonly inputs: FeatureSizes;
  readonly outputs: { readonly scalars: number; readonly vectors: number };
  readonly level: "node" | "graph";
  protected readonly settings: Omit<Resolved, "rng">;

  constructor(
    private readonly op: string,
    options: NetworkOptions,
    geometry: Geometry,
  ) {
    super();
    const { rng, ...settings } = resolveOptions(op, options);
    const { channels, basis, layers, widening, layerScale, dtype, device } = settings;
    const make: LayerOptions = { rng, dtype, device };
    const { fibre } = geometry;
    this.settings = settings;
    this.inputs = settings.inputs;
    this.outputs = settings.outputs;
    this.level = settings.level;
    const attributes = geometry.spatialInputs + this.inputs.edgeScalars;
    this.spatialBasis = new KernelBasis(attributes, channels, basis, make);
    this.fibreBasis = fibre ? new KernelBasis(1, channels, basis, make) : null;
    const features = this.inputs.scalars + (fibre ? this.inputs.vectors : 0);
    this.embedding = new Linear(features, channels, { ...make, bias: false });
    const block = { channels, basis, widening, layerScale, fibre, ...make };
    this.blocks = Array.from({ length: layers }, () => new ConvNeXtBlock(block));
    const wanted = this.outputs.scalars + this.outputs.vectors;
    const heads = settings.readout === "last" ? 1 : layers;
    this.readouts = Array.from({ length: heads }, () => new Linear(channels, wanted, make));
    this.calibrated = new Buffer(zeros([], { dtype, device }));
  }

  /** Invariants of displacements, for every orientation. */
  protected abstract spatialInvariants(): SpatialInvariants;
  /** Invariants of every pair of orientations, as columns [O·O]; none without orientations. */
  protected abstract fibreColumns(): Tensor[];
  /** Input features [V·O, features]. */
  protected abstract lifted(wiring: Wiring): Tensor;
  /** Functions [V·O, ds + dv] as scalars [V, ds] and vectors [V, dv, 3]. */
  protected abstract read(functions: Tensor, wiring: Wiring): Read;

  /**
   * Predictions for a batch of graphs, in either form.
   *
   * @throws ShapeError when the batch does not have the features that the network was made for.
   */
  forward(graphs: Graphs): Outputs {
    return scope(() => {
      const wiring = wire(this.op, graphs, this.inputs);
      const kernels = this.kernels(wiring);
      let x = this.embedding.forward(this.lifted(wiring));
      let functions: Tensor | null = null;
      this.blocks.forEach((block, layer) => {
        x = block.forward(x, kernels);
        const head = this.readouts[layer + this.readouts.length - this.blocks.length];
        if (head === undefined) return;
        const said = head.forward(x);
        functions = functions === null ? said : add(functions, said);
      });
      const mean = (functions as unknown as Tensor).mul(1 / this.readouts.length);
      return this.finish(this.read(mean, wiring), wiring);
    });
  }

  private finish({ scalars, vectors }: Read, wiring: Wiring): Outputs {
    const { level, pooling } = this.settings;
    if (level === "node") {
      return { scalars: wiring.perNode(scalars), vectors: wiring.perNode(vectors) };
    }
    return { scalars: wiring.pool(scalars, pooling), vectors: wiring.pool(vectors, pooling) };
  }

  /**
   * Scales the kernels of every layer so that on this batch a convolution keeps the standard
   * deviation of its input. To be called once with the first training batch; later calls do
   * nothing, also after loading weights.
   *
   * @returns whether it scaled anything now.
   */
  calibrate(graphs: Graphs): boolean {
    if (this.calibrated.value.item() !== 0) return false;
    noGrad(() =>
      scope(() => {
        const wiring = wire("calibrate", graphs, this.inputs);
        const kernels = this.kernels(wiring);
        let x = this.embedding.forward(this.lifted(wiring));
        for (const block of this.blocks) {
          block.convolution.calibrate(x, kernels);
          x = block.forward(x, kernels);
        }
        this.calibrated.value = this.calibrated.value.add(1);
      }),
    );
    return true;
  }

  private kernels(wiring: Wiring): Kernels {
    const invariants = this.spatialInvariants();
    const { columns, weight, rows } = edgeRows(wiring, invariants, this.settings.cutoff);
    const basis = this.spatialBasis.forward(columns);
    const fibre = this.fibreBasis?.forward(this.fibreColumns()) ?? null;
    return {
      wiring,
      spatial: weight === null ? basis : mul(basis, weight),
      rows,
      fibre,
      orientations: invariants.orientations,
    };
  }
}
