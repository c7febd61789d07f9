/** @file PONITA: the equivariant network on positions and orientations, R³×S² or R²×S¹. */
import { Buffer } from "@isograd/nn";
import { matmul, type Rng, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectParts, expectRng, expectWhole, synonyms } from "../expect.js";
import { directionFibre, directionSizes } from "../fibres/directions.js";
import type { Fibre } from "../fibres/fibre.js";
import { type Grid, grids } from "../geometry/grids.js";
import { expectDim, randomRotation } from "../geometry/rotations.js";
import type { Graphs } from "../graphs/graph.js";
import { expectFrame, type ReadFrame } from "../layers/lift.js";
import { type Attributes, expectAttributes } from "../theory/invariants.js";
import { EquivariantNetwork, type Outputs } from "./network.js";
import { NETWORK, type NetworkOptions } from "./options.js";

/** Options of {@link Ponita}. */
export interface PonitaOptions extends NetworkOptions {
  /**
   * The orientations, saved with the weights; default: `grids.fibonacci(16)`. A grid on the circle
   * makes a network of the plane.
   */
  readonly grid?: Grid | undefined;
  /**
   * What kernels of the interaction "full" depend on for a pair; default: "paper". With "chiral"
   * the network distinguishes mirror images. Other interactions allow only "paper".
   */
  readonly attributes?: Attributes | undefined;
  /**
   * How vectors are read; default: "mean". With "dual", lifted vectors are read exactly on any
   * grid.
   */
  readonly frame?: ReadFrame | undefined;
  /**
   * If given, turns the grid by a random rotation before every forward pass, so that on average no
   * direction is special. Checkpoints contain the generator.
   */
  readonly randomGrid?: Rng | undefined;
}

/** Names of the options, for `given`. */
export const NAMES = `${NETWORK} grid attributes frame randomGrid` as const;

/** @throws UsageError unless `grid` is a grid of directions. */
function expectGrid(op: string, grid: unknown): asserts grid is Grid {
  const help = "make one by grids: grids.fibonacci(16), in the plane grids.circle(8)";
  expectParts<Grid>(op, "grid", grid, ["dim", "size", "points", "rotations", "toTensor"], help);
  expectDim(op, grid.dim);
}

/**
 * P(osition) O(rientation) N(etwork): features are functions x[V, O, C] of positions and O
 * orientations, convolved with kernels of the invariants `o·x` and `‖x − (o·x)o‖` of space (in the
 * plane `o·x` and `o⊥·x`) and `o_a·o_b` of orientation.
 *
 * Exactly equivariant to translations, permutations, and the rotations that map the grid onto
 * itself; to other rotations up to the grid's resolution, with an error of about O^−1.7. In space
 * its group is E(3): it does not distinguish mirror images, except with the interaction "full" and
 * attributes "chiral". In the plane its group is SE(2): it distinguishes mirror images.
 *
 * Source: Bekkers et al., Fast, Expressive SE(n) Equivariant Networks through Weight-Sharing in
 * Position-Orientation Space, ICLR 2024, arXiv 2310.02970.
 *
 * @example
 * const model = new Ponita({
 *   inputs: { scalars: 1, vectors: 1 },
 *   outputs: { vectors: 1 },
 *   channels: 16,
 *   layers: 2,
 *   grid: grids.platonic("octahedron"),
 *   rng: rng(0),
 * });
 * const random = rng(1);
 * const graphs = {
 *   positions: random.normal([10, 5, 3]),
 *   scalars: random.normal([10, 5, 1]),
 *   vectors: random.normal([10, 5, 1, 3]),
 * };
 * model.calibrate(graphs); // true
 * model.forward(graphs).vectors.shape; // [10,5,1,3]
 */
export class Ponita extends EquivariantNetwork {
  /** The orientations [O, n]. */
  readonly grid: Buffer;
  /** The source of the grid; its rotations are valid until another grid is loaded. */
  readonly gridSource: Grid;
  private readonly attributes: Attributes;
  private readonly frame: ReadFrame;
  private readonly randomGrid: Rng | undefined;

  constructor(options: PonitaOptions) {
    const op = new.target.name;
    const { attributes = "paper", frame = "mean", ...rest } = given(op, options, NAMES, synonyms);
    const { grid = grids.fibonacci(16), randomGrid, ...settings } = rest;
    expectGrid(op, grid);
    expectAttributes(op, attributes);
    expectFrame(op, frame);
    if (randomGrid !== undefined) expectRng(op, randomGrid);
    const { interaction = "separable" } = settings;
    if (attributes !== "paper" && interaction !== "full") {
      throw new UsageError(
        op,
        `the interaction "${String(interaction)}" sees the paper's attributes only`,
        'take { interaction: "full" } for complete or chiral ones',
      );
    }
    super(op, settings, directionSizes(grid.dim, attributes));
    this.gridSource = grid;
    this.attributes = attributes;
    this.frame = frame;
    this.randomGrid = randomGrid;
    const { dtype, device } = this.settings;
    this.grid = new Buffer(grid.toTensor({ dtype, device }));
  }

  protected override fibre(): Fibre {
    const { attributes, frame } = this;
    return directionFibre(this.turnedGrid(), { attributes, frame });
  }

  /**
   * The same weights on another grid of the same dimension: weights do not depend on the number of
   * orientations.
   *
   * @throws UsageError for a grid of another dimension.
   */
  onGrid(grid: Grid): { forward(graphs: Graphs): Outputs } {
    expectGrid("Ponita.onGrid", grid);
    const { dim } = this.gridSource;
    if (grid.dim !== dim) {
      const problem = `the grid ${grid.name} is of another dimension`;
      const help = dim === 2 ? "take grids.circle(…)" : "take grids.fibonacci(…)";
      throw new UsageError("Ponita.onGrid", problem, help);
    }
    const { dtype, device } = this.grid;
    return this.lending(() => grid.toTensor({ dtype, device }));
  }

  /** The same weights on an even grid with `factor` times as many orientations. */
  refined(factor: number): { forward(graphs: Graphs): Outputs } {
    expectWhole("Ponita.refined", "factor", factor, 1);
    const size = factor * this.gridSource.size;
    return this.onGrid(this.gridSource.dim === 2 ? grids.circle(size) : grids.fibonacci(size));
  }

  private turnedGrid(): Tensor {
    const grid = this.lent ?? this.grid.value;
    if (this.randomGrid === undefined) return grid;
    const turn = randomRotation(this.randomGrid, this.gridSource.dim);
    return matmul(grid, tensor(turn, { dtype: grid.dtype, device: grid.device }).mT);
  }
}
