/** @file A thread that performs the tour's tasks, one after the other. */
import { parentPort } from "node:worker_threads";
import { fromTypedArray } from "@isograd/tensor/engine";
import type { Message, Reply, Sent } from "./pool.js";
import { perform } from "./tasks.js";
import { type Batch, eachField } from "./world.js";

function received(data: Sent): Batch {
  return eachField((name) => fromTypedArray(data[name].values, data[name].shape, "float32"));
}

function answer(reply: Reply): void {
  parentPort?.postMessage(reply);
}

parentPort?.on("message", async ({ task, data }: Message) => {
  try {
    const sets = { train: received(data.train), test: received(data.test) };
    answer({ result: await perform(task, sets) });
  } catch (error) {
    answer({ error: (error instanceof Error && error.stack) || String(error) });
  }
});
