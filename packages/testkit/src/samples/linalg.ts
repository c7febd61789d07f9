/**
 * @file Sample calls of linear algebra: matrices far from singular, with singular values and
 * eigenvalues well apart.
 */
import type { Case, Given } from "./case.js";

/** Matrices with the diagonal 3, 4.5, 6, … and smaller numbers elsewhere. */
function dominant([m = 0, n = 0]: readonly number[], count: number): number[] {
  return Array.from({ length: count * m * n }, (_, k) => {
    const at = k % (m * n);
    const [i, j] = [Math.floor(at / n), at % n];
    const small = 0.7 * Math.sin(1.7 * k + 0.3);
    return i === j ? 3 + 1.5 * i + 0.2 * Math.floor(k / (m * n)) + small / 2 : small;
  });
}

function matrix(shape: readonly number[]): Given {
  const count = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return { values: dominant(shape.slice(-2), count) };
}

const SQUARE = [
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 4],
  [2, 2, 2],
  [2, 1, 3, 3],
];
const ANY = [
  [1, 1],
  [3, 2],
  [2, 3],
  [3, 3],
  [4, 2],
  [2, 2, 3],
  [2, 3, 2],
];

const one = (shapes: readonly (readonly number[])[], attrs?: unknown): readonly Case[] =>
  shapes.map((shape) => ({
    shapes: [shape],
    values: { 0: matrix(shape) },
    ...(attrs === undefined ? {} : { attrs }),
  }));

const systems = (attrs: readonly unknown[]): readonly Case[] =>
  SQUARE.map((shape, i) => ({
    shapes: [shape, [...shape.slice(0, -1), (i % 3) + 1]],
    values: { 0: matrix(shape) },
    attrs: attrs[i % attrs.length],
  }));

/** Cases by name of the op. */
export const linalgSamples: Readonly<Record<string, readonly Case[]>> = {
  solve: systems([undefined]),
  solveTriangular: systems([
    { upper: false, unit: false },
    { upper: true, unit: false },
    { upper: true, unit: true },
    { upper: false, unit: true },
  ]),
  det: one(SQUARE),
  slogdet: one(SQUARE),
  cholesky: one(SQUARE),
  eigh: one(SQUARE),
  qr: one(ANY),
  svd: one(ANY),
  svdvals: one(ANY),
};
