/** @file Sample calls of reductions, matrix products, normalisation and updates. */
import type { Case } from "./case.js";

const reductions: readonly Case[] = [
  { shapes: [[]], attrs: { axes: [], keepdims: false } },
  { shapes: [[0, 3]], attrs: { axes: [1], keepdims: false } },
  { shapes: [[1]], attrs: { axes: [0], keepdims: true } },
  { shapes: [[4, 3]], attrs: { axes: [0], keepdims: false } },
  { shapes: [[4, 3]], attrs: { axes: [0, 1], keepdims: false } },
  { shapes: [[3, 2, 4]], attrs: { axes: [0, 2], keepdims: true } },
  { shapes: [[2, 3, 4]], attrs: { axes: [1], keepdims: false }, permuted: [[2, 0, 1]] },
];

const one = { axes: [1], keepdims: false };
const args: readonly Case[] = [
  { shapes: [[1]], attrs: { axis: 0, keepdims: false } },
  { shapes: [[4, 3]], attrs: { axis: 0, keepdims: false } },
  { shapes: [[4, 3]], attrs: { axis: 1, keepdims: true } },
  { shapes: [[2, 5, 3]], attrs: { axis: 1, keepdims: false } },
  { shapes: [[0, 3]], attrs: { axis: 1, keepdims: false } },
  { shapes: [[3, 2]], attrs: { axis: 0, keepdims: false }, permuted: [[1, 0]] },
];

const norm = { eps: 1e-5 };
const layers: readonly Case[] = [
  { shapes: [[4]], attrs: norm },
  { shapes: [[2, 4]], attrs: norm },
  { shapes: [[0, 3]], attrs: norm },
  { shapes: [[3, 2, 5]], attrs: { eps: 1e-3 } },
  { shapes: [[5, 2]], attrs: norm, permuted: [[1, 0]] },
  { shapes: [[2, 2]], attrs: { eps: 0.1 } },
];
const uncentred: readonly Case[] = [
  { shapes: [[7]], attrs: { eps: 1e-5, centred: false } },
  { shapes: [[3, 4]], attrs: { eps: 0.1, centred: false } },
];

const variances: readonly Case[] = [
  { shapes: [[3, 2]], attrs: { ...one, correction: 0 } },
  { shapes: [[3, 4]], attrs: { ...one, correction: 1 } },
  { shapes: [[0, 3]], attrs: { ...one, correction: 0 } },
  { shapes: [[1, 2]], attrs: { axes: [0], keepdims: true, correction: 0 } },
  { shapes: [[2, 3, 2]], attrs: { axes: [0, 2], keepdims: true, correction: 1 } },
  { shapes: [[4, 3]], attrs: { axes: [0, 1], keepdims: false, correction: 0 }, permuted: [[1, 0]] },
];

const products: readonly Case[] = [
  {
    shapes: [
      [2, 3],
      [3, 4],
    ],
  },
  {
    shapes: [
      [3, 2],
      [3, 4],
    ],
    permuted: [[1, 0], null],
  },
  {
    shapes: [
      [2, 3],
      [4, 3],
    ],
    permuted: [null, [1, 0]],
  },
  {
    shapes: [
      [3, 2],
      [4, 3],
    ],
    permuted: [
      [1, 0],
      [1, 0],
    ],
  },
  {
    shapes: [
      [0, 3],
      [3, 2],
    ],
  },
  {
    shapes: [
      [2, 0],
      [0, 3],
    ],
  },
  {
    shapes: [
      [1, 1],
      [1, 1],
    ],
  },
  {
    shapes: [
      [2, 3, 4],
      [2, 4, 2],
    ],
  },
  {
    shapes: [
      [2, 1, 3, 2],
      [3, 2, 2],
    ],
  },
  {
    shapes: [
      [3, 2, 2],
      [2, 3, 2],
    ],
    permuted: [
      [1, 0, 2],
      [0, 2, 1],
    ],
  },
];

const adam = {
  lr: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-8,
  correction1: 2,
  correction2: 3,
  weightDecay: 0.1,
  donate: false,
};
const sgd = { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01, donate: false };
const repeat = (count: number, attrs: unknown): Case[] =>
  [[], [0], [1], [5], [2, 3], [19]].map((s) => ({
    shapes: Array.from({ length: count }, () => s),
    attrs,
  }));

/** Cases by name of the op. */
export const reductionSamples: Readonly<Record<string, readonly Case[]>> = {
  sum: reductions,
  mean: reductions,
  max: reductions,
  min: reductions,
  prod: reductions,
  all: reductions,
  any: reductions,
  argmax: args,
  argmin: args,
  variance: variances,
  cumulativeSum: [
    { shapes: [[1]], attrs: { axis: 0 } },
    { shapes: [[0, 2]], attrs: { axis: 0 } },
    { shapes: [[5]], attrs: { axis: 0 } },
    { shapes: [[3, 4]], attrs: { axis: 0 } },
    { shapes: [[3, 4]], attrs: { axis: 1 } },
    { shapes: [[2, 3, 2]], attrs: { axis: 1 }, permuted: [[2, 1, 0]] },
  ],
  matmul: products,
  logSumExp: [
    { shapes: [[3]] },
    { shapes: [[1]] },
    { shapes: [[2, 4]] },
    { shapes: [[0, 3]] },
    { shapes: [[2, 3, 2]] },
    { shapes: [[4, 3]], permuted: [[1, 0]] },
  ],
  standardize: [...layers, ...uncentred],
  standardizeGrad: [...layers, ...uncentred].map((c) => ({
    ...c,
    shapes: [c.shapes[0] as readonly number[], c.shapes[0] as readonly number[]],
    permuted: c.permuted && [c.permuted[0] ?? null, c.permuted[0] ?? null],
  })),
  layerNorm: layers.map((c) => {
    const shape = c.shapes[0] as readonly number[];
    const n = (c.permuted ? shape[0] : shape[shape.length - 1]) as number;
    return { ...c, shapes: [shape, [n], [n]], permuted: c.permuted && [...c.permuted, null, null] };
  }),
  adamUpdate: repeat(4, adam),
  sgdUpdate: repeat(3, sgd),
  lerpUpdate: repeat(2, { weight: 0.3, donate: false }),
};
