/** @file Work along rows and columns of a matrix: softmax, layer norm, sums. */
import { layerNorm, softmax, sum } from "@isograd/tensor";
import { nn, numpy as np } from "@jax-js/jax";
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../harness/contender.js";
import { floats } from "../harness/inputs.js";
import { row } from "../libraries/row.js";

const N = 1024;
const SUM = 2048;
const EPS = 1e-5;

const softmaxRow = row({
  name: "softmax 1024²",
  inputs: () => [floats([N, N], 1, 4)],
  isograd: (x) => softmax(x),
  tfjs: (x) => tf.softmax(x),
  jax: (x) => nn.softmax(x),
  size: N * N,
  plain(out, x) {
    for (let from = 0; from < x.length; from += N) {
      let top = Number.NEGATIVE_INFINITY;
      for (let i = from; i < from + N; i++) top = Math.max(top, x[i] as number);
      let total = 0;
      for (let i = from; i < from + N; i++) total += out[i] = Math.exp((x[i] as number) - top);
      for (let i = from; i < from + N; i++) (out[i] as number) /= total;
    }
  },
});

const layerNormRow = row({
  name: "layer norm 1024²",
  inputs: () => [floats([N, N], 1, 4), floats([N], 2), floats([N], 3)],
  isograd: (x, weight, bias) => layerNorm(x, weight, bias, { eps: EPS }),
  tfjs(x, weight, bias) {
    const { mean, variance } = tf.moments(x, -1, true);
    const scaled = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPS)));
    return tf.add(tf.mul(scaled, weight), bias);
  },
  jax: (x, weight, bias) => nn.standardize(x, -1, { epsilon: EPS }).mul(weight).add(bias),
  size: N * N,
  plain(out, x, weight, bias) {
    for (let from = 0; from < x.length; from += N) {
      let mean = 0;
      for (let i = 0; i < N; i++) mean += (x[from + i] as number) / N;
      let variance = 0;
      for (let i = 0; i < N; i++) variance += ((x[from + i] as number) - mean) ** 2 / N;
      const scale = 1 / Math.sqrt(variance + EPS);
      for (let i = 0; i < N; i++) {
        const standard = ((x[from + i] as number) - mean) * scale;
        out[from + i] = standard * (weight[i] as number) + (bias[i] as number);
      }
    }
  },
});

const sumColumns = row({
  name: "sum over axis 0 2048²",
  inputs: () => [floats([SUM, SUM], 1)],
  isograd: (x) => sum(x, { axis: 0 }),
  tfjs: (x) => tf.sum(x, 0),
  jax: (x) => np.sum(x, 0),
  size: SUM,
  plain(out, x) {
    out.fill(0);
    for (let from = 0; from < x.length; from += SUM) {
      for (let i = 0; i < SUM; i++) (out[i] as number) += x[from + i] as number;
    }
  },
});

const sumRows = row({
  name: "sum over axis 1 2048²",
  inputs: () => [floats([SUM, SUM], 1)],
  isograd: (x) => sum(x, { axis: 1 }),
  tfjs: (x) => tf.sum(x, 1),
  jax: (x) => np.sum(x, 1),
  size: SUM,
  plain(out, x) {
    for (let r = 0; r < SUM; r++) {
      let total = 0;
      for (let i = r * SUM; i < (r + 1) * SUM; i++) total += x[i] as number;
      out[r] = total;
    }
  },
});

export const rowwiseRows: readonly Row[] = [softmaxRow, layerNormRow, sumColumns, sumRows];
