/** @file Softmax, layer normalisation, optimiser steps, and empty tensors. */
import {
  add,
  indexAdd,
  layerNorm,
  logSoftmax,
  logSumExp,
  matmul,
  scaledDotProductAttention,
  segmentSum,
  softmax,
  standardize,
  sum,
  take,
} from "@isograd/tensor";
import {
  adamUpdate,
  allOps,
  apply,
  lerpUpdate,
  logSoftmaxGrad,
  type Op,
  sgdUpdate,
  softmaxGrad,
  standardizeGrad,
} from "@isograd/tensor/engine";
import { type Case, given, ints, numbers } from "./case.js";

const row = () => [numbers([3, 6], -3, 3), numbers([3, 6], -1, 1, 1)];
/** Row by row. */
export const normalizing: readonly Case[] = [
  {
    name: "softmax family",
    ops: ["softmax", "logSoftmax", "logSumExp", "softmaxGrad", "logSoftmaxGrad"],
    inputs: row,
    run: (x, g) => [
      softmax(x),
      softmax(x, { axis: 0 }),
      logSoftmax(x),
      logSumExp(x),
      logSumExp(x, { axis: 0, keepdims: true }),
      softmaxGrad(x, g),
      logSoftmaxGrad(x, g),
    ],
    atol: 2e-5,
  },
  {
    name: "softmax with infinite scores",
    ops: [],
    inputs: () => [
      given([0, -Infinity, 1, 0, Infinity, 1, -Infinity, -Infinity, -Infinity], [3, 3]),
    ],
    run: (x) => [softmax(x), logSoftmax(x), logSumExp(x, { axis: 1 })],
    atol: 1e-5,
  },
  {
    name: "softmax of large scores",
    ops: [],
    inputs: () => [given([1e8, 1e8, -1e30, -3e30, -1e30, -1e30, 4e5, 4e5 + 1, 4e5 - 1], [3, 3])],
    run: (x) => [softmax(x), logSoftmax(x)],
    atol: 1e-5,
  },
  {
    name: "attention with rows that see nothing",
    ops: [],
    inputs: () => [
      numbers([3, 2], -1, 1),
      given([-Infinity, 1, 2, -Infinity, -Infinity, -Infinity, 0.5, -Infinity, -1], [3, 3]),
    ],
    run: (x, mask) => [
      scaledDotProductAttention(x, x, x, { mask, causal: true }),
      scaledDotProductAttention(x, x, x, { mask }),
      scaledDotProductAttention(x, x, x, { mask: mask.greater(0) }),
    ],
    atol: 1e-5,
  },
  {
    name: "layer normalisation",
    ops: ["standardize", "standardizeGrad", "layerNorm"],
    inputs: () => [...row(), numbers([6]), numbers([6], -1, 1, 3)],
    run: (x, g, w, b) => [standardize(x), standardizeGrad(x, g, { eps: 1e-5 }), layerNorm(x, w, b)],
    atol: 2e-5,
  },
];

const adam = { donate: false, lr: 0.1, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01 };
/** Steps of optimisers. */
export const updating: readonly Case[] = [
  {
    name: "optimiser updates",
    ops: ["adamUpdate", "sgdUpdate", "lerpUpdate", "accumulate"],
    inputs: () => [numbers([3, 4]), numbers([3, 4], -1, 1, 1), numbers([3, 4], 0.1, 1, 2)],
    run: (p, g, m) => [
      ...adamUpdate(p, g, m, m, {
        ...adam,
        correction1: 10,
        correction2: 1000,
      }),
      ...sgdUpdate(p, g, m, {
        donate: false,
        lr: 0.1,
        momentum: 0.9,
        nesterov: true,
        weightDecay: 0.01,
      }),
      ...sgdUpdate(p, g, m, {
        donate: false,
        lr: 0.1,
        momentum: 0,
        nesterov: false,
        weightDecay: 0,
      }),
      lerpUpdate(p, g, { donate: false, weight: 0.3 }),
      apply(allOps().get("accumulate") as Op, [p, g], undefined),
    ],
    rtol: 1e-5,
  },
];

/** No elements. */
export const empty: readonly Case[] = [
  {
    name: "nothing in, nothing or zeros out",
    ops: [],
    inputs: () => [numbers([0, 3]), numbers([3, 0]), ints([]), numbers([2, 3])],
    run: (x, y, i, w) => [
      add(x, 1),
      sum(x, { axis: 0 }),
      matmul(y, x),
      take(w, i),
      indexAdd(w, i, x),
      segmentSum(x, i, 2),
    ],
  },
];
