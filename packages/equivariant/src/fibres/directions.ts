/** @file Unit vectors at each point: the circle and the sphere, on a grid. */
import { eye, matmul, reshape, sqrt, square, sub, sum, type Tensor } from "@isograd/tensor";
import { antipodesOf } from "../graphs/halves.js";
import { lift, type ReadFrame, readOut } from "../layers/lift.js";
import { type Attributes, EPS, invariants, perpendicular } from "../theory/invariants.js";
import type { Fibre, FibreSizes } from "./fibre.js";

/** Attributes and reading of a fibre of directions. */
export interface DirectionOptions {
  readonly attributes: Attributes;
  readonly frame: ReadFrame;
}

/** Sizes of R²×S¹ or R³×S². */
export function directionSizes(dim: 2 | 3, attributes: Attributes): FibreSizes {
  const more = attributes === "paper" ? 0 : 1;
  const chiral = dim === 3 && attributes === "chiral" ? 1 : 0;
  return { dim, spatial: 2, pairs: 1, attributes: 3 + more + chiral, perVector: 1 };
}

/** The fibre of a grid of unit vectors [O, n]. */
export function directionFibre(grid: Tensor, options: DirectionOptions): Fibre {
  const [O, dim] = grid.shape as readonly [number, 2 | 3];
  return {
    orientations: O,
    antipodes: antipodesOf(grid),
    of: dim === 2 ? inPlane(grid) : inSpace(grid),
    pairs: () => [reshape(matmul(grid, grid.mT), [-1])],
    attributes: (x) => pairAttributes(x, grid, options.attributes),
    lift: (scalars, vectors) => lift(scalars, vectors, grid),
    read(functions, scalars) {
      const byNode = reshape(functions, [-1, O, functions.shape[1] as number]);
      return readOut(byNode, scalars, grid, { frame: options.frame });
    },
  };
}

/** `o·x` and `o⊥·x`; the second changes its sign under reflections. */
function inPlane(grid: Tensor): Fibre["of"] {
  return (x) => [grid, perpendicular(grid)].map((axes) => reshape(matmul(x, axes.mT), [-1]));
}

/** `o·x` and `‖(1 − o oᵀ) x‖`, both linear in x before the norm: two matrix products. */
function inSpace(grid: Tensor): Fibre["of"] {
  const O = grid.shape[0] as number;
  const outer = reshape(grid, [O, 3, 1]).mul(reshape(grid, [O, 1, 3]));
  const across = sub(eye(3, 3, { dtype: grid.dtype, device: grid.device }), outer);
  const projections = reshape(across, [O * 3, 3]).mT;
  return (x) => {
    const rows = (x.shape[0] as number) * O;
    const along = reshape(matmul(x, grid.mT), [rows]);
    const perpendicular = reshape(matmul(x, projections), [rows, 3]);
    return [along, sqrt(sum(square(perpendicular), { axis: 1 }).add(EPS))];
  };
}

/** The invariants of all pairs (0, o_i), (x, o_j). */
function pairAttributes(x: Tensor, grid: Tensor, attributes: Attributes): Tensor[] {
  const [O, dim] = grid.shape as readonly [number, 2 | 3];
  const E = x.shape[0] as number;
  const space = dim === 2 ? "R2xS1" : "R3xS2";
  const at = (position: Tensor, orientation: Tensor) => ({ position, orientation });
  const all = invariants(space, attributes)(
    at(x.mul(0).reshape([E, 1, 1, dim]), reshape(grid, [1, O, 1, dim])),
    at(reshape(x, [E, 1, 1, dim]), reshape(grid, [1, 1, O, dim])),
  );
  const k = all.shape[3] as number;
  return Array.from({ length: k }, (_, a) =>
    reshape(all.slice([null, null, null, [a, a + 1]]), [E * O * O]),
  );
}
