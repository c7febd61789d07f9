/** @file Activations by their names in config.json, as transformers 5 computes them. */
import {
  clip,
  gelu,
  maximum,
  minimum,
  relu,
  scope,
  sigmoid,
  softplus,
  type Tensor,
  tanh,
  UsageError,
} from "@isograd/tensor";
import { ownOf } from "@isograd/tensor/engine";
import { type ActivationName, activationOf, type TensorFunction } from "../layers/layer.js";

const relu6 = (x: Tensor): Tensor => minimum(relu(x), 6);
const made = (f: TensorFunction): TensorFunction => {
  return (x) => scope(() => f(x));
};

const ACTIVATIONS: Readonly<Record<string, ActivationName | TensorFunction>> = {
  gelu: "gelu",
  gelu_python: "gelu",
  gelu_10: made((x) => clip(gelu(x), { min: -10, max: 10 })),
  gelu_new: "geluTanh",
  gelu_pytorch_tanh: "geluTanh",
  gelu_python_tanh: "geluTanh",
  gelu_fast: "geluTanh",
  gelu_accurate: "geluTanh",
  quick_gelu: made((x) => x.mul(sigmoid(x.mul(1.702)))),
  relu: "relu",
  relu2: made((x) => relu(x).square()),
  relu6: made(relu6),
  leaky_relu: made((x) => maximum(x, x.mul(0.01))),
  silu: "silu",
  swish: "silu",
  hardswish: made((x) => x.mul(relu6(x.add(3))).div(6)),
  mish: made((x) => x.mul(tanh(softplus(x)))),
  tanh: "tanh",
  sigmoid: "sigmoid",
  linear: "identity",
};

/** The names that {@link activationNamed} knows. */
export const activationNames: readonly string[] = Object.keys(ACTIVATIONS);

/** The activation of a name in config.json. @throws UsageError for an unknown name. */
export function activationNamed(name: string): TensorFunction {
  const found = ownOf(ACTIVATIONS, name);
  if (found !== undefined) return activationOf(found);
  const problem = `there is no activation "${name}"`;
  throw new UsageError("config", problem, `known are ${activationNames.join(", ")}`);
}
