/** @file The two parts of a block of a model: attention of split heads, and a two-layer network. */
import { scaledDotProductAttention, type Tensor } from "@isograd/tensor";
import { type Dropout, dropped } from "../layers/dropout.js";
import type { TensorFunction } from "../layers/layer.js";

/**
 * `softmax(scale · q kᵀ + mask) v` of split heads, which are then joined: [n, length, features].
 * Default scale: `1/√d`.
 */
export function attend(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: Tensor | null,
  dropout: Dropout | null,
  scale?: number,
): Tensor {
  const onWeights = (w: Tensor): Tensor => dropped(dropout, w);
  const how = mask === null ? { onWeights, scale } : { onWeights, scale, mask };
  const y = scaledDotProductAttention(q, k, v, how);
  const [n = 0, heads = 0, length = 0, features = 0] = y.shape;
  return y.permuteDims([0, 2, 1, 3]).reshape([n, length, heads * features]);
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
