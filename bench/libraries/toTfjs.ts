/** @file Host arrays as tensors of TensorFlow.js, on whichever backend it runs. */
import * as tf from "@tensorflow/tfjs-core";
import type { Host } from "../harness/inputs.js";

export function toTfjs({ data, shape }: Host): tf.Tensor {
  return tf.tensor(data, shape, data instanceof Int32Array ? "int32" : "float32");
}
