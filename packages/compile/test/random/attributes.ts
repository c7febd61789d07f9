/** @file Attributes of ops that take any shape, by the shape. Knows no values. */
import type { Shape } from "@isograd/tensor";

/** Attributes for an operand of a shape, chosen by a number; null where there are none. */
type Choose = (shape: Shape, n: number) => unknown;

const some = (shape: Shape, n: number): number[] => {
  return shape.flatMap((_, i) => ((n >>> i) & 1 ? [i] : []));
};
const axisOf = (shape: Shape, n: number): number => n % shape.length;
const flag = (n: number): boolean => n % 2 === 1;

const reduced: Choose = (shape, n) => ({ axes: some(shape, n), keepdims: flag(n >>> 3) });
const along =
  (more: (n: number) => object): Choose =>
  (shape, n) =>
    shape.length === 0 ? null : { axis: axisOf(shape, n), ...more(n >>> 2) };
const rows =
  (attrs?: unknown): Choose =>
  (shape) =>
    shape.length === 0 ? null : attrs;
const none = (): object => ({});
const extreme = along((n) => ({ keepdims: flag(n) }));

/** How much of an axis a slice takes. */
function cut(length: number, n: number): { start: number; step: number; size: number } {
  if (length < 2) return { start: 0, step: 1, size: length };
  if (n % 4 === 0) return { start: length - 1, step: -1, size: length };
  if (n % 4 === 1) return { start: 1, step: 2, size: Math.ceil((length - 1) / 2) };
  if (n % 4 === 2) return { start: 0, step: 1, size: length };
  return { start: 1, step: 1, size: length - 1 };
}

/** By name of an op of one operand. */
export const attributes: Readonly<Record<string, Choose>> = {
  ...Object.fromEntries(
    ["sum", "mean", "max", "min", "prod", "all", "any"].map((name) => [name, reduced]),
  ),
  variance: (shape, n) => ({ axes: some(shape, n), keepdims: flag(n), correction: 0 }),
  argmax: extreme,
  argmin: extreme,
  cumulativeSum: along(none),
  cumulativeArgmax: along(none),
  argsort: along((n) => ({ descending: flag(n) })),
  softmax: rows(),
  logSoftmax: rows(),
  logSumExp: rows(),
  standardize: rows({ eps: 1e-5 }),
  clip: (_, n) => (flag(n) ? { min: -0.7, max: 1.1 } : { min: 0, max: Number.POSITIVE_INFINITY }),
  cast: (_, n) => ({ dtype: ["float32", "float64", "int32", "bool"][n % 4] }),
  flip: (shape, n) => ({ axes: some(shape, n) }),
  permuteDims: (shape, n) => {
    const axes = shape.map((__, i) => (i + n) % shape.length);
    return { axes: flag(n >>> 2) ? axes.reverse() : axes };
  },
  reshape: (shape, n) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return { shape: [[size], [...shape].reverse(), [...shape, 1], [1, ...shape]][n % 4] };
  },
  broadcastTo: (shape, n) => ({
    shape: [...(flag(n) ? [2] : []), ...shape.map((length) => (length === 1 ? 3 : length))],
  }),
  slice: (shape, n) => {
    const cuts = shape.map((length, i) => cut(length, n >>> i));
    return {
      starts: cuts.map(({ start }) => start),
      steps: cuts.map(({ step }) => step),
      sizes: cuts.map(({ size }) => size),
    };
  },
  place: (shape, n) => ({
    shape: shape.map((length) => length + 2),
    starts: shape.map(() => n % 3),
    steps: shape.map(() => 1),
    value: flag(n) ? 0 : 0.5,
  }),
  split: (shape, n) => {
    if (shape.length === 0) return null;
    const axis = axisOf(shape, n);
    const first = Math.min(1, shape[axis] as number);
    return { axis, sizes: [first, (shape[axis] as number) - first] };
  },
};
