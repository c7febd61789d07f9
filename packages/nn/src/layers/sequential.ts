/** @file Layers in sequence, and functions as layers. */
import { scope, type Tensor } from "@isograd/tensor";
import { Module } from "../module.js";
import { type ActivationName, activationOf, type Layer, type TensorFunction } from "./layer.js";

/**
 * A function of one tensor as a module: an activation by name, or any function.
 *
 * @example
 * new Activation("relu").forward(tensor([-1, 2])).toString(); // Tensor(float32, [2]) [0, 2]
 */
export class Activation extends Module {
  readonly fn: TensorFunction;

  constructor(which: ActivationName | TensorFunction) {
    super();
    this.fn = activationOf(which);
  }

  forward(x: Tensor): Tensor {
    return this.fn(x);
  }
}

/**
 * Applies layers in order; plain functions such as `relu` are layers too. Parameters are named
 * `layers.0.weight`.
 *
 * @example
 * const random = rng(0);
 * const [first, last] = [new Linear(2, 8, { rng: random }), new Linear(8, 1, { rng: random })];
 * const model = new Sequential(first, tanh, last);
 * model.forward(ones([5, 2])).shape; // [5,1]
 */
export class Sequential extends Module {
  readonly layers: readonly Layer[];

  constructor(...layers: readonly (Layer | TensorFunction)[]) {
    super();
    this.layers = layers.map((f) => (typeof f === "function" ? new Activation(f) : f));
  }

  forward(x: Tensor): Tensor {
    return scope(() =>
      this.layers.reduce((y, layer) => layer.forward(y), x.alias(true, "Sequential")),
    );
  }
}
