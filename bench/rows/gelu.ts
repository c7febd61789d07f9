/** @file gelu in the ops of TensorFlow.js, which has none of its own. */
import * as tf from "@tensorflow/tfjs-core";

export const ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);

/** v (1 + tanh(√(2/π) (v + 0.044715 v³))) / 2 */
export function geluTanhTfjs(v: tf.Tensor): tf.Tensor {
  const u = tf.mul(tf.add(v, tf.mul(tf.mul(tf.square(v), v), 0.044715)), ROOT_2_OVER_PI);
  return tf.mul(tf.mul(v, 0.5), tf.add(tf.tanh(u), 1));
}

/** v (1 + erf(v/√2)) / 2 */
export function geluErfTfjs(v: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(v, 0.5), tf.add(tf.erf(tf.mul(v, Math.SQRT1_2)), 1));
}
