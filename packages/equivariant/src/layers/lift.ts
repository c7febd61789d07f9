/**
 * @file Between features of points and functions on orientations: lifting at the start, reading at
 * the end.
 */
import {
  broadcastTo,
  concat,
  matmul,
  mean,
  permuteDims,
  reshape,
  type Tensor,
} from "@isograd/tensor";

/**
 * Features of V points as functions of O orientations: scalars [V, cs] are copied, vectors [V, cv,
 * 3] become v·o. Scalars first: [V·O, cs + cv].
 *
 * @param grid the orientations [O, 3]
 */
export function lift(scalars: Tensor | null, vectors: Tensor | null, grid: Tensor): Tensor {
  const O = grid.shape[0] as number;
  const parts: Tensor[] = [];
  if (scalars !== null) {
    const [V, cs] = scalars.shape as readonly [number, number];
    parts.push(broadcastTo(reshape(scalars, [V, 1, cs]), [V, O, cs]));
  }
  if (vectors !== null) parts.push(permuteDims(matmul(vectors, grid.mT), [0, 2, 1]));
  const joined = concat(parts, { axis: -1 });
  const [V, , features] = joined.shape as readonly [number, number, number];
  return reshape(joined, [V * O, features]);
}

/** Scalars [V, ds] and vectors [V, dv, 3]. */
export interface Read {
  readonly scalars: Tensor;
  readonly vectors: Tensor;
}

/**
 * Functions r [V, O, ds + dv] of orientations as features of points: scalars are means over
 * orientations, vectors `1/O Σ_o r(o) o`. On an isotropic grid a lifted vector is read as v/3.
 *
 * @param grid the orientations [O, 3]
 */
export function readOut(r: Tensor, scalarCount: number, grid: Tensor): Read {
  const O = grid.shape[0] as number;
  const scalars = mean(r.slice([null, null, [0, scalarCount]]), { axis: 1 });
  const byVector = permuteDims(r.slice([null, null, [scalarCount, null]]), [0, 2, 1]);
  return { scalars, vectors: matmul(byVector, grid).mul(1 / O) };
}
