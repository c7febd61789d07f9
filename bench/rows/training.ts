/**
 * @file One training step of a 784-256-128-10 classifier: relu, softmax cross-entropy, Adam, batch
 * 128.
 */
import type { Contender, Row } from "../harness/contender.js";
import { isogradTraining } from "./training/isograd.js";
import { jaxTraining } from "./training/jax.js";
import { type Task, type Training, task } from "./training/task.js";
import { tfjsTraining } from "./training/tfjs.js";

/** Libraries agree when the losses of their first steps do. `read` reads a loss and frees it. */
function contender<L>(
  make: (task: Task) => Training<L>,
  read: (loss: L) => number | Promise<number>,
): () => Contender {
  return () => {
    const { step, free } = make(task());
    return {
      run() {
        const loss = read(step());
        return typeof loss === "number" ? undefined : loss.then(() => {});
      },
      async values() {
        const losses: number[] = [];
        for (let i = 0; i < 4; i++) losses.push(await read(step()));
        return losses;
      },
      free,
    };
  };
}

/** Reads a tensor of either library. */
function take(loss: { dataSync(): ArrayLike<number | bigint>; dispose(): void }): number {
  const value = Number(loss.dataSync()[0]);
  loss.dispose();
  return value;
}

const same = <T>(x: T): T => x;

export const trainingRow: Row = {
  name: "training step 784-256-128-10",
  unit: "ms",
  tolerance: 1e-3,
  contenders: {
    isograd: contender(isogradTraining, take),
    tfjs: contender(tfjsTraining, take),
    "jax-js jit": contender((t) => jaxTraining(t, true), same),
    "jax-js eager": contender((t) => jaxTraining(t, false), same),
  },
  absent: {},
};
