/** @file Types and options that layers share, and activations by name. */
import {
  gelu,
  geluTanh,
  type Rng,
  relu,
  sigmoid,
  silu,
  softplus,
  type Tensor,
  type TensorOptions,
  tanh,
  UsageError,
} from "@isograd/tensor";
import { shown } from "@isograd/tensor/engine";
import { Module } from "../module.js";

/** A module from one tensor to one tensor. */
export type Layer = Module & { forward(x: Tensor): Tensor };

/** A function of one tensor, usually elementwise. */
export type TensorFunction = (x: Tensor) => Tensor;

/** Options of layers with random initial weights. */
export interface LayerOptions extends TensorOptions {
  readonly rng: Rng;
}

/** Name of a built-in activation. */
export type ActivationName =
  | "relu"
  | "gelu"
  | "geluTanh"
  | "silu"
  | "tanh"
  | "sigmoid"
  | "softplus"
  | "identity";

const ACTIVATIONS: Readonly<Record<ActivationName, TensorFunction>> = {
  relu,
  gelu,
  geluTanh,
  silu,
  tanh,
  sigmoid,
  softplus,
  identity: (x) => x.alias(true, "identity"),
};

/** The activation of a name; a function is returned as it is. */
export function activationOf(which: ActivationName | TensorFunction): TensorFunction {
  if (typeof which === "function") {
    if (!(which.prototype instanceof Module)) return which;
    const { name } = which;
    throw new UsageError("activation", `${name} is a class`, `make a layer: new ${name}(…)`);
  }
  if (Object.hasOwn(ACTIVATIONS, which)) return ACTIVATIONS[which];
  throw new UsageError(
    "activation",
    `there is no activation ${shown(which)}`,
    `use one of ${Object.keys(ACTIVATIONS).join(", ")}, or a function of a tensor`,
  );
}
