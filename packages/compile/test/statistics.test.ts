/** @file Statistics in compiled functions: the same bits, in every call. */
import {
  convolve,
  corrcoef,
  digitize,
  histogram,
  nanMedian,
  quantile,
  rng,
  type Tensor,
  tensor,
  trapezoid,
} from "@isograd/tensor";
import { it } from "vitest";
import { compile } from "../src/index.js";
import { expectSame, read } from "./same.js";

const bins = tensor([-1, 0, 1]);

it.each<[string, (x: Tensor) => unknown]>([
  ["quantile", (x) => quantile(x, [0.1, 0.5])],
  ["nanMedian", (x) => nanMedian(x, { axis: 1 })],
  ["histogram", (x) => histogram(x, { bins: 4 })],
  ["digitize", (x) => digitize(x, bins)],
  ["corrcoef", (x) => corrcoef(x)],
  ["trapezoid", (x) => trapezoid(x)],
  ["convolve", (x) => convolve(x.slice([0]), x.slice([1]))],
])("%s", (_, f) => {
  const compiled = compile(f);
  for (const seed of [0, 1, 2]) {
    const x = rng(seed).normal([3, 6]);
    expectSame(read(compiled(x)), read(f(x)));
  }
});
