/** @file Sample calls of reading and adding at indices. */
import { sizeOf } from "@isograd/tensor/engine";
import { type Case, ints } from "./case.js";

const indexed: readonly (readonly [x: readonly number[], axis: number, ids: readonly number[]])[] =
  [
    [[3], 0, [0]],
    [[4], 0, [3, 0, 3]],
    [[3, 2], 0, [2, 2, 0, 1]],
    [[2, 5], 1, [4, 0]],
    [[2, 3, 4], 1, [1, 1]],
    [[3, 1], 0, []],
    [[2, 0], 0, [1, 0]],
    [[3, 2], 0, [-1, 0, 2, -3]],
    [[2, 5], 1, [-5, -1, 4]],
  ];

/** Cases by name of the op. */
export const indexingSamples: Readonly<Record<string, readonly Case[]>> = {
  take: indexed.map(([x, axis, ids]) => ({
    shapes: [x, [ids.length]],
    attrs: { axis },
    values: { 1: ints(ids) },
  })),
  segmentSum: indexed.map(([x, axis, ids]) => ({
    shapes: [x.map((n, i) => (i === axis ? ids.length : n)), [ids.length]],
    attrs: { axis, segments: x[axis], ...(ids.some((i) => i < 0) ? { fromEnd: true } : {}) },
    values: { 1: ints(ids) },
  })),
  indexAdd: indexed.map(([x, axis, ids]) => ({
    shapes: [x, [ids.length], x.map((n, i) => (i === axis ? ids.length : n))],
    attrs: { axis },
    values: { 1: ints(ids) },
  })),
  takeAlongAxis: [
    { shapes: [[3], [1]], attrs: { axis: 0 }, values: { 1: ints([2]) } },
    { shapes: [[3], [0]], attrs: { axis: 0 }, values: { 1: ints([]) } },
    {
      shapes: [
        [2, 3],
        [2, 2],
      ],
      attrs: { axis: 1 },
      values: { 1: ints([2, 2, 0, 1]) },
    },
    {
      shapes: [
        [3, 2],
        [1, 2],
      ],
      attrs: { axis: 0 },
      values: { 1: ints([2, 0]) },
    },
    {
      shapes: [
        [2, 3, 2],
        [2, 1, 2],
      ],
      attrs: { axis: 1 },
      values: { 1: ints([0, 1, 2, 2]) },
    },
    {
      shapes: [
        [3, 2],
        [2, 1],
      ],
      attrs: { axis: 1 },
      values: { 1: ints([2, 0]) },
      permuted: [[1, 0], null],
    },
    {
      shapes: [
        [2, 3],
        [2, 4],
      ],
      attrs: { axis: 1 },
      values: { 1: ints([-1, 2, 0, -3, -2, -2, 1, 0]) },
    },
  ],
  addAlongAxis: [
    { shapes: [[1], [1]], attrs: { axis: 0, length: 3 }, values: { 1: ints([2]) } },
    { shapes: [[0], [0]], attrs: { axis: 0, length: 2 }, values: { 1: ints([]) } },
    {
      shapes: [
        [2, 2],
        [2, 2],
      ],
      attrs: { axis: 1, length: 3 },
      values: { 1: ints([2, 2, 0, 1]) },
    },
    {
      shapes: [
        [1, 2],
        [1, 2],
      ],
      attrs: { axis: 0, length: 3 },
      values: { 1: ints([2, 0]) },
    },
    {
      shapes: [
        [2, 1, 2],
        [2, 1, 2],
      ],
      attrs: { axis: 1, length: 3 },
      values: { 1: ints([0, 1, 2, 2]) },
    },
    {
      shapes: [
        [1, 2],
        [2, 1],
      ],
      attrs: { axis: 1, length: 4 },
      values: { 1: ints([3, 0]) },
      permuted: [[1, 0], null],
    },
    {
      shapes: [
        [2, 4],
        [2, 4],
      ],
      attrs: { axis: 1, length: 3 },
      values: { 1: ints([-1, 2, 0, -3, -2, -2, 1, 0]) },
    },
  ],
  oneHot: [[], [0], [1], [3], [2, 2], [1, 3]].map((s) => ({
    shapes: [s],
    attrs: { depth: 4, dtype: "float64" },
    values: { 0: ints([1, 0, 3, 2].slice(0, sizeOf(s))) },
  })),
};
