/** @file One training step of a 784-256-128-10 classifier: relu, softmax cross-entropy, Adam, batch 128. */
import type { Contender, Row } from "../harness/contender.js";
import { floats, type Host, integers, oneHot } from "../harness/inputs.js";
import { isogradTraining } from "./training/isograd.js";
import { jaxTraining } from "./training/jax.js";
import { tfjsTraining } from "./training/tfjs.js";

const SIZES = [784, 256, 128, 10];
const BATCH = 128;

/** The same start and the same batch for all. */
export interface Task {
  readonly x: Host;
  /** One-hot classes. */
  readonly y: Host;
  /** Weight [in, out] and bias of each layer in turn. */
  readonly weights: Host[];
}

/** Takes one step and tells the loss before it. */
export type Step = () => number | Promise<number>;

export const ADAM = { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 };

const task = (): Task => ({
  x: floats([BATCH, SIZES[0] as number], 1),
  y: oneHot(integers([BATCH], 10, 2), 10),
  weights: SIZES.slice(1).flatMap((n, i) => {
    const fanIn = SIZES[i] as number;
    return [floats([fanIn, n], 3 + i, Math.sqrt(6 / fanIn)), floats([n], 13 + i, 0.1)];
  }),
});

/** Libraries agree when the losses of their first steps do. */
function contender(make: (task: Task) => { step: Step; free: () => void }): () => Contender {
  return () => {
    const { step, free } = make(task());
    return {
      run() {
        const loss = step();
        return typeof loss === "number" ? undefined : loss.then(() => {});
      },
      async values() {
        const losses: number[] = [];
        for (let i = 0; i < 4; i++) losses.push(await step());
        return losses;
      },
      free,
    };
  };
}

export const trainingRow: Row = {
  name: "training step 784-256-128-10",
  unit: "ms",
  tolerance: 1e-3,
  contenders: {
    isograd: contender(isogradTraining),
    tfjs: contender(tfjsTraining),
    "jax-js jit": contender((t) => jaxTraining(t, true)),
    "jax-js eager": contender((t) => jaxTraining(t, false)),
  },
  absent: {},
};
