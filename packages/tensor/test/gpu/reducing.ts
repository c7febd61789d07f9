/** @file Reductions and products. */
import {
  all,
  any,
  argmax,
  argmin,
  broadcastTo,
  cumulativeSum,
  matmul,
  max,
  mean,
  min,
  permuteDims,
  prod,
  sum,
  variance,
} from "@isograd/tensor";
import { bools, type Case, given, numbers } from "./case.js";

/** Over any axes, of any layout. */
export const reducing: readonly Case[] = [
  ...[sum, mean, max, min, prod].map(
    (f): Case => ({
      name: `${f.op.name} over any axes`,
      ops: [f.op.name],
      inputs: () => [numbers([3, 4, 5])],
      run: (x) =>
        [undefined, 0, 1, 2, [0, 1], [0, 2], [1, 2]].map((axis) =>
          f(x, axis === undefined ? {} : { axis, keepdims: axis === 1 }),
        ),
      rtol: 1e-5,
    }),
  ),
  {
    name: "sum, mean and max of many elements, in two launches",
    ops: [],
    inputs: () => [numbers([3000]), numbers([2, 2100], -1, 1)],
    run: (x, y) => [
      sum(x),
      mean(y, { axis: 1 }),
      max(y, { axis: 1 }),
      sum(permuteDims(y), { axis: 0 }),
    ],
    atol: 1e-3,
  },
  {
    name: "folds of many rows, short and long, which end anywhere in a texture",
    ops: [],
    inputs: () => [
      numbers([37, 1001]),
      numbers([5003, 7], -1, 1, 1),
      numbers([20011], -1, 1, 2),
      numbers([3, 40, 257], 0.99, 1.01, 3),
    ],
    run: (x, short, one, near) => [
      ...[x, short].flatMap((y) => [sum(y, { axis: 1 }), mean(y, { axis: -1, keepdims: true })]),
      ...[x, short].flatMap((y) => [max(y, { axis: 1 }), min(y, { axis: 1 })]),
      ...[sum(one), mean(one), max(one), min(one), sum(near), sum(near, { axis: [1, 2] })],
      prod(near, { axis: 2 }),
      sum(permuteDims(x), { axis: 0 }),
    ],
    atol: 1e-3,
    rtol: 1e-5,
  },
  {
    name: "NaN, infinities and truth in long rows",
    ops: [],
    inputs: () => [
      given(
        Array.from({ length: 9 * 2000 }, (_, i) => {
          const row = Math.floor(i / 2000);
          return i % 2000 === 777
            ? ([NaN, Infinity, -Infinity, 0][row] ?? 1)
            : 1 + (row === 8 ? -1 : 0);
        }),
        [9, 2000],
      ),
    ],
    run: (x) => [
      max(x, { axis: 1 }),
      min(x, { axis: 1 }),
      sum(x, { axis: 1 }),
      prod(x, { axis: 1 }),
      all(x, { axis: 1 }),
      any(x, { axis: 1 }),
    ],
  },
  {
    name: "sum and max of permuted and repeated operands",
    ops: [],
    inputs: () => [numbers([3, 4])],
    run: (x) => [
      sum(permuteDims(x), { axis: 0 }),
      max(broadcastTo(x, [2, 3, 4]), { axis: [0, 2] }),
    ],
  },
  {
    name: "NaN wins",
    ops: [],
    inputs: () => [given([1, NaN, 3, 4, 5, 6], [2, 3])],
    run: (x) => [
      max(x, { axis: 1 }),
      min(x, { axis: 1 }),
      sum(x, { axis: 1 }),
      argmax(x, { axis: 1 }),
      argmin(x, { axis: 1 }),
    ],
  },
  {
    name: "all and any",
    ops: ["all", "any"],
    inputs: () => [bools([1, 0, 1, 1], [2, 2])],
    run: (x) => [all(x, { axis: 1 }), any(x), sum(x)],
  },
  {
    name: "variance",
    ops: ["variance"],
    inputs: () => [numbers([4, 6])],
    run: (x) => [variance(x), variance(x, { axis: 0, correction: 1 })],
    rtol: 1e-5,
  },
  {
    name: "argmax and argmin",
    ops: ["argmax", "argmin"],
    inputs: () => [given([1, 3, 3, 0, -1, -1], [2, 3]), numbers([3, 4, 2])],
    run: (x, y) => [
      argmax(x, { axis: 1 }),
      argmin(x, { axis: 1 }),
      argmax(y, { axis: 1 }),
      argmax(y),
    ],
  },
  {
    name: "cumulativeSum",
    ops: ["cumulativeSum"],
    inputs: () => [numbers([2, 5, 3])],
    run: (x) => [cumulativeSum(x, { axis: 1 }), cumulativeSum(x, { axis: 2 })],
    rtol: 1e-5,
  },
];

/** Matrix products. */
export const products: readonly Case[] = [
  ...(
    [
      [
        [3, 4],
        [4, 5],
      ],
      [
        [1, 1],
        [1, 1],
      ],
      [
        [8, 7],
        [7, 8],
      ],
      [
        [64, 33],
        [33, 12],
      ],
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
      [
        [2, 1, 3, 4],
        [5, 4, 8],
      ],
      [
        [2, 3, 4],
        [4, 5],
      ],
      [[6], [6, 4]],
      [[3, 6], [6]],
    ] as const
  ).map(
    ([a, b], i): Case => ({
      name: `matmul [${a}] @ [${b}]`,
      ops: ["matmul"],
      inputs: () => [numbers(a, -1, 1, i), numbers(b, -1, 1, i + 1)],
      run: (x, y) => matmul(x, y),
      rtol: 1e-5,
    }),
  ),
  {
    name: "matmul of transposes and repeats",
    ops: [],
    inputs: () => [numbers([4, 3]), numbers([5, 4], -2, 2, 1), numbers([1, 4, 3], -2, 2, 2)],
    run: (x, y, z) => [matmul(x.mT, y.mT), matmul(broadcastTo(z, [2, 4, 3]).mT, y.mT)],
    rtol: 1e-5,
  },
];
