/** @file From features of points to functions on orientations (lifting), and back (reading). */
import {
  broadcastTo,
  concat,
  det,
  inv,
  matmul,
  mean,
  permuteDims,
  reshape,
  type Tensor,
  UsageError,
} from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectOneOf, expectShape, expectWhole } from "../expect.js";
import type { Read } from "../fibres/fibre.js";

/**
 * How vectors are read: as the mean of r(o) o ("mean", as in the paper), or with the dual frame
 * ("dual"), which recovers lifted vectors exactly on any grid that spans the space.
 */
export type ReadFrame = "mean" | "dual";

/** @throws UsageError for an unknown way to read. */
export function expectFrame(op: string, frame: unknown): asserts frame is ReadFrame {
  expectOneOf(op, "no frame is called", frame, ["mean", "dual"]);
}

/**
 * Features of V points as functions of O orientations: scalars [V, cs] are copied, vectors [V, cv,
 * n] become v·o. Scalars first: [V·O, cs + cv].
 *
 * @param grid the orientations [O, n]
 */
export function lift(scalars: Tensor | null, vectors: Tensor | null, grid: Tensor): Tensor {
  expectShape("lift", "grid", grid, ["O", "n"], "one orientation in each row");
  const [O, n] = grid.shape as readonly [number, number];
  if (scalars !== null) expectShape("lift", "scalars", scalars, ["V", "cs"]);
  if (vectors !== null) expectShape("lift", "vectors", vectors, ["V", "cv", n]);
  if (scalars === null && vectors === null) {
    throw new UsageError("lift", "there are no features", "give scalars, vectors or both");
  }
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

/**
 * Functions r [V, O, ds + dv] of orientations as features of points: scalars are means over
 * orientations, vectors `1/O Σ_o r(o) o`. On an isotropic grid of dimension n, a lifted vector v is
 * read as v/n. With `frame: "dual"` vectors are `(Σ o oᵀ)⁻¹ Σ_o r(o) o`, and v is read as v.
 *
 * @param grid the orientations [O, n]
 * @throws UsageError for the dual frame of a grid that does not span the space.
 * @example
 * const grid = grids.fibonacci(7).toTensor({ dtype: "float64" });
 * const v = tensor([[[1, 2, 3]]], { dtype: "float64" });
 * const { vectors } = readOut(lift(null, v, grid).reshape([1, 7, 1]), 0, grid, { frame: "dual" });
 * vectors.sub(v).abs().max().item() < 1e-12; // true
 */
export function readOut(
  r: Tensor,
  scalarCount: number,
  grid: Tensor,
  options?: { readonly frame?: ReadFrame | undefined },
): Read {
  const { frame = "mean" } = given("readOut", options, "frame");
  expectFrame("readOut", frame);
  expectShape("readOut", "grid", grid, ["O", "n"], "one orientation in each row");
  expectShape("readOut", "r", r, ["V", grid.shape[0] as number, "features"]);
  expectWhole("readOut", "the number of scalars", scalarCount, 0, r.shape[2]);
  const O = grid.shape[0] as number;
  const scalars = mean(r.slice([null, null, [0, scalarCount]]), { axis: 1 });
  const byVector = permuteDims(r.slice([null, null, [scalarCount, null]]), [0, 2, 1]);
  if (frame !== "dual") return { scalars, vectors: matmul(byVector, grid).mul(1 / O) };
  return { scalars, vectors: matmul(byVector, dualFrame(grid)) };
}

/** `o (Σ o oᵀ)⁻¹` for each o of a grid [O, n]. */
function dualFrame(grid: Tensor): Tensor {
  const moments = matmul(grid.mT, grid);
  // The determinant of the mean of o oᵀ is n^−n for even grids, 0 for flat ones.
  if (det(moments.mul(1 / (grid.shape[0] as number))).item() > 1e-9) {
    return matmul(grid, inv(moments));
  }
  throw new UsageError(
    "readOut",
    `a grid of shape [${grid.shape.join(", ")}] lies in a plane or on a line`,
    "the dual frame needs orientations that span the space",
  );
}
