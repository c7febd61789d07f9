/** @file PONITA at several resolutions: down to fewer points, and back up. */
import type { LayerOptions } from "@isograd/nn";
import { add, type Tensor, UsageError } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectOneOf, expectShape, expectWhole, synonyms } from "../expect.js";
import type { Fibre } from "../fibres/fibre.js";
import { expectRatio } from "../graphs/farthest.js";
import type { Wiring } from "../graphs/wiring.js";
import { KernelBasis } from "../layers/basis.js";
import { ConvNeXtBlock } from "../layers/block.js";
import type { Kernels } from "../layers/interaction.js";
import { type KernelOptions, kernelsOf } from "../layers/kernels.js";
import { Transfer } from "../layers/transfer.js";
import { type Level, levelsOf } from "./levels.js";
import { expectWiring } from "./network.js";
import { NAMES as PONITA, Ponita, type PonitaOptions } from "./ponita.js";

/** Options of {@link PonitaUNet}. */
export interface PonitaUNetOptions extends PonitaOptions {
  readonly interaction?: "separable" | "mixing" | undefined;
  /** Number of coarser levels; default: 2. */
  readonly levels?: number | undefined;
  /** Share of the points of a level that the next level keeps; default: 0.5. */
  readonly ratio?: number | undefined;
  /** Edges to each point of coarser levels and between levels; default: 8. */
  readonly neighbours?: number | undefined;
}

const NAMES = `${PONITA} levels# ratio# neighbours#` as const;

/** The most coarser levels. */
const LEVELS = 64;

/**
 * {@link Ponita} with coarser levels before its blocks. Each level has a block. Farthest-point
 * sampling chooses the points of the next level, which gather features from their nearest finer
 * points. On the way back, each finer point gathers features from its nearest coarser points and
 * adds them to its own. So distant points exchange messages after few layers, at a cost that grows
 * with the number of points, not of pairs.
 *
 * Sampling and nearest neighbours turn and move with the points, so it is as equivariant as PONITA,
 * except for ties of distances. It does not accept graphs with padding: give a list of edges.
 * Source: Vadgama et al., Rapidash, arXiv 2501.01999.
 *
 * @throws UsageError for padded graphs, and on devices without synchronous reads.
 * @example
 * const model = new PonitaUNet({
 *   inputs: { scalars: 1 },
 *   outputs: { vectors: 1 },
 *   channels: 8,
 *   layers: 1,
 *   levels: 2,
 *   grid: grids.platonic("octahedron"),
 *   rng: rng(0),
 * });
 * const positions = rng(1).normal([40, 3]);
 * const edges = knnGraph(positions, { k: 6 });
 * const graphs = { positions, scalars: ones([40, 1]), ...edges };
 * model.forward(graphs).vectors.shape; // [40,1,3]
 */
export class PonitaUNet extends Ponita {
  readonly levelBasis: KernelBasis;
  readonly first: ConvNeXtBlock;
  readonly down: Transfer[];
  readonly coarse: ConvNeXtBlock[];
  readonly up: Transfer[];
  private readonly ratio: number;
  private readonly neighbours: number;

  constructor(options: PonitaUNetOptions) {
    const op = new.target.name;
    const {
      levels = 2,
      ratio = 0.5,
      neighbours = 8,
      ...rest
    } = given(op, options, NAMES, synonyms);
    expectWhole(op, "levels", levels, 1, LEVELS);
    expectRatio(op, ratio);
    expectWhole(op, "neighbours", neighbours, 1);
    const { interaction: how = "separable" } = rest;
    expectOneOf(op, "no interaction between levels is called", how, ["separable", "mixing"]);
    super(rest);
    const { channels, basis, widening, layerScale, interaction, dtype, device } = this.settings;
    const make: LayerOptions = { rng: rest.rng, dtype, device };
    const block = { channels, basis, widening, layerScale, interaction, fibre: true, ...make };
    const each = <T>(of: () => T): T[] => Array.from({ length: levels }, of);
    this.levelBasis = new KernelBasis(2, channels, basis, make);
    this.first = new ConvNeXtBlock(block);
    this.down = each(() => new Transfer(channels, basis, { ...make, fibre: true }));
    this.coarse = each(() => new ConvNeXtBlock(block));
    this.up = each(() => new Transfer(channels, basis, { ...make, fibre: true }));
    this.ratio = ratio;
    this.neighbours = neighbours;
  }

  protected override before(
    x: Tensor,
    wiring: Wiring,
    kernels: Kernels,
    calibrating: boolean,
  ): Tensor {
    expectWiring("PonitaUNet", wiring);
    expectShape("PonitaUNet", "x", x, ["nodes", this.settings.channels]);
    if (wiring.edgeMask !== null) {
      throw new UsageError("PonitaUNet", "graphs have padding", "give a list of edges instead");
    }
    const { ratio, neighbours } = this;
    const levels = levelsOf(wiring, { count: this.down.length, ratio, neighbours });
    const applied = (layer: ConvNeXtBlock | Transfer, y: Tensor, own: Kernels): Tensor => {
      if (calibrating) layer.convolution.calibrate(y, own);
      return layer.forward(y, own);
    };
    const { settings, levelBasis: spatial, fibreBasis: fibre } = this;
    const at = levelKernels(levels, this.fibre(), { ...settings, spatial, fibre, cutoff: null });
    const known = [applied(this.first, x, kernels)];
    levels.forEach((_, i) => {
      const own = at[i] as PerLevel;
      const gathered = applied(this.down[i] as Transfer, known[i] as Tensor, own.down);
      known.push(applied(this.coarse[i] as ConvNeXtBlock, gathered, own.within));
    });
    return levels.reduceRight((from, _, i) => {
      const back = applied(this.up[i] as Transfer, from, (at[i] as PerLevel).up);
      return add(known[i] as Tensor, back);
    }, known.at(-1) as Tensor);
  }
}

function levelKernels(levels: readonly Level[], fibre: Fibre, options: KernelOptions): PerLevel[] {
  return levels.map(({ down, within, up }) => {
    const of = (edges: Level["down"]) => kernelsOf(edges, fibre, options);
    return { down: of(down), within: of(within), up: of(up) };
  });
}

interface PerLevel {
  readonly down: Kernels;
  readonly within: Kernels;
  readonly up: Kernels;
}
