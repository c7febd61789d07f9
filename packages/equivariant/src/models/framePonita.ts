/** @file The network on SE(3): a grid of rotations at each point. */
import { Buffer } from "@isograd/nn";
import { given } from "@isograd/tensor/engine";
import { expectParts, expectWhole, synonyms } from "../expect.js";
import type { Fibre } from "../fibres/fibre.js";
import { frameFibre, frameSizes } from "../fibres/frames.js";
import { type FrameGrid, frameGrids } from "../geometry/frames.js";
import type { Graphs } from "../graphs/graph.js";
import { EquivariantNetwork, type Outputs } from "./network.js";
import { NETWORK, type NetworkOptions } from "./options.js";

/** Options of {@link FramePonita}. */
export interface FramePonitaOptions extends NetworkOptions {
  /** The rotations, saved with the weights; default: `frameGrids.group("tetrahedral")`. */
  readonly grid?: FrameGrid | undefined;
}

/** @throws UsageError unless `grid` is a grid of rotations. */
function expectFrames(op: string, grid: unknown): asserts grid is FrameGrid {
  const help = 'make one by frameGrids: frameGrids.group("octahedral"), frameGrids.spiral(20)';
  expectParts<FrameGrid>(op, "grid", grid, ["size", "frames", "rotations", "toTensor"], help);
}

/**
 * The network of {@link Ponita} on SE(3) instead of R³×S²: features are functions x[V, O, C] of
 * positions and O rotations R_o, convolved with kernels of `R_oᵀ x` and `R_aᵀ R_b`. A vector is
 * lifted to its three components `R_oᵀ v`.
 *
 * It distinguishes more than R³×S², also mirror images (SE(3), not E(3)), and needs more
 * orientations for the same resolution. It serves to compare cost and accuracy. Exactly equivariant
 * to translations, permutations, and, on the grid of a group, to the rotations of the group.
 *
 * Source: arXiv 2310.02970, theorem 1 and section 5.
 *
 * @example
 * const model = new FramePonita({
 *   inputs: { scalars: 1 },
 *   outputs: { vectors: 1 },
 *   channels: 8,
 *   layers: 1,
 *   rng: rng(0),
 * });
 * const graphs = { positions: rng(1).normal([2, 4, 3]), scalars: ones([2, 4, 1]) };
 * model.forward(graphs).vectors.shape; // [2,4,1,3]
 */
export class FramePonita extends EquivariantNetwork {
  /** The rotations [O, 3, 3]. */
  readonly grid: Buffer;
  /** The source of the grid. */
  readonly gridSource: FrameGrid;

  constructor(options: FramePonitaOptions) {
    const names = `${NETWORK} grid` as const;
    const { grid, ...rest } = given("FramePonita", options, names, synonyms);
    if (grid !== undefined) expectFrames("FramePonita", grid);
    super("FramePonita", rest, frameSizes);
    this.gridSource = grid ?? frameGrids.group("tetrahedral");
    const { dtype, device } = this.settings;
    this.grid = new Buffer(this.gridSource.toTensor({ dtype, device }));
  }

  protected override fibre(): Fibre {
    return frameFibre(this.lent ?? this.grid.value);
  }

  /** The same weights on another grid. */
  onGrid(grid: FrameGrid): { forward(graphs: Graphs): Outputs } {
    expectFrames("FramePonita.onGrid", grid);
    const { dtype, device } = this.grid;
    return this.lending(() => grid.toTensor({ dtype, device }));
  }

  /** The same weights on an even grid with `factor` times as many rotations. */
  refined(factor: number): { forward(graphs: Graphs): Outputs } {
    expectWhole("FramePonita.refined", "factor", factor, 1);
    return this.onGrid(frameGrids.spiral(factor * this.gridSource.size));
  }
}
