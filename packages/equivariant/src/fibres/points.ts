/** @file The fibre without orientations: positions alone, and their distances. */
import { reshape, sqrt, square, sum, type Tensor, zeros } from "@isograd/tensor";
import { EPS } from "../theory/invariants.js";
import type { Fibre, FibreSizes } from "./fibre.js";

/** Sizes of R² or R³. */
export function pointSizes(dim: 2 | 3): FibreSizes {
  return { dim, spatial: 1, pairs: 0, attributes: 1, perVector: 0 };
}

/** ‖x‖ of displacements [E, n] as [E]; its gradient at 0 is 0. */
export function distances(x: Tensor): Tensor {
  return sqrt(sum(square(x), { axis: 1 }).add(EPS));
}

/** The fibre without orientations. */
export function pointFibre(dim: 2 | 3): Fibre {
  const of = (x: Tensor) => [distances(x)];
  return {
    orientations: 1,
    // Distances are equal in both directions.
    antipodes: new Int32Array(1),
    of,
    pairs: () => [],
    attributes: of,
    lift: (scalars) => scalars as Tensor,
    read(functions) {
      const { dtype, device } = functions;
      const nodes = functions.shape[0] as number;
      const scalars = reshape(functions, [nodes, -1]);
      return { scalars, vectors: zeros([nodes, 0, dim], { dtype, device }) };
    },
  };
}
