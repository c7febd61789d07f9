/** @file Parts that the models share: initial values, attention of split heads, and masks. */
import {
  arange,
  greaterEqual,
  notEqual,
  type Rng,
  reshape,
  ShapeError,
  scaledDotProductAttention,
  scope,
  type Tensor,
  type TensorOptions,
  zeros,
} from "@isograd/tensor";
import { formatShape } from "@isograd/tensor/engine";
import { checkRng, type Initializer, normal } from "../init.js";
import type { Dropout } from "../layers/dropout.js";
import { Embedding } from "../layers/embedding.js";
import type { TensorFunction } from "../layers/layer.js";
import { LayerNorm } from "../layers/layerNorm.js";
import { Linear } from "../layers/linear.js";
import { Module } from "../module.js";
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

/** @throws UsageError without a generator. */
export function maker(op: string, options: ModelOptions, std: number, eps: number): Maker {
  const { dtype, device } = options ?? {};
  const rng = checkRng(op, options?.rng);
  const like = { dtype, device };
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
    weight: (shape, zero = false) =>
      new Parameter(zero ? zeros(shape, like) : normal(shape, { rng, ...like, std })),
  };
}

function clear(parameter: Parameter, zero: Tensor): void {
  parameter.value = zero;
  zero.dispose();
}

/** x with dropout, if there is any. */
export function dropped(dropout: Dropout | null, x: Tensor): Tensor {
  return dropout === null ? x : dropout.forward(x);
}

/** [n, length, features] → [n, heads, length, features / heads]. */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [n = 0, length = 0, features = 0] = x.shape;
  return x.reshape([n, length, heads, features / heads]).permuteDims([0, 2, 1, 3]);
}

/** `softmax(q kᵀ / √d + mask) v` of split heads, which are then joined: [n, length, features]. */
export function attend(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: Tensor | null,
  dropout: Dropout | null,
): Tensor {
  const onWeights = (w: Tensor): Tensor => dropped(dropout, w);
  const how = mask === null ? { onWeights } : { onWeights, mask };
  const y = scaledDotProductAttention(q, k, v, how);
  const [n = 0, heads = 0, length = 0, features = 0] = y.shape;
  return y.permuteDims([0, 2, 1, 3]).reshape([n, length, heads * features]);
}

/**
 * The keys that a mask [n, length] leaves visible (true, or a number that is not 0), as bool [n, 1,
 * 1, length]; null without a mask. @throws ShapeError for a mask of another shape.
 */
export function keysSeen(op: string, mask: Tensor | undefined, n: number, length: number) {
  if (mask === undefined) return null;
  if (mask.shape.length !== 2 || mask.shape[0] !== n || mask.shape[1] !== length) {
    const problem = `attentionMask is ${formatShape(mask.shape)}, expected [${n}, ${length}]`;
    throw new ShapeError(op, problem, "one entry per token: 1 where there is one, 0 for padding");
  }
  const seen = mask.dtype === "bool" ? mask : notEqual(mask, 0);
  return reshape(seen, [n, 1, 1, length]);
}

/** Query i of `queries` sees keys 0 … i + `before`: bool [queries, before + queries]. */
export function causalMask(queries: number, before: number, device: string): Tensor {
  return scope(() => {
    const rows = reshape(arange(before, before + queries, 1, { device }), [-1, 1]);
    return greaterEqual(rows, arange(0, before + queries, 1, { device }));
  });
}

/** @throws ShapeError unless the tokens are [n, length] and have positions. */
export function checkTokens(op: string, ids: Tensor, before: number, positions: number) {
  const [n, length] = ids.shape;
  if (ids.shape.length !== 2 || n === undefined || length === undefined) {
    const problem = `inputIds are ${formatShape(ids.shape)}`;
    throw new ShapeError(op, problem, "tokens are int32 [n, length]");
  }
  if (before + length > positions) {
    const problem = `${before + length} tokens, but there are positions for ${positions}`;
    throw new ShapeError(op, problem, "cut the sequence, or make a model of more positions");
  }
  return [n, length] as const;
}

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

/** `last(activation(first(x)))`. */
export function feed(
  x: Tensor,
  first: { forward(x: Tensor): Tensor },
  activation: TensorFunction,
  last: { forward(x: Tensor): Tensor },
): Tensor {
  return last.forward(activation(first.forward(x)));
}
