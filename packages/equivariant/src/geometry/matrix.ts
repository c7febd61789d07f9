/** @file Small square matrices as nested arrays, for rotations. Independent of tensors. */
import { ShapeError, UsageError } from "@isograd/tensor";
import { expectWhole, wanted } from "../expect.js";

/** A square matrix, row by row. `tensor(matrix)` converts it to a tensor. */
export type Matrix = number[][];

/** The most rows of a matrix. */
const MOST = 1024;

/** @throws UsageError unless `a` is a square matrix of finite numbers, of `size` rows if given. */
function expectMatrix(op: string, a: unknown, size?: number): asserts a is Matrix {
  const help = "write its rows: [[1, 0], [0, 1]]";
  const square = (row: unknown, _: number, all: unknown[]): row is number[] =>
    Array.isArray(row) && row.length === all.length && row.every((x) => typeof x === "number");
  if (!Array.isArray(a) || a.length === 0 || !a.every(square)) {
    throw wanted(op, "a matrix", "a list of rows, as many as columns", a, help);
  }
  if (size !== undefined && a.length !== size) {
    throw new ShapeError(op, `got ${a.length} × ${a.length}, expected ${size} × ${size}`, help);
  }
  const bad = a.flat().find((x) => !Number.isFinite(x));
  if (bad === undefined) return;
  throw new UsageError(op, `a matrix contains ${bad}`, "its elements must be finite numbers");
}

/** The identity of size n. */
export function identity(n: number): Matrix {
  expectWhole("identity", "the size", n, 1, MOST);
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)),
  );
}

/** The product `a b`: first b, then a. @throws ShapeError for matrices of different sizes. */
export function compose(a: Matrix, b: Matrix): Matrix {
  expectMatrix("compose", a);
  expectMatrix("compose", b, a.length);
  return product(a, b);
}

/** The product of two matrices that are known to be ones. */
export function product(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => row.map((_, j) => row.reduce((s, x, k) => s + x * at(b, k, j), 0)));
}

/** The transpose: the inverse of a rotation. */
export function transpose(a: Matrix): Matrix {
  expectMatrix("transpose", a);
  return a.map((row, i) => row.map((_, j) => at(a, j, i)));
}

/** The point `a p`. @throws ShapeError for a point of another dimension. */
export function rotatePoint(a: Matrix, point: readonly number[]): number[] {
  expectMatrix("rotatePoint", a);
  expectVector("rotatePoint", "the point", point, a.length);
  return a.map((row) => row.reduce((s, x, k) => s + x * (point[k] as number), 0));
}

/** @throws UsageError unless `p` is a list of `size` finite numbers. */
export function expectVector(op: string, name: string, p: unknown, size: number): void {
  if (!Array.isArray(p) || p.length !== size || !p.every(Number.isFinite)) {
    throw wanted(op, name, `a list of ${size} finite numbers`, p, "use tensors for many points");
  }
}

/**
 * The determinant of a 2×2 or 3×3 matrix: 1 for rotations, −1 for reflections. @throws ShapeError
 * for other sizes.
 */
export function determinant(a: Matrix): number {
  expectMatrix("determinant", a);
  if (a.length === 2) return at(a, 0, 0) * at(a, 1, 1) - at(a, 0, 1) * at(a, 1, 0);
  expectMatrix("determinant", a, 3);
  const minor = (i: number, j: number) => at(a, 1, i) * at(a, 2, j) - at(a, 1, j) * at(a, 2, i);
  return at(a, 0, 0) * minor(1, 2) - at(a, 0, 1) * minor(0, 2) + at(a, 0, 2) * minor(0, 1);
}

/** Whether two matrices agree to `tolerance` in every element. */
export function matricesEqual(a: Matrix, b: Matrix, tolerance = 1e-9): boolean {
  expectMatrix("matricesEqual", a);
  expectMatrix("matricesEqual", b, a.length);
  if (!(typeof tolerance === "number" && tolerance >= 0)) {
    throw wanted("matricesEqual", "tolerance", "0 or more", tolerance, "leave it out for 1e-9");
  }
  return near(a, b, tolerance);
}

/** The same for two matrices that are known to be of one size. */
export function near(a: Matrix, b: Matrix, tolerance = 1e-9): boolean {
  return a.every((row, i) => row.every((x, j) => Math.abs(x - at(b, i, j)) <= tolerance));
}

function at(a: Matrix, i: number, j: number): number {
  return (a[i] as number[])[j] as number;
}
