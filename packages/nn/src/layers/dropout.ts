/** @file Dropout: in training, random elements are 0. */
import { type Rng, scope, type Tensor, UsageError } from "@isograd/tensor";
import { expectTensor, given, perSample, shown } from "@isograd/tensor/engine";
import { isNumber } from "../expect.js";
import { checkRng } from "../init.js";
import { Module } from "../module.js";

/**
 * In training, each element is 0 with probability `p` and `x / (1 − p)` otherwise, which keeps the
 * mean; in evaluation x stays as it is. Under vmap each sample has its own mask. Source: arXiv
 * 1207.0580.
 *
 * @throws UsageError unless 0 ≤ p ≤ 1.
 * @example
 * const drop = new Dropout(0.5, { rng: rng(0) });
 * drop.eval().forward(ones([3])).toString(); // Tensor(float32, [3]) [1, 1, 1]
 */
export class Dropout extends Module {
  readonly p: number;
  readonly rng: Rng;

  constructor(p: number, options: { readonly rng: Rng }) {
    super();
    this.p = p;
    if (!isNumber(p, (q) => q >= 0 && q <= 1)) {
      const problem = `p is a probability between 0 and 1: got ${shown(p)}`;
      throw new UsageError("Dropout", problem, "it is the share of elements that become 0");
    }
    this.rng = checkRng("Dropout", given("Dropout", options, "rng").rng);
  }

  forward(x: Tensor): Tensor {
    expectTensor("Dropout", x);
    if (!this.training || this.p === 0) return x.alias(true, "Dropout");
    const keep = 1 - this.p;
    const make = { p: keep, dtype: x.dtype, device: x.device };
    return scope(() => {
      const mask = perSample(x, (shape) => this.rng.bernoulli(shape, make));
      return x.mul(keep === 0 ? mask : mask.mul(1 / keep));
    });
  }
}

/** The Dropout of a layer, with its own generator; null for p = 0. */
export function dropoutFor(p: number, rng: Rng): Dropout | null {
  return p === 0 ? null : new Dropout(p, { rng: rng.split() });
}

/** x with dropout, if there is any. */
export function dropped(dropout: Dropout | null, x: Tensor): Tensor {
  return dropout === null ? x : dropout.forward(x);
}
