/**
 * @file Value and gradient of a small network, 2-16-16-1 with tanh and squared error: mostly
 * overhead.
 */
import { valueAndGrad } from "@isograd/autograd";
import { add, matmul, mean, scope, square, sub, type Tensor, tanh } from "@isograd/tensor";
import {
  blockUntilReady,
  valueAndGrad as jaxValueAndGrad,
  jit,
  numpy as np,
  tree,
} from "@jax-js/jax";
import * as tf from "@tensorflow/tfjs-core";
import type { Contender, Row } from "../harness/contender.js";
import { floats, type Host } from "../harness/inputs.js";
import { toTensor } from "../libraries/isograd.js";
import { toJax } from "../libraries/jax.js";
import { toTfjs } from "../libraries/toTfjs.js";

const SIZES = [2, 16, 16, 1];
const BATCH = 8;

const inputs = (): Host => floats([BATCH, 2], 1);
const targets = (): Host => floats([BATCH, 1], 2);
/** Weight and bias of each layer in turn. */
const weights = (): Host[] =>
  SIZES.slice(1).flatMap((n, i) => [
    floats([SIZES[i] as number, n], 3 + i, 0.5),
    floats([n], 13 + i, 0.1),
  ]);

const flat = (parts: readonly ArrayLike<number>[]): number[] =>
  parts.flatMap((part) => Array.from(part));

function isograd(): Contender {
  const [x, y] = [toTensor(inputs()), toTensor(targets())];
  const params = weights().map(toTensor);
  const slopes = valueAndGrad((p: Tensor[]) => {
    let h = x;
    for (let i = 0; i < p.length; i += 2) {
      const z = add(matmul(h, p[i] as Tensor), p[i + 1] as Tensor);
      h = i + 2 < p.length ? tanh(z) : z;
    }
    return mean(square(sub(h, y)));
  });
  const once = () => void slopes(params);
  return {
    run: () => scope(once),
    values: () =>
      scope(() => {
        const [loss, grads] = slopes(params);
        return flat([loss, ...grads].map((t) => t.dataSync()));
      }),
    free: () => [x, y, ...params].forEach((t) => void t.dispose()),
  };
}

function tfjs(): Contender {
  const [x, y] = [toTfjs(inputs()), toTfjs(targets())];
  const params = weights().map(toTfjs);
  const slopes = tf.valueAndGrads((...p: tf.Tensor[]) => {
    let h = x;
    for (let i = 0; i < p.length; i += 2) {
      const z = tf.add(tf.matMul(h as tf.Tensor2D, p[i] as tf.Tensor2D), p[i + 1] as tf.Tensor);
      h = i + 2 < p.length ? tf.tanh(z) : z;
    }
    return tf.mean(tf.square(tf.sub(h, y)));
  });
  const once = () => void slopes(params);
  return {
    run: () => tf.tidy(once),
    values: () =>
      tf.tidy(() => {
        const { value, grads } = slopes(params);
        return flat([value, ...grads].map((t) => t.dataSync()));
      }),
    free: () => tf.dispose([x, y, ...params]),
  };
}

function lossJax(p: np.Array[], x: np.Array, y: np.Array): np.Array {
  let h = x;
  for (let i = 0; i < p.length; i += 2) {
    const z = np.matmul(h, p[i] as np.Array).add(p[i + 1] as np.Array);
    h = i + 2 < p.length ? np.tanh(z) : z;
  }
  return np.mean(np.square(h.sub(y)));
}

function jax(jitted: boolean): Contender {
  const [x, y] = [toJax(inputs()), toJax(targets())];
  const params = weights().map(toJax);
  const slopes = jaxValueAndGrad(lossJax);
  const compiled = jitted ? jit(slopes) : null;
  const once = () =>
    (compiled ?? slopes)(
      params.map((p) => p.ref),
      x.ref,
      y.ref,
    );
  return {
    async run() {
      const result = once();
      await blockUntilReady(result);
      tree.dispose(result);
    },
    async values() {
      const [loss, grads] = once();
      return flat(await Promise.all([loss, ...grads].map((t) => t.data())));
    },
    free() {
      tree.dispose([x, y, ...params]);
      compiled?.dispose();
    },
  };
}

export const mlpRow: Row = {
  name: "value and gradient, MLP 2-16-16-1",
  unit: "µs",
  tolerance: 1e-4,
  contenders: {
    isograd,
    tfjs,
    "jax-js jit": () => jax(true),
    "jax-js eager": () => jax(false),
  },
  absent: {},
};
