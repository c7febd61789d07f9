/** @file A thread that performs the tour's tasks, one after the other. */
import { parentPort } from "node:worker_threads";
import { fromTypedArray } from "@isograd/tensor/engine";
import type { Message, Sent } from "./pool.js";
import { perform } from "./tasks.js";
import type { Batch } from "./world.js";

function received(data: Sent): Batch {
  const tensors = Object.entries(data).map(([name, { shape, values }]) => [
    name,
    fromTypedArray(values, shape, "float32"),
  ]);
  return Object.fromEntries(tensors) as Batch;
}

parentPort?.on("message", async ({ id, task, data }: Message) => {
  try {
    const sets = { train: received(data.train), test: received(data.test) };
    parentPort?.postMessage({ id, result: await perform(task, sets) });
  } catch (error) {
    parentPort?.postMessage({ id, error: error instanceof Error ? error.stack : String(error) });
  }
});
