/** @file Small square matrices as nested arrays, for rotations. Independent of tensors. */

/** A square matrix, row by row. `tensor(matrix)` converts it to a tensor. */
export type Matrix = number[][];

/** The identity of size n. */
export function identity(n: number): Matrix {
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)),
  );
}

/** The product `a b`: first b, then a. */
export function compose(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => row.map((_, j) => row.reduce((s, x, k) => s + x * at(b, k, j), 0)));
}

/** The transpose: the inverse of a rotation. */
export function transpose(a: Matrix): Matrix {
  return a.map((row, i) => row.map((_, j) => at(a, j, i)));
}

/** The point `a p`. */
export function rotatePoint(a: Matrix, point: readonly number[]): number[] {
  return a.map((row) => row.reduce((s, x, k) => s + x * (point[k] as number), 0));
}

/** The determinant of a 2×2 or 3×3 matrix: 1 for rotations, −1 for reflections. */
export function determinant(a: Matrix): number {
  if (a.length === 2) return at(a, 0, 0) * at(a, 1, 1) - at(a, 0, 1) * at(a, 1, 0);
  const minor = (i: number, j: number) => at(a, 1, i) * at(a, 2, j) - at(a, 1, j) * at(a, 2, i);
  return at(a, 0, 0) * minor(1, 2) - at(a, 0, 1) * minor(0, 2) + at(a, 0, 2) * minor(0, 1);
}

/** Whether two matrices agree to `tolerance` in every element. */
export function matricesEqual(a: Matrix, b: Matrix, tolerance = 1e-9): boolean {
  return a.every((row, i) => row.every((x, j) => Math.abs(x - at(b, i, j)) <= tolerance));
}

function at(a: Matrix, i: number, j: number): number {
  return (a[i] as number[])[j] as number;
}
