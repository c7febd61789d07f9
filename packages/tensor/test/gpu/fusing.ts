/** @file Chains of elementwise ops: their values do not depend on which share a kernel. */
import {
  add,
  cast,
  clip,
  exp,
  greater,
  mul,
  permuteDims,
  reshape,
  scope,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  where,
} from "@isograd/tensor";
import { type Case, numbers } from "./case.js";

const rtol = 1e-5;

/** A chain of more ops than one kernel takes. */
function long(x: Tensor): Tensor {
  let y = x;
  for (let i = 0; i < 60; i++) y = add(mul(y, 0.9), i % 3);
  return y;
}

/** More operands than one kernel reads. */
function wide(x: Tensor): Tensor {
  let y = x;
  for (let i = 0; i < 20; i++)
    y = add(y, mul(reshape(sum(x, { axis: i % 2 }), [-1, 1]).sum(), 0.1));
  return y;
}

/** Parts that are disposed before they are read, kept, used twice, broadcast or permuted. */
export const fusing: readonly Case[] = [
  {
    name: "a chain whose parts are gone",
    ops: [],
    inputs: () => [numbers([4, 3]), numbers([3], -1, 1, 1)],
    run: (x, y) => scope(() => clip(tanh(mul(add(x, y), 1.5)), { min: -0.9, max: 0.9 })),
    rtol,
  },
  {
    name: "parts that stay",
    ops: [],
    inputs: () => [numbers([4, 3]), numbers([4, 1], -1, 1, 1)],
    run: (x, y) => {
      const a = add(x, y);
      const b = exp(a);
      return [mul(b, a), b, a];
    },
    rtol,
  },
  {
    name: "a part used twice, and by one that has its own shape",
    ops: [],
    inputs: () => [numbers([3, 3]), numbers([3], -1, 1, 1)],
    run: (x, y) =>
      scope(() => {
        const a = square(y);
        const b = sub(x, a);
        const positive = greater(b, 0);
        return add(where(positive, mul(b, b), b), add(permuteDims(b), cast(positive, "float32")));
      }),
    rtol,
  },
  { name: "a long chain", ops: [], inputs: () => [numbers([5])], run: long, rtol },
  {
    name: "a wide chain",
    ops: [],
    inputs: () => [numbers([4, 4])],
    run: (x) => scope(() => wide(x)),
    rtol,
  },
  {
    name: "a part seen through a reshape and axes of length 1",
    ops: [],
    inputs: () => [numbers([2, 1, 3]), numbers([6], -1, 1, 1)],
    run: (x, y) => scope(() => tanh(add(reshape(exp(mul(x, 0.5)), [6]), square(y)))),
    rtol,
  },
  {
    name: "many results: four a thread",
    ops: [],
    inputs: () => [
      numbers([130, 128]),
      numbers([128], -1, 1, 1),
      numbers([130, 1], -1, 1, 2),
      numbers([128, 130], -1, 1, 3),
      numbers([], 0.5, 1, 4),
    ],
    run: (x, row, column, turned, s) => {
      const chain = () => clip(tanh(mul(add(x, row), column)), { min: -0.5, max: 0.9 });
      return [
        mul(x, s),
        mul(square(x), x),
        scope(chain),
        scope(() => mul(add(permuteDims(turned), row), s)),
        scope(() => sub(x, mul(x, permuteDims(turned)))),
        scope(() => add(mul(row, s), permuteDims(turned))),
      ];
    },
    rtol,
  },
  {
    name: "many results that are no fours along the last axis",
    ops: [],
    inputs: () => [numbers([4, 4098]), numbers([4098], -1, 1, 1), numbers([5, 33, 101])],
    run: (x, row, odd) => [
      scope(() => tanh(mul(x, 2))),
      scope(() => mul(add(x, row), row)),
      scope(() => tanh(mul(odd, 2))),
    ],
    rtol,
  },
];
