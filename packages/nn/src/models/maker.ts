/** @file Makes the layers of models, with initial values from an explicit generator. */
import { type Rng, type Tensor, type TensorOptions, UsageError, zeros } from "@isograd/tensor";
import { getDevice, given } from "@isograd/tensor/engine";
import { expectSizes } from "../expect.js";
import { checkRng, type Initializer, normal } from "../init.js";
import { Embedding } from "../layers/embedding.js";
import { LayerNorm } from "../layers/layerNorm.js";
import { Linear } from "../layers/linear.js";
import { Parameter } from "../parameter.js";

/** Options of a model in addition to its configuration. */
export interface ModelOptions extends TensorOptions {
  /** Draws the initial weights, `N(0, initializerRange²)`, and the masks of dropout. */
  readonly rng: Rng;
}

/** Makes the layers of a model with its initial values: weights normal, biases 0. */
export interface Maker {
  readonly rng: Rng;
  linear(from: number, to: number, bias?: boolean): Linear;
  embedding(count: number, features: number): Embedding;
  norm(features: number): LayerNorm;
  /** A parameter with normal values, or with `zero` of zeros. */
  weight(shape: readonly number[], zero?: boolean): Parameter;
}

/** Sizes of a model by their names, and the weights that they make. */
export interface Weights {
  readonly sizes: Readonly<Record<string, number | null>>;
  readonly count: number;
}

function expectRoom(op: string, { sizes, count }: Weights, options: TensorOptions): void {
  const { dtype = "float32", device } = options;
  const { name, maxBytes = 2 ** 37 } = getDevice(device);
  const bytes = count * (dtype === "float64" ? 8 : 4);
  if (bytes <= maxBytes) return;
  const given = Object.entries(sizes).map(([field, x]) => `${field} ${x}`);
  const [asked, most] = [bytes, maxBytes].map((n) => `${(n / 2 ** 30).toFixed(1)} GiB`);
  const problem = `${given.join(", ")}: weights of ${asked}, more than ${most} on ${name}`;
  throw new UsageError(op, problem, "take smaller sizes or fewer layers");
}

/** @throws UsageError without a generator, and for more weights than the device holds. */
export function maker(
  op: string,
  options: ModelOptions,
  std: number,
  eps: number,
  weights?: Weights,
): Maker {
  const { rng: drawn, dtype, device } = given(op, options, "rng dtype device");
  const rng = checkRng(op, drawn);
  const like = { dtype, device };
  if (weights !== undefined) expectRoom(op, weights, like);
  const init: Initializer = (shape, how) => normal(shape, { ...how, std });
  const make = { rng, ...like, init };
  return {
    rng,
    linear(from, to, bias = true) {
      const layer = new Linear(from, to, { ...make, bias });
      if (layer.bias !== null) clear(layer.bias, zeros([to], like));
      return layer;
    },
    embedding: (count, features) => new Embedding(count, features, make),
    norm: (features) => new LayerNorm(features, { eps, ...like }),
    weight: (shape, zero = false) => {
      expectSizes(op, Object.fromEntries(shape.map((n, i) => [`length ${i}`, n])));
      return new Parameter(zero ? zeros(shape, like) : normal(shape, { rng, ...like, std }));
    },
  };
}

function clear(parameter: Parameter, zero: Tensor): void {
  parameter.value = zero;
  zero.dispose();
}
