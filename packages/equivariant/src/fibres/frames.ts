/** @file Frames at each point: SE(3), on a grid of rotations. */
import {
  broadcastTo,
  concat,
  matmul,
  mean,
  permuteDims,
  reshape,
  type Tensor,
} from "@isograd/tensor";
import type { Fibre, FibreSizes } from "./fibre.js";

/** Sizes of SE(3): all three components of x, two columns of a relative rotation. */
export const frameSizes: FibreSizes = {
  dim: 3,
  spatial: 3,
  pairs: 6,
  attributes: 9,
  perVector: 3,
};

/**
 * The fibre of a grid of rotations [O, 3, 3]: invariants `R_oᵀ x` in space, `R_aᵀ R_b` between
 * rotations. Only the first two columns of a relative rotation are used; the third is their vector
 * product.
 */
export function frameFibre(grid: Tensor): Fibre {
  const O = grid.shape[0] as number;
  /** R_oᵀ v for rows v [m, 3]: [m, O, 3]. */
  const seen = (v: Tensor): Tensor => {
    const axes = reshape(permuteDims(grid, [0, 2, 1]), [O * 3, 3]);
    return reshape(matmul(v, axes.mT), [v.shape[0] as number, O, 3]);
  };
  const relative = (): Tensor => {
    const all = matmul(reshape(grid.mT, [O, 1, 3, 3]), reshape(grid, [1, O, 3, 3]));
    return reshape(all.slice([null, null, null, [0, 2]]), [O * O, 6]);
  };
  const columns = (x: Tensor): Tensor[] =>
    Array.from({ length: x.shape[1] as number }, (_, k) =>
      reshape(x.slice([null, [k, k + 1]]), [x.shape[0] as number]),
    );
  return {
    orientations: O,
    antipodes: null,
    of: (x) => columns(reshape(seen(x), [-1, 3])),
    pairs: () => columns(relative()),
    attributes(x) {
      const E = x.shape[0] as number;
      const receiver = broadcastTo(reshape(seen(x), [E, O, 1, 3]), [E, O, O, 3]);
      const between = broadcastTo(reshape(relative(), [1, O, O, 6]), [E, O, O, 6]);
      return columns(reshape(concat([receiver, between], { axis: 3 }), [E * O * O, 9]));
    },
    lift(scalars, vectors) {
      const parts: Tensor[] = [];
      if (scalars !== null) {
        const [V, cs] = scalars.shape as readonly [number, number];
        parts.push(broadcastTo(reshape(scalars, [V, 1, cs]), [V, O, cs]));
      }
      if (vectors !== null) {
        const [V, cv] = vectors.shape as readonly [number, number, number];
        const turned = reshape(seen(reshape(vectors, [V * cv, 3])), [V, cv, O, 3]);
        parts.push(reshape(permuteDims(turned, [0, 2, 1, 3]), [V, O, cv * 3]));
      }
      const joined = concat(parts, { axis: -1 });
      return reshape(joined, [-1, joined.shape[2] as number]);
    },
    read(functions, count) {
      const k = functions.shape[1] as number;
      const byNode = reshape(functions, [-1, O, k]);
      const V = byNode.shape[0] as number;
      const scalars = mean(byNode.slice([null, null, [0, count]]), { axis: 1 });
      const dv = (k - count) / 3;
      // 1/O Σ_o R_o r(o): rows r [V·dv, O·3] times the stacked transposes [O·3, 3]
      const parts = reshape(byNode.slice([null, null, [count, k]]), [V, O, dv, 3]);
      const rows = reshape(permuteDims(parts, [0, 2, 1, 3]), [V * dv, O * 3]);
      const stacked = reshape(permuteDims(grid, [0, 2, 1]), [O * 3, 3]);
      return { scalars, vectors: reshape(matmul(rows, stacked).mul(1 / O), [V, dv, 3]) };
    },
  };
}
