/** @file Periodic boxes: the images of a point near another point. Uses only host arrays. */
import { UsageError } from "@isograd/tensor";
import { shown } from "@isograd/tensor/engine";

/** Side lengths of a rectangular box, or the vectors that span a box, one in each row. */
export type Box = readonly number[] | readonly (readonly number[])[];

/** A box with what neighbour searches need. */
export interface Cell {
  /** The vectors that span the box, one in each row. */
  readonly vectors: readonly (readonly number[])[];
  /** The distance between opposite faces, for each vector. */
  readonly heights: readonly number[];
  /** The index of the box that contains a point, along each vector. */
  boxOf(point: readonly number[]): number[];
}

/** @throws UsageError for a box of another dimension, or one without volume. */
export function cellOf(op: string, box: Box, dim: number): Cell {
  const rows: readonly unknown[] = Array.isArray(box) ? box : [];
  const vectors = rows.map((row, d) =>
    Array.isArray(row) ? row.map(Number) : rows.map((_, e) => (e === d ? Number(row) : 0)),
  );
  const inverse = isSpan(rows, dim) ? inverseOf(vectors) : null;
  const column = (d: number) => (inverse ?? []).map((row) => row[d] as number);
  const heights = vectors.map((_, d) => 1 / Math.hypot(...column(d)));
  if (inverse === null || !heights.every((h) => h > 0 && Number.isFinite(h))) {
    throw new UsageError(
      op,
      `the box ${shown(box)} does not span a space of ${dim} dimensions`,
      `give ${dim} lengths, or ${dim} vectors of ${dim} numbers, finite and not 0`,
    );
  }
  return {
    vectors,
    heights,
    boxOf: (p) =>
      vectors.map((_, d) => Math.floor(column(d).reduce((sum, x, e) => sum + x * p[e]!, 0))),
  };
}

/** Whether there are `dim` positive lengths, or `dim` vectors of `dim` finite numbers. */
function isSpan(rows: readonly unknown[], dim: number): boolean {
  const vector = (row: unknown) =>
    Array.isArray(row) && row.length === dim && row.every(Number.isFinite);
  const length = (row: unknown) => typeof row === "number" && row > 0 && Number.isFinite(row);
  return rows.length === dim && (rows.every(length) || rows.every(vector));
}

/** The inverse by Gauss–Jordan elimination with row exchanges; null for a singular matrix. */
function inverseOf(matrix: readonly (readonly number[])[]): number[][] | null {
  const n = matrix.length;
  const A = matrix.map((row, i) => [...row, ...matrix.map((_, j) => (i === j ? 1 : 0))]);
  for (let p = 0; p < n; p++) {
    const size = (i: number) => Math.abs(A[i]![p]!);
    let best = p;
    for (let i = p + 1; i < n; i++) if (size(i) > size(best)) best = i;
    if (!(size(best) > 0)) return null;
    [A[p], A[best]] = [A[best]!, A[p]!];
    const scale = 1 / A[p]![p]!;
    A[p] = A[p]!.map((x) => x * scale);
    for (let i = 0; i < n; i++) {
      const factor = A[i]![p]!;
      if (i !== p) A[i] = A[i]!.map((x, c) => x - factor * A[p]![c]!);
    }
  }
  return A.map((row) => row.slice(n));
}

/** The most images of a point that a search visits. */
const IMAGES = 2 ** 18;

/**
 * All combinations of whole numbers from −reach to reach along each vector.
 *
 * @throws UsageError for more than 2¹⁸.
 */
export function offsets(op: string, reach: readonly number[]): number[][] {
  const count = reach.reduce((product, r) => product * (2 * r + 1), 1);
  if (!(count <= IMAGES)) {
    const problem = `each point has ${count} images in reach, more than ${IMAGES}`;
    throw new UsageError(op, problem, "take a smaller cutoff or k, or a larger box");
  }
  let found: number[][] = [[]];
  for (const r of reach) {
    const steps = Array.from({ length: 2 * r + 1 }, (_, k) => k - r);
    found = found.flatMap((head) => steps.map((s) => [...head, s]));
  }
  return found;
}
