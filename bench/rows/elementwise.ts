/** @file Elementwise chains over a million numbers, and the smallest op there is. */
import { add, gelu, geluTanh, mul, tanh } from "@isograd/tensor";
import { nn, numpy as np } from "@jax-js/jax";
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../harness/contender.js";
import { floats } from "../harness/inputs.js";
import { erf } from "../libraries/plain.js";
import { row } from "../libraries/row.js";
import { geluErfTfjs, geluTanhTfjs, ROOT_2_OVER_PI } from "./gelu.js";

const MILLION = 1e6;
const vector = (seed: number) => floats([MILLION], seed, 2);
const three = () => [vector(1), vector(2), vector(3)] as const;

const tanhChain = row({
  name: "tanh(x·y + z) 1e6",
  inputs: three,
  isograd: (x, y, z) => tanh(add(mul(x, y), z)),
  tfjs: (x, y, z) => tf.tanh(tf.add(tf.mul(x, y), z)),
  jax: (x, y, z) => np.tanh(x.mul(y).add(z)),
  size: MILLION,
  plain(out, x, y, z) {
    for (let i = 0; i < out.length; i++) {
      out[i] = Math.tanh((x[i] as number) * (y[i] as number) + (z[i] as number));
    }
  },
});

// gelu(v) ≈ v (1 + tanh(√(2/π) (v + 0.044715 v³))) / 2
const geluChain = row({
  name: "gelu(x·y + z) 1e6",
  inputs: three,
  isograd: (x, y, z) => geluTanh(add(mul(x, y), z)),
  tfjs: (x, y, z) => geluTanhTfjs(tf.add(tf.mul(x, y), z)),
  jax: (x, y, z) => nn.gelu(x.mul(y).add(z)),
  size: MILLION,
  plain(out, x, y, z) {
    for (let i = 0; i < out.length; i++) {
      const v = (x[i] as number) * (y[i] as number) + (z[i] as number);
      out[i] = 0.5 * v * (1 + Math.tanh(ROOT_2_OVER_PI * (v + 0.044715 * v ** 3)));
    }
  },
});

// gelu(v) = v (1 + erf(v/√2)) / 2
const geluErfChain = row({
  name: "gelu by erf(x·y + z) 1e6",
  inputs: three,
  isograd: (x, y, z) => gelu(add(mul(x, y), z)),
  tfjs: (x, y, z) => geluErfTfjs(tf.add(tf.mul(x, y), z)),
  jax: (x, y, z) => nn.gelu(x.mul(y).add(z), { approximate: false }),
  size: MILLION,
  plain(out, x, y, z) {
    for (let i = 0; i < out.length; i++) {
      const v = (x[i] as number) * (y[i] as number) + (z[i] as number);
      out[i] = 0.5 * v * (1 + erf(v * Math.SQRT1_2));
    }
  },
});

const tinyAdd = row({
  name: "add of 16 numbers",
  unit: "µs",
  inputs: () => [floats([16], 1), floats([16], 2)],
  isograd: (x, y) => add(x, y),
  tfjs: (x, y) => tf.add(x, y),
  jax: (x, y) => x.add(y),
  size: 16,
  plain(out, x, y) {
    for (let i = 0; i < out.length; i++) out[i] = (x[i] as number) + (y[i] as number);
  },
});

export const elementwiseRows: readonly Row[] = [tanhChain, geluChain, geluErfChain, tinyAdd];
