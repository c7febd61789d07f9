/** @file TensorFlow.js on WebGL or WebGPU: the rows written with its ops. */
import "@tensorflow/tfjs"; // registers the gradients of its ops
import "@tensorflow/tfjs-backend-webgl";
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { toTfjs } from "../../libraries/toTfjs.js";
import { geluErfTfjs, geluTanhTfjs } from "../../rows/gelu.js";
import { task } from "../../rows/training/task.js";
import { tfjsTraining } from "../../rows/training/tfjs.js";
import { ATOMIC, MADE, SEGMENTS } from "../rows.js";
import type { Library, Work } from "./library.js";

type Formula = (...inputs: tf.Tensor[]) => tf.Tensor;

const chain =
  (f: (x: tf.Tensor) => tf.Tensor): Formula =>
  (x, y, z) =>
    f(tf.add(tf.mul(x, y), z));
const product: Formula = (a, b) => tf.matMul(a, b);
const scatter: Formula = (v, at) => tf.unsortedSegmentSum(v, at as tf.Tensor1D, SEGMENTS);

const formulas: Readonly<Record<string, Formula>> = {
  "matmul 256": product,
  "matmul 512": product,
  "matmul 1024": product,
  "tanh(x·y + z) 1e6": chain(tf.tanh),
  "gelu(x·y + z) 1e6": chain(geluTanhTfjs),
  "gelu by erf(x·y + z) 1e6": chain(geluErfTfjs),
  "softmax 1024²": (x) => tf.softmax(x),
  "sum over axis 0 2048²": (x) => tf.sum(x, 0),
  "sum over axis 1 2048²": (x) => tf.sum(x, 1),
  "gather 1e6": (x, at) => tf.gather(x, at as tf.Tensor1D),
};

async function work(
  row: string,
  inputs: readonly tf.Tensor[],
): Promise<Work<tf.Tensor> | undefined> {
  if (row.startsWith("training step")) return tfjsTraining(task());
  const formula = row.startsWith("scatter-add") ? scatter : formulas[row];
  if (formula === undefined) return undefined;
  if (row.includes(MADE)) {
    const [values, at] = inputs;
    if (values === undefined || at === undefined) return undefined;
    const made = tf.add(at, tf.scalar(0, "int32"));
    return {
      step: () => tf.tidy(() => scatter(values, made)),
      free: () => tf.dispose([...inputs, made]),
    };
  }
  return {
    step: () => tf.tidy(() => formula(...inputs)),
    free: () => tf.dispose([...inputs]),
  };
}

/** Starts a backend and gives the library. */
export async function tfjs(backend: "webgl" | "webgpu"): Promise<Library<tf.Tensor>> {
  await tf.setBackend(backend);
  await tf.ready();
  if (tf.getBackend() !== backend) throw new Error(`tfjs gave up on ${backend}`);
  return {
    begin: async (row) => backend === "webgpu" || !row.endsWith(ATOMIC), // beside Isograd only
    tensor: toTfjs,
    work,
    first: (x) => tf.tidy(() => tf.slice(tf.reshape(x, [x.size]), 0, 1)),
    // WebGL is read synchronously, as GPU.js reads it, instead of polling with a timer.
    read: async (x) => (backend === "webgl" ? x.dataSync() : await x.data()),
    dispose: (x) => x.dispose(),
  };
}
