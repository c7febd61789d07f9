/** @file TensorFlow.js on its WebAssembly backend as a contender. */
import "@tensorflow/tfjs"; // registers the gradients of its ops
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import type { Contender } from "../harness/contender.js";
import type { Host } from "../harness/inputs.js";
import { toTfjs } from "./toTfjs.js";

/** Starts the backend on one thread. */
export async function startTfjs(): Promise<void> {
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setThreadsCount(1);
  await tf.setBackend("wasm");
  await tf.ready();
}

/**
 * Work on tensors made from host arrays. The wasm backend computes at the call: no need to wait.
 */
export function ofTfjs(
  hosts: readonly Host[],
  work: (...inputs: tf.Tensor[]) => tf.Tensor,
): Contender {
  const inputs = hosts.map(toTfjs);
  const once = () => void work(...inputs);
  return {
    run: () => tf.tidy(once),
    values: () => tf.tidy(() => work(...inputs).dataSync()),
    free: () => tf.dispose(inputs),
  };
}
