/**
 * @file Gather and scatter-add. jax-js scatters as the gradient of a gather; tfjs cannot on wasm.
 */
import { segmentSum, take } from "@isograd/tensor";
import { grad, numpy as np } from "@jax-js/jax";
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../harness/contender.js";
import { floats, integers } from "../harness/inputs.js";
import { row } from "../libraries/row.js";

const MILLION = 1e6;
const SLOTS = 1e4;
const ROWS = 1e5;
const WIDTH = 16;

const gather = row({
  name: "gather 1e6",
  inputs: () => [floats([MILLION], 1), integers([MILLION], MILLION, 2)],
  isograd: (x, at) => take(x, at),
  tfjs: (x, at) => tf.gather(x, at as tf.Tensor1D),
  jax: (x, at) => np.take(x, at, 0),
  size: MILLION,
  plain(out, x, at) {
    for (let i = 0; i < out.length; i++) out[i] = x[at[i] as number] as number;
  },
});

/** Σ over rows with the same index: the gradient of `Σ take(x, at) · v` with respect to x. */
function scatterJax(shape: number[]) {
  return (v: np.Array, at: np.Array): np.Array =>
    grad((x: np.Array) => np.take(x, at, 0).mul(v).sum())(np.zeros(shape));
}

const noScatter = { tfjs: "no kernel on wasm" };

const scatterScalars = row({
  name: "scatter-add 1e6 → 1e4",
  inputs: () => [floats([MILLION], 1), integers([MILLION], SLOTS, 2)],
  isograd: (v, at) => segmentSum(v, at, SLOTS),
  jax: scatterJax([SLOTS]),
  size: SLOTS,
  plain(out, v, at) {
    out.fill(0);
    for (let i = 0; i < v.length; i++) (out[at[i] as number] as number) += v[i] as number;
  },
  absent: noScatter,
});

const scatterRows = row({
  name: "scatter-add 1e5 rows of 16 → 1e4",
  inputs: () => [floats([ROWS, WIDTH], 1), integers([ROWS], SLOTS, 2)],
  isograd: (v, at) => segmentSum(v, at, SLOTS),
  jax: scatterJax([SLOTS, WIDTH]),
  size: SLOTS * WIDTH,
  plain(out, v, at) {
    out.fill(0);
    for (let i = 0; i < at.length; i++) {
      const to = (at[i] as number) * WIDTH;
      for (let j = 0; j < WIDTH; j++) (out[to + j] as number) += v[i * WIDTH + j] as number;
    }
  },
  absent: noScatter,
});

export const indexingRows: readonly Row[] = [gather, scatterScalars, scatterRows];
