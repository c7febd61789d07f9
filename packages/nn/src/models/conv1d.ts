/** @file The linear layer of GPT-2's files, and which modules are linear layers. */
import { scope, type Tensor } from "@isograd/tensor";
import { Linear } from "../layers/linear.js";
import { Module } from "../module.js";
import type { Parameter } from "../parameter.js";
import type { Maker } from "./maker.js";

/** A linear layer `x W + b` with weight [in, out]. GPT-2's files call it Conv1D. */
export class Conv1D extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(from: number, to: number, make: Maker) {
    super();
    this.weight = make.weight([from, to]);
    this.bias = make.weight([to], true);
  }

  forward(x: Tensor): Tensor {
    return scope(() => x.matmul(this.weight.value).add(this.bias.value));
  }
}

/**
 * Whether a module is a linear layer: a `Linear`, or one of GPT-2, whose weight is [in, out].
 *
 * @example
 * isLinear(new Linear(2, 3, { rng: rng(0) })); // true
 */
export function isLinear(module: Module): boolean {
  return module instanceof Linear || module instanceof Conv1D;
}
