/**
 * @file The task of the training step: a 784-256-128-10 classifier, a batch of 128, Adam. Knows no
 * library.
 */
import { floats, type Host, integers, oneHot } from "../../harness/inputs.js";

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

/** A task that is running. */
export interface Training<L> {
  /** Takes one step; gives the loss before it. */
  step(): L;
  free(): void;
}

export const ADAM = { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 };

export const task = (): Task => ({
  x: floats([BATCH, SIZES[0] as number], 1),
  y: oneHot(integers([BATCH], 10, 2), 10),
  weights: SIZES.slice(1).flatMap((n, i) => {
    const fanIn = SIZES[i] as number;
    return [floats([fanIn, n], 3 + i, Math.sqrt(6 / fanIn)), floats([n], 13 + i, 0.1)];
  }),
});
