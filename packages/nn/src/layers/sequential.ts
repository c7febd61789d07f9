/** @file Layers in sequence, and functions as layers. */
import { scope, type Tensor, UsageError } from "@isograd/tensor";
import { expectSync, expectTensor, shown } from "@isograd/tensor/engine";
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
    expectTensor("Activation", x);
    const y: unknown = this.fn(x);
    expectSync("Activation", y, "a layer is made of ops, which are synchronous");
    expectTensor("Activation", y);
    return y;
  }
}

/** A layer as it is, a function as a layer. */
function layerOf(given: Layer | TensorFunction): Layer {
  if (typeof given === "function") return new Activation(given);
  if (given instanceof Module && typeof given.forward === "function") return given;
  const what = Array.isArray(given) ? "a list" : shown(given);
  throw new UsageError(
    "Sequential",
    `needs layers or functions, got ${what}`,
    Array.isArray(given) ? "write new Sequential(a, b), or new Sequential(...layers)" : LAYERS,
  );
}

const LAYERS = "a layer is a module with forward(x), such as new Linear(…), or a function as relu";

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
    this.layers = layers.map(layerOf);
  }

  forward(x: Tensor): Tensor {
    expectTensor("Sequential", x);
    return scope(() =>
      this.layers.reduce((y, layer) => layer.forward(y), x.alias(true, "Sequential")),
    );
  }
}
