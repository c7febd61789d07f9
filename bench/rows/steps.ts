/**
 * @file Training steps of a convolution, an attention and an embedding: value, gradient, plain
 * descent.
 */
import { grad } from "@isograd/autograd";
import {
  concat,
  conv2d,
  matmul,
  mean,
  relu,
  reshape,
  softmax,
  square,
  type Tensor,
  take,
} from "@isograd/tensor";
import { grad as jaxGrad, lax, nn, numpy as np } from "@jax-js/jax";
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../harness/contender.js";
import { floats, integers } from "../harness/inputs.js";
import { row } from "../libraries/row.js";

const RATE = 0.1;

/** All weights after one step, one after the other. */
function descend(loss: (weights: Tensor[]) => Tensor, weights: Tensor[]): Tensor {
  const slopes = grad(loss)(weights);
  return concat(weights.map((w, i) => reshape(w.sub((slopes[i] as Tensor).mul(RATE)), [w.size])));
}

function descendTfjs(loss: (...weights: tf.Tensor[]) => tf.Tensor, weights: tf.Tensor[]) {
  const slopes = tf.grads(loss)(weights);
  return tf.concat(
    weights.map((w, i) => tf.reshape(tf.sub(w, tf.mul(slopes[i] as tf.Tensor, RATE)), [w.size])),
  );
}

/** `loss` consumes its arguments, as functions of jax-js do. */
function descendJax(loss: (weights: np.Array[]) => np.Array, weights: np.Array[]): np.Array {
  const slopes = jaxGrad(loss)(weights.map((w) => w.ref));
  return np.concatenate(
    weights.map((w, i) => w.sub((slopes[i] as np.Array).mul(RATE)).reshape([-1])),
  );
}

const [IMAGES, SIDE, FIRST, SECOND] = [16, 28, 8, 16];

// mean (conv(relu(conv(x, a)), b))², 3 × 3, the second in strides of 2
const convolution = row({
  name: "convolution step, 16 × 28² → 8 → 16",
  tolerance: 1e-3,
  inputs: () => [
    floats([IMAGES, 1, SIDE, SIDE], 1),
    floats([FIRST, 1, 3, 3], 2),
    floats([SECOND, FIRST, 3, 3], 3),
  ],
  isograd: (x, ...weights) =>
    descend(([a, b]) => {
      const hidden = relu(conv2d(x, a as Tensor, undefined, { padding: 1 }));
      return mean(square(conv2d(hidden, b as Tensor, undefined, { stride: 2, padding: 1 })));
    }, weights),
  jax: (x, ...weights) =>
    descendJax(([a, b]) => {
      const pad: [number, number][] = [
        [1, 1],
        [1, 1],
      ];
      const hidden = nn.relu(lax.convGeneralDilated(x, a as np.Array, [1, 1], pad));
      return np.mean(np.square(lax.convGeneralDilated(hidden, b as np.Array, [2, 2], pad)));
    }, weights),
  absent: { tfjs: "no kernel for the gradient of a filter on wasm", plain: "not written" },
});

const [BATCH, WORDS, WIDTH, HEADS] = [8, 64, 64, 4];
const HEAD = WIDTH / HEADS;
const SCALE = 1 / Math.sqrt(HEAD);

// mean (softmax(q kᵀ/√d) v · o)² of x with itself, four heads
const attention = row({
  name: "attention step, 8 × 64 × 64, 4 heads",
  tolerance: 1e-3,
  inputs: () => [
    floats([BATCH, WORDS, WIDTH], 1),
    ...[2, 3, 4, 5].map((seed) => floats([WIDTH, WIDTH], seed, 0.2)),
  ],
  isograd: (x, ...weights) =>
    descend((ws) => {
      const heads = (w: Tensor) =>
        reshape(matmul(x, w), [BATCH, WORDS, HEADS, HEAD]).permuteDims([0, 2, 1, 3]);
      const [q, k, v] = ws.slice(0, 3).map(heads) as [Tensor, Tensor, Tensor];
      const mixed = matmul(softmax(matmul(q, k.mT).mul(SCALE)), v);
      const joined = reshape(mixed.permuteDims([0, 2, 1, 3]), [BATCH, WORDS, WIDTH]);
      return mean(square(matmul(joined, ws[3] as Tensor)));
    }, weights),
  tfjs: (x, ...weights) =>
    descendTfjs((...ws) => {
      const rows = tf.reshape(x, [BATCH * WORDS, WIDTH]);
      const heads = (w: tf.Tensor) =>
        tf.transpose(
          tf.reshape(tf.matMul(rows, w as tf.Tensor2D), [BATCH, WORDS, HEADS, HEAD]),
          [0, 2, 1, 3],
        );
      const [q, k, v] = ws.slice(0, 3).map(heads) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const weighted = tf.softmax(tf.mul(tf.matMul(q, k, false, true), SCALE));
      const mixed = tf.transpose(tf.matMul(weighted, v), [0, 2, 1, 3]);
      const joined = tf.reshape(mixed, [BATCH * WORDS, WIDTH]);
      return tf.mean(tf.square(tf.matMul(joined as tf.Tensor2D, ws[3] as tf.Tensor2D)));
    }, weights),
  jax: (x, ...weights) =>
    descendJax((ws) => {
      const [wq, wk, wv, wo] = ws as [np.Array, np.Array, np.Array, np.Array];
      const heads = (input: np.Array, w: np.Array) =>
        np.transpose(np.matmul(input, w).reshape([BATCH, WORDS, HEADS, HEAD]), [0, 2, 1, 3]);
      const own = x;
      const [q, k, v] = [heads(own.ref, wq), heads(own.ref, wk), heads(own, wv)];
      const weighted = nn.softmax(np.matmul(q, np.matrixTranspose(k)).mul(SCALE));
      const mixed = np.transpose(np.matmul(weighted, v), [0, 2, 1, 3]);
      return np.mean(np.square(np.matmul(mixed.reshape([BATCH, WORDS, WIDTH]), wo)));
    }, weights),
  absent: { plain: "not written" },
});

const [TABLE, DEPTH, TEXTS, LENGTH, OUT] = [10_000, 64, 64, 16, 32];

// mean (mean over words of table[ids] · w)²
const embedding = row({
  name: "embedding step, 64 × 16 of 1e4 × 64",
  tolerance: 1e-3,
  inputs: () => [
    integers([TEXTS, LENGTH], TABLE, 1),
    floats([TABLE, DEPTH], 2),
    floats([DEPTH, OUT], 3, 0.2),
  ],
  isograd: (ids, ...weights) =>
    descend(([table, w]) => {
      const texts = mean(take(table as Tensor, ids), { axis: 1 });
      return mean(square(matmul(texts, w as Tensor)));
    }, weights),
  jax: (ids, ...weights) =>
    descendJax(([table, w]) => {
      const texts = np.mean(np.take(table as np.Array, ids, 0), 1);
      return np.mean(np.square(np.matmul(texts, w as np.Array)));
    }, weights),
  absent: { tfjs: "no kernel for scatter-add on wasm", plain: "not written" },
});

export const stepRows: readonly Row[] = [convolution, attention, embedding];
