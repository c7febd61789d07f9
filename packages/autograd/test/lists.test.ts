/**
 * @file Users may change the lists that they passed: derivatives computed later use the old values.
 */
import {
  broadcastTo,
  concat,
  conv2d,
  fftn,
  flip,
  interpolate,
  maxPool2d,
  moveAxis,
  ones,
  pad,
  permuteDims,
  repeat,
  reshape,
  rng,
  roll,
  slice,
  split,
  sum,
  type Tensor,
  tensordot,
  tile,
  variance,
} from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { defineKernelOp, vjp, vmap } from "../src/index.js";

type Lists = number[] | number[][];
const x = rng(0).normal([2, 3], { dtype: "float64" });
const image = rng(1).normal([1, 1, 4, 4], { dtype: "float64" });
const kernel = rng(2).normal([1, 1, 2, 2], { dtype: "float64" });
const double = defineKernelOp<readonly [Tensor], { readonly to: number[] }>({
  name: "double",
  kernel: "function (a) { return 2 * a[this.thread.x]; }",
  shape: (_, { to }) => to,
  vjp: () => [(g) => g.mul(2)],
});

const cases: readonly [string, Tensor, Lists, (x: Tensor, list: never) => Tensor][] = [
  ["reshape", x, [3, 2], (y, to: number[]) => reshape(y, to)],
  ["broadcastTo", x, [2, 2, 3], (y, to: number[]) => broadcastTo(y, to)],
  ["permuteDims", x, [1, 0], (y, axes: number[]) => permuteDims(y, axes)],
  ["moveAxis", x, [0, 1], (y, from: number[]) => moveAxis(y, from, [1, 0])],
  ["flip", x, [0, 1], (y, axis: number[]) => flip(y, { axis })],
  ["roll", x, [1, 1], (y, by: number[]) => roll(y, by, { axis: [0, 1] })],
  ["sum", x, [0, 1], (y, axis: number[]) => sum(y.square(), { axis })],
  ["variance", x, [0, 1], (y, axis: number[]) => variance(y, { axis })],
  ["split", x, [1, 2], (y, sizes: number[]) => concat(split(y, sizes, { axis: 1 }), { axis: 1 })],
  ["tile", x, [2, 2], (y, times: number[]) => tile(y, times)],
  ["repeat", x, [2, 1], (y, times: number[]) => repeat(y, times, { axis: 0 })],
  [
    "pad",
    x,
    [
      [1, 0],
      [0, 1],
    ],
    (y, w: [number, number][]) => pad(y, w),
  ],
  [
    "slice",
    x,
    [
      [0, 2],
      [1, 3],
    ],
    (y, r: [number, number][]) => slice(y, r),
  ],
  ["tensordot", x, [[1], [1]], (y, axes: [number[], number[]]) => tensordot(y, x, { axes })],
  ["fftn", x, [0, 1], (y, axes: number[]) => fftn(y, { axes }).re],
  [
    "conv2d",
    image,
    [2, 1],
    (y, s: [number, number]) => conv2d(y, kernel, undefined, { stride: s }),
  ],
  ["maxPool2d", image, [2, 1], (y, k: [number, number]) => maxPool2d(y, k)],
  ["interpolate", image, [3, 5], (y, size: number[]) => interpolate(y, { size, mode: "linear" })],
];

describe("a list that is changed between a call and its derivative", () => {
  for (const [name, at, list, f] of cases) {
    it(`does not matter to ${name}`, () => {
      const gradient = (spoil: boolean): number[] => {
        const own = structuredClone(list);
        const back = vjp((y: Tensor) => f(y, own as never), at);
        if (spoil)
          for (const part of own.flat().length === own.length ? [own] : own) {
            (part as number[]).fill(3);
            (part as number[]).push(4);
          }
        const { shape, dtype } = back.value;
        return Array.from(back.pull(rng(3).normal(shape, { dtype })).dataSync());
      };
      expect(gradient(true)).toEqual(gradient(false));
    });
  }

  it("does not matter to shape rules of kernels, nor to the axes of vmap", () => {
    const to = [2];
    const y = double(ones([2]), { to });
    to[0] = 12;
    expect(y.shape).toEqual([2]);
    const inAxes = [1, null];
    const rows = vmap((a: Tensor, b: Tensor) => a.add(b), { inAxes });
    inAxes[0] = 0;
    expect(rows(ones([2, 3]), ones([2])).shape).toEqual([3, 2]);
  });
});
