/** @file Matrix products: four sizes, and every combination of transposed operands. */
import { matmul, type Tensor } from "@isograd/tensor";
import { numpy as np } from "@jax-js/jax";
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../harness/contender.js";
import { floats } from "../harness/inputs.js";
import { ofIsograd } from "../libraries/isograd.js";
import { row } from "../libraries/row.js";

const pair = (n: number) => [floats([n, n], 1), floats([n, n], 2)] as const;

function plainMatmul(n: number) {
  return (out: Float32Array, a: Float32Array, b: Float32Array): void => {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += (a[i * n + k] as number) * (b[k * n + j] as number);
        out[i * n + j] = sum;
      }
    }
  };
}

function square(n: number): Row {
  return row({
    name: `matmul ${n}`,
    unit: "GFLOP/s",
    flops: 2 * n ** 3,
    inputs: () => pair(n),
    isograd: (a, b) => matmul(a, b),
    tfjs: (a, b) => tf.matMul(a, b),
    jax: (a, b) => np.matmul(a, b),
    plain: n > 512 ? undefined : plainMatmul(n),
    size: n * n,
    absent: n > 512 ? { plain: "takes seconds" } : {},
  });
}

function transposed(name: string, ta: boolean, tb: boolean): Row {
  const n = 512;
  const flip = (x: Tensor, t: boolean) => (t ? x.mT : x);
  const flipJax = (x: np.Array, t: boolean) => (t ? np.matrixTranspose(x) : x);
  const made = row({
    name: `matmul ${n} ${name}`,
    unit: "GFLOP/s",
    flops: 2 * n ** 3,
    inputs: () => pair(n),
    isograd: (a, b) => matmul(flip(a, ta), flip(b, tb)),
    tfjs: (a, b) => tf.matMul(a, b, ta, tb),
    jax: (a, b) => np.matmul(flipJax(a, ta), flipJax(b, tb)),
  });
  return { ...made, baseline: { name: "a·b", make: () => ofIsograd(pair(n), matmul) } };
}

export const matmulRows: readonly Row[] = [
  ...[128, 256, 512, 1024].map(square),
  transposed("aᵀ·b", true, false),
  transposed("a·bᵀ", false, true),
  transposed("aᵀ·bᵀ", true, true),
];
