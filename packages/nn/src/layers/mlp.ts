/** @file The multilayer perceptron. */
import { scope, type Tensor, UsageError } from "@isograd/tensor";
import { expectTensor, given, shown } from "@isograd/tensor/engine";
import { expectSizes } from "../expect.js";
import { checkRng } from "../init.js";
import { Module } from "../module.js";
import { type ActivationName, activationOf, type TensorFunction } from "./layer.js";
import { Linear, type LinearOptions } from "./linear.js";

export interface MLPOptions extends LinearOptions {
  /** Activation between the layers; default: relu. */
  readonly activation?: ActivationName | TensorFunction | undefined;
  /** Activation after the last layer; default: none. */
  readonly outputActivation?: ActivationName | TensorFunction | undefined;
}

/**
 * Linear layers with an activation between them: […, sizes[0]] → […, sizes[n]].
 *
 * @throws UsageError for fewer than two sizes.
 * @example
 * const model = new MLP([2, 16, 16, 1], { activation: "tanh", rng: rng(0) });
 * model.parameterCount; // 337
 */
export class MLP extends Module {
  readonly sizes: readonly number[];
  readonly layers: readonly Linear[];
  readonly activation: TensorFunction;
  readonly outputActivation: TensorFunction | null;

  constructor(sizes: readonly number[], options: MLPOptions) {
    super();
    if (!Array.isArray(sizes) || sizes.length < 2) {
      const help = "write new MLP([2, 16, 1], { rng: rng(0) })";
      throw new UsageError("MLP", `needs two sizes or more, got ${shown(sizes)}`, help);
    }
    for (const [i, size] of sizes.entries()) {
      expectSizes("MLP", { [`sizes[${i}]`]: size }, [size, i === 0 ? 1 : sizes[i - 1]]);
    }
    this.sizes = [...sizes];
    const {
      activation = "relu",
      outputActivation,
      ...rest
    } = given("MLP", options, "activation outputActivation bias? init() rng dtype device");
    checkRng("MLP", rest.rng);
    this.activation = activationOf(activation);
    this.outputActivation = outputActivation === undefined ? null : activationOf(outputActivation);
    this.layers = sizes.slice(1).map((size, i) => new Linear(sizes[i] as number, size, rest));
  }

  forward(x: Tensor): Tensor {
    expectTensor("MLP", x);
    const last = this.layers.length - 1;
    return scope(() => {
      const y = this.layers.reduce((h, layer, i) => {
        const z = layer.forward(h);
        return i < last ? this.activation(z) : z;
      }, x);
      return this.outputActivation === null ? y : this.outputActivation(y);
    });
  }
}
