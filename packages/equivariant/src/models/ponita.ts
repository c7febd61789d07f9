/** @file PONITA: the equivariant network on positions and orientations, R³×S². */
import { Buffer } from "@isograd/nn";
import {
  eye,
  matmul,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  UsageError,
} from "@isograd/tensor";
import { type Grid, grids } from "../geometry/grids.js";
import { antipodesOf } from "../graphs/halves.js";
import type { Wiring } from "../graphs/wiring.js";
import type { SpatialInvariants } from "../layers/edgeRows.js";
import { lift, type Read, readOut } from "../layers/lift.js";
import { EPS } from "../theory/invariants.js";
import { EquivariantNetwork } from "./network.js";
import type { NetworkOptions } from "./options.js";

/** Options of {@link Ponita}. */
export interface PonitaOptions extends NetworkOptions {
  /** The orientations: `grids.fibonacci(16)`. Saved with the weights. */
  readonly grid?: Grid;
}

/**
 * P(osition) O(rientation) N(etwork): features are functions x[V, O, C] of positions and O
 * orientations, convolved with kernels of the invariants `o·x` and `‖x − (o·x)o‖` of space and
 * `o_a·o_b` of orientation.
 *
 * Exactly equivariant to translations, permutations, and the rotations that map the grid onto
 * itself; to others up to the grid's resolution, with an error of about O^−1.7. Reflections change
 * nothing: it cannot tell mirror images apart.
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
  /** The orientations [O, 3]. */
  readonly grid: Buffer;
  /** What the grid was made from; its rotations hold as long as no other grid is loaded. */
  readonly gridSource: Grid;

  constructor(options: PonitaOptions) {
    const grid = options?.grid ?? grids.fibonacci(16);
    if (grid.dim !== 3) {
      throw new UsageError(
        "Ponita",
        `the grid ${grid.name} is one of the plane`,
        "take one of the sphere",
      );
    }
    super("Ponita", options, { spatialInputs: 2, fibre: true });
    this.gridSource = grid;
    const { dtype, device } = this.settings;
    this.grid = new Buffer(grid.toTensor({ dtype, device }));
  }

  /**
   * `a1 = o·x` and `a2 = ‖(1 − o oᵀ) x‖`, both linear in x before the norm: two matrix products.
   */
  protected override spatialInvariants(): SpatialInvariants {
    const grid = this.grid.value;
    const O = grid.shape[0] as number;
    const outer = reshape(grid, [O, 3, 1]).mul(reshape(grid, [O, 1, 3]));
    const across = sub(eye(3, 3, { dtype: grid.dtype, device: grid.device }), outer);
    const projections = reshape(across, [O * 3, 3]).mT;
    const of = (x: Tensor): Tensor[] => {
      const rows = (x.shape[0] as number) * O;
      const along = reshape(matmul(x, grid.mT), [rows]);
      const perpendicular = reshape(matmul(x, projections), [rows, 3]);
      return [along, sqrt(sum(square(perpendicular), { axis: 1 }).add(EPS))];
    };
    return { orientations: O, antipodes: antipodesOf(grid), of };
  }

  /** `o_a·o_b`. */
  protected override fibreColumns(): Tensor[] {
    const grid = this.grid.value;
    return [reshape(matmul(grid, grid.mT), [-1])];
  }

  protected override lifted({ scalars, vectors }: Wiring): Tensor {
    return lift(scalars, vectors, this.grid.value);
  }

  protected override read(functions: Tensor, { nodes }: Wiring): Read {
    const { scalars, vectors } = this.outputs;
    const byNode = reshape(functions, [nodes, this.grid.shape[0] as number, scalars + vectors]);
    return readOut(byNode, scalars, this.grid.value);
  }
}
