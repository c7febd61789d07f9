/** @file Periodic boxes: which images of a point lie near. Arrays of the host only. */
import { UsageError } from "@isograd/tensor";

/** Lengths of a box with right angles, or the vectors that span it, one a row. */
export type Box = readonly number[] | readonly (readonly number[])[];

/** A box ready for use. */
export interface Cell {
  /** Vectors that span it, one a row. */
  readonly vectors: readonly (readonly number[])[];
  /** Distance of opposite faces, for each vector. */
  readonly heights: readonly number[];
  /** How many boxes away from the first a point lies, along each vector. */
  boxOf(point: readonly number[]): number[];
}

/** @throws UsageError for a box of another dimension, or one without volume. */
export function cellOf(op: string, box: Box, dim: number): Cell {
  const vectors = box.map((row, d) =>
    typeof row === "number" ? box.map((_, e) => (e === d ? row : 0)) : [...row],
  );
  const inverse = vectors.length === dim ? inverseOf(vectors) : null;
  if (inverse === null || vectors.some((v) => v.length !== dim)) {
    throw new UsageError(
      op,
      `the box ${JSON.stringify(box)} does not span a space of ${dim} dimensions`,
      `give ${dim} lengths, or ${dim} vectors of ${dim} numbers`,
    );
  }
  const column = (d: number) => inverse.map((row) => row[d] as number);
  return {
    vectors,
    heights: vectors.map((_, d) => 1 / Math.hypot(...column(d))),
    boxOf: (p) =>
      vectors.map((_, d) => Math.floor(column(d).reduce((sum, x, e) => sum + x * p[e]!, 0))),
  };
}

/** The inverse by Gauss–Jordan elimination with exchange of rows; null when there is none. */
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

/** Whole numbers −reach … reach along each vector, the nearest first. */
export function offsets(reach: readonly number[]): number[][] {
  let found: number[][] = [[]];
  for (const r of reach) {
    const steps = Array.from({ length: 2 * r + 1 }, (_, k) => k - r);
    found = found.flatMap((head) => steps.map((s) => [...head, s]));
  }
  return found;
}
