/** @file Shapes of sample calls for ops that take any shape. */
import type { Case } from "./case.js";

/** Shapes for functions of one tensor: 0-d, empty, one element, plain, permuted, higher rank. */
export const one: readonly Case[] = [
  { shapes: [[]] },
  { shapes: [[0]] },
  { shapes: [[1]] },
  { shapes: [[5]] },
  { shapes: [[2, 3]], permuted: [[1, 0]] },
  { shapes: [[2, 1, 3]] },
];

/** Shapes for functions of two tensors, broadcasting. */
export const two: readonly Case[] = [
  { shapes: [[], []] },
  { shapes: [[0], [1]] },
  { shapes: [[1], [1]] },
  { shapes: [[2, 3], [3]] },
  {
    shapes: [
      [2, 1],
      [1, 3],
    ],
  },
  {
    shapes: [
      [2, 3],
      [3, 2],
    ],
    permuted: [null, [1, 0]],
  },
  { shapes: [[], [4]] },
];

/** Shapes for two tensors of one shape. */
export const same: readonly Case[] = [
  { shapes: [[], []] },
  { shapes: [[0], [0]] },
  { shapes: [[1], [1]] },
  { shapes: [[5], [5]] },
  {
    shapes: [
      [3, 2],
      [2, 3],
    ],
    permuted: [[1, 0], null],
  },
  {
    shapes: [
      [2, 1, 3],
      [2, 1, 3],
    ],
  },
];

/** The same cases for ops along the last axis: a row in the place of a 0-d tensor. */
export const rows = (cases: readonly Case[]): readonly Case[] =>
  cases.map((c) => (c.shapes[0]?.length === 0 ? { ...c, shapes: c.shapes.map(() => [2, 4]) } : c));
