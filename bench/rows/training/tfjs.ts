/** @file The training step in TensorFlow.js, with its own optimiser and loss. */
import * as tf from "@tensorflow/tfjs-core";
import { toTfjs } from "../../libraries/toTfjs.js";
import { ADAM, type Task, type Training } from "./task.js";

export function tfjsTraining(task: Task): Training<tf.Scalar> {
  const [x, y] = [toTfjs(task.x), toTfjs(task.y)];
  const params = task.weights.map((host) => tf.tidy(() => tf.variable(toTfjs(host))));
  const optimizer = tf.train.adam(ADAM.lr, ADAM.beta1, ADAM.beta2, ADAM.eps);
  const loss = (): tf.Scalar => {
    let h = x;
    for (let i = 0; i < params.length; i += 2) {
      const weight = params[i] as tf.Tensor2D;
      const z = tf.add(tf.matMul(h as tf.Tensor2D, weight), params[i + 1] as tf.Tensor);
      h = i + 2 < params.length ? tf.relu(z) : z;
    }
    return tf.losses.softmaxCrossEntropy(y, h);
  };
  return {
    step: () => tf.tidy(() => optimizer.minimize(loss, true, params) as tf.Scalar),
    free() {
      optimizer.dispose();
      tf.dispose([x, y, ...params]);
    },
  };
}
