/** @file Sample calls of sorting, searching and bitwise functions. */
import { type Case, ints } from "./case.js";

const WORDS = [6, -6, 0, -1, 1000003, 77];

const order: readonly Case[] = [
  { shapes: [[1]], attrs: { axis: 0, descending: false } },
  { shapes: [[0, 3]], attrs: { axis: 1, descending: false } },
  { shapes: [[5]], attrs: { axis: 0, descending: true } },
  { shapes: [[2, 4]], attrs: { axis: 0, descending: false } },
  { shapes: [[4, 3]], attrs: { axis: 1, descending: true }, permuted: [[1, 0]] },
  { shapes: [[2, 3, 2]], attrs: { axis: 1, descending: false } },
];

const search: readonly Case[] = [[], [0], [1], [4], [2, 3], [2, 1, 2]].map((shape, i) => ({
  shapes: [[5], shape],
  attrs: { side: i % 2 ? "right" : "left" },
  values: { 0: { values: [-1.5, -0.5, 0.25, 0.25, 1.25], dtype: "float64" } },
}));

/** As many numbers as `shape` has elements, from a list that repeats. */
const words = (shape: readonly number[], from: readonly number[]) =>
  ints(
    Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, i) => from[i % from.length] as number,
    ),
  );

const SHAPES: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[0], [1]],
  [[3], [3]],
  [[2, 3], [3]],
  [
    [2, 1],
    [1, 3],
  ],
  [[], [4]],
];
const bits = (second: readonly number[]): readonly Case[] =>
  SHAPES.map(([p, q]) => ({ shapes: [p, q], values: { 0: words(p, WORDS), 1: words(q, second) } }));

/** Cases by name of the op. */
export const orderingSamples: Readonly<Record<string, readonly Case[]>> = {
  argsort: order,
  searchsorted: search,
  bitwiseAnd: bits([3, -4, 65537]),
  bitwiseOr: bits([3, -4, 65537]),
  bitwiseXor: bits([3, -4, 65537]),
  bitwiseLeftShift: bits([0, 3, 31]),
  bitwiseRightShift: bits([0, 3, 31]),
};
