/** @file Sample calls of writing at places along an axis. */
import { type Case, ints } from "./case.js";

const write: readonly Case[] = [
  { shapes: [[3], [1], [1]], attrs: { axis: 0 }, values: { 1: ints([2]) } },
  { shapes: [[2], [0], [0]], attrs: { axis: 0 }, values: { 1: ints([]) } },
  {
    shapes: [
      [2, 3],
      [2, 2],
      [2, 2],
    ],
    attrs: { axis: 1 },
    values: { 1: ints([2, 0, 1, 2]) },
  },
  {
    shapes: [
      [2, 3],
      [2, 2],
      [2, 2],
    ],
    attrs: { axis: 1 },
    values: { 1: ints([1, 1, 0, 0]) },
  },
  {
    shapes: [
      [2, 3],
      [2, 2],
      [2, 2],
    ],
    attrs: { axis: 1 },
    values: { 1: ints([-1, 2, 0, -2]) },
  },
  {
    shapes: [
      [3, 2],
      [4, 2],
      [4, 2],
    ],
    attrs: { axis: 0 },
    values: { 1: ints([0, 0, 1, 0, 0, 2, 1, 1]) },
  },
  {
    shapes: [
      [2, 3, 2],
      [2, 1, 2],
      [2, 1, 2],
    ],
    attrs: { axis: 1 },
    values: { 1: ints([0, 1, 2, 2]) },
  },
  {
    shapes: [
      [3, 2],
      [2, 1],
      [2, 1],
    ],
    attrs: { axis: 1 },
    values: { 1: ints([2, 0]) },
    permuted: [[1, 0], null, null],
  },
];

/** Cases by name of the op. */
export const scatterSamples: Readonly<Record<string, readonly Case[]>> = {
  setAlongAxis: write,
  maxAlongAxis: write,
  cumulativeArgmax: [
    { shapes: [[1]], attrs: { axis: 0 } },
    { shapes: [[0]], attrs: { axis: 0 } },
    { shapes: [[6]], attrs: { axis: 0 } },
    { shapes: [[3, 4]], attrs: { axis: 1 } },
    { shapes: [[3, 4]], attrs: { axis: 0 } },
    { shapes: [[2, 3, 2]], attrs: { axis: 1 } },
    { shapes: [[4, 3]], attrs: { axis: 1 }, permuted: [[1, 0]] },
  ],
};
