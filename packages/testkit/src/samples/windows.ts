/** @file Sample calls of sliding windows. */
import type { Case } from "./case.js";

/** [kernel, stride, dilation, before, after] of one axis. */
type Axis = readonly [number, number, number, number, number];

const window = ([kernel, stride, dilation, before, after]: Axis) => ({
  kernel,
  stride,
  dilation,
  before,
  after,
});
const count = (n: number, [k, stride, dilation, before, after]: Axis) =>
  Math.floor((n + before + after - (k - 1) * dilation - 1) / stride) + 1;

const layouts: readonly {
  readonly x: readonly [number, number, number, number];
  readonly v: Axis;
  readonly h: Axis;
  readonly value?: number;
}[] = [
  { x: [1, 1, 1, 1], v: [1, 1, 1, 0, 0], h: [1, 1, 1, 0, 0] },
  { x: [1, 2, 1, 6], v: [1, 1, 1, 0, 0], h: [3, 1, 1, 1, 1] },
  { x: [2, 1, 4, 5], v: [2, 1, 1, 0, 1], h: [3, 2, 1, 1, 1], value: 1.5 },
  { x: [1, 2, 5, 4], v: [2, 3, 2, 0, 0], h: [2, 1, 3, 2, 1] },
  { x: [2, 2, 3, 3], v: [3, 1, 1, 1, 1], h: [2, 2, 1, 0, 0] },
  { x: [0, 2, 3, 3], v: [2, 1, 1, 0, 0], h: [2, 1, 1, 0, 0] },
  { x: [1, 1, 4, 4], v: [2, 2, 1, 0, -1], h: [2, 2, 1, 1, 1] },
];

/** Cases by name of the op. */
export const windowSamples: Readonly<Record<string, readonly Case[]>> = {
  unfold: [
    ...layouts.map(({ x, v, h, value = 0 }) => ({
      shapes: [x],
      attrs: { windows: [window(v), window(h)], value },
    })),
    {
      shapes: [[3, 4, 2, 1]],
      permuted: [[3, 2, 1, 0]],
      attrs: { windows: [window([2, 1, 1, 0, 0]), window([2, 1, 1, 1, 0])], value: 0 },
    },
  ],
  fold: layouts.map(({ x, v, h }) => ({
    shapes: [[x[0], x[1], v[0], h[0], count(x[2], v), count(x[3], h)]],
    attrs: { windows: [window(v), window(h)], size: x.slice(2) },
  })),
};
