/** @file Sample calls of movement, comparison and casts. */
import { bools, type Case } from "./case.js";

const plain: readonly (readonly number[])[] = [[], [0], [1], [4], [2, 3], [2, 1, 3]];
const compared: readonly Case[] = [
  { shapes: [[], []] },
  { shapes: [[0], [1]] },
  { shapes: [[3], [3]] },
  { shapes: [[2, 3], [3]] },
  {
    shapes: [
      [2, 1],
      [1, 3],
    ],
  },
  {
    shapes: [
      [3, 2],
      [2, 3],
    ],
    permuted: [[1, 0], null],
  },
];
const compare = [
  "equal",
  "notEqual",
  "less",
  "lessEqual",
  "greater",
  "greaterEqual",
  "logicalAnd",
  "logicalOr",
  "logicalXor",
];

/** Cases by name of the op. */
export const movementSamples: Readonly<Record<string, readonly Case[]>> = {
  ...Object.fromEntries(compare.map((name) => [name, compared])),
  cast: plain.map((s, i) => ({ shapes: [s], attrs: { dtype: i % 2 ? "float64" : "float32" } })),
  clip: plain.map((s) => ({ shapes: [s], attrs: { min: -0.7, max: 1.1 } })),
  where: [
    { shapes: [[], [], []], values: { 0: bools([1]) } },
    { shapes: [[0], [1], [0]], values: { 0: bools([]) } },
    { shapes: [[3], [3], [3]], values: { 0: bools([1, 0, 1]) } },
    { shapes: [[3], [2, 3], []], values: { 0: bools([0, 1, 0]) } },
    {
      shapes: [
        [2, 1],
        [1, 3],
        [2, 3],
      ],
      values: { 0: bools([0, 1]) },
    },
    {
      shapes: [[2, 3], [3, 2], [3]],
      values: { 0: bools([0, 1, 1, 0, 0, 1]) },
      permuted: [null, [1, 0], null],
    },
  ],
  reshape: [
    { shapes: [[]], attrs: { shape: [1, 1] } },
    { shapes: [[0, 2]], attrs: { shape: [3, 0] } },
    { shapes: [[1]], attrs: { shape: [] } },
    { shapes: [[6]], attrs: { shape: [2, 3] } },
    { shapes: [[2, 3]], attrs: { shape: [3, 2] } },
    { shapes: [[2, 3]], attrs: { shape: [6] }, permuted: [[1, 0]] },
  ],
  permuteDims: [
    { shapes: [[]], attrs: { axes: [] } },
    { shapes: [[0, 2]], attrs: { axes: [1, 0] } },
    { shapes: [[3]], attrs: { axes: [0] } },
    { shapes: [[2, 3]], attrs: { axes: [1, 0] } },
    { shapes: [[2, 3, 4]], attrs: { axes: [2, 0, 1] } },
    { shapes: [[2, 3, 4]], attrs: { axes: [1, 0, 2] }, permuted: [[2, 1, 0]] },
  ],
  broadcastTo: [
    { shapes: [[]], attrs: { shape: [2, 2] } },
    { shapes: [[1]], attrs: { shape: [0] } },
    { shapes: [[1]], attrs: { shape: [4] } },
    { shapes: [[3]], attrs: { shape: [2, 3] } },
    { shapes: [[2, 1]], attrs: { shape: [3, 2, 2] } },
    { shapes: [[3, 1]], attrs: { shape: [2, 3] }, permuted: [[1, 0]] },
  ],
  slice: [
    { shapes: [[]], attrs: { starts: [], steps: [], sizes: [] } },
    { shapes: [[5]], attrs: { starts: [1], steps: [2], sizes: [2] } },
    { shapes: [[5]], attrs: { starts: [4], steps: [-1], sizes: [5] } },
    { shapes: [[3, 4]], attrs: { starts: [1, 0], steps: [1, 3], sizes: [2, 2] } },
    { shapes: [[3, 4]], attrs: { starts: [0, 2], steps: [1, 1], sizes: [3, 0] } },
    { shapes: [[2, 3, 2]], attrs: { starts: [1, 2, 0], steps: [1, -2, 1], sizes: [1, 2, 2] } },
    {
      shapes: [[4, 3]],
      attrs: { starts: [0, 1], steps: [1, 2], sizes: [2, 2] },
      permuted: [[1, 0]],
    },
  ],
  place: [
    { shapes: [[]], attrs: { shape: [], starts: [], steps: [], value: 0 } },
    { shapes: [[2]], attrs: { shape: [5], starts: [1], steps: [2], value: 0 } },
    { shapes: [[3]], attrs: { shape: [5], starts: [4], steps: [-2], value: 0 } },
    { shapes: [[2, 2]], attrs: { shape: [3, 4], starts: [1, 0], steps: [1, 3], value: 1.5 } },
    { shapes: [[0, 2]], attrs: { shape: [2, 2], starts: [0, 0], steps: [1, 1], value: 2 } },
    {
      shapes: [[2, 3]],
      attrs: { shape: [4, 3], starts: [1, 0], steps: [1, 1], value: 0 },
      permuted: [[1, 0]],
    },
  ],
  concat: [
    { shapes: [[2]], attrs: { axis: 0 } },
    { shapes: [[2], [0], [3]], attrs: { axis: 0 } },
    {
      shapes: [
        [1, 2],
        [3, 2],
      ],
      attrs: { axis: 0 },
    },
    {
      shapes: [
        [2, 1],
        [2, 3],
        [2, 2],
      ],
      attrs: { axis: 1 },
    },
    {
      shapes: [
        [2, 1, 3],
        [2, 2, 3],
      ],
      attrs: { axis: 1 },
    },
    {
      shapes: [
        [2, 3],
        [3, 4],
      ],
      attrs: { axis: 0 },
      permuted: [null, [1, 0]],
    },
  ],
  split: [
    { shapes: [[4]], attrs: { axis: 0, sizes: [1, 3] } },
    { shapes: [[4]], attrs: { axis: 0, sizes: [0, 4] } },
    { shapes: [[0]], attrs: { axis: 0, sizes: [0] } },
    { shapes: [[3, 4]], attrs: { axis: 1, sizes: [2, 1, 1] } },
    { shapes: [[4, 2]], attrs: { axis: 0, sizes: [2, 2] } },
    { shapes: [[2, 5, 2]], attrs: { axis: 1, sizes: [3, 2] } },
  ],
  flip: [
    { shapes: [[]], attrs: { axes: [] } },
    { shapes: [[0]], attrs: { axes: [0] } },
    { shapes: [[1]], attrs: { axes: [0] } },
    { shapes: [[4]], attrs: { axes: [0] } },
    { shapes: [[2, 3]], attrs: { axes: [0, 1] } },
    { shapes: [[2, 3, 2]], attrs: { axes: [1] }, permuted: [[1, 2, 0]] },
  ],
};
