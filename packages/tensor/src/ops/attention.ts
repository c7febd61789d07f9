/** @file Scaled dot-product attention, made of other ops; without heads or weights. @noMethod */

import { isFloat } from "../base/dtype.js";
import { DTypeError, ShapeError } from "../base/errors.js";
import { given, noMore } from "../base/options.js";
import { formatShape } from "../base/shape.js";
import { expectTensor } from "../core/expect.js";
import { scope } from "../core/scope.js";
import type { Tensor } from "../core/tensor.js";
import { arange } from "./creation.js";
import { add, mul } from "./elementwise/binary.js";
import { cast } from "./elementwise/cast.js";
import { greaterEqual, logicalAnd, notEqual, where } from "./elementwise/compare.js";
import { matmul } from "./matmul.js";
import { softmax } from "./normalize/softmax.js";
import { any } from "./reduce.js";
import { matrixTranspose } from "./shape/axes.js";
import { reshape } from "./shape/movement.js";

/** Options of {@link scaledDotProductAttention}. */
export interface AttentionOptions {
  /**
   * bool: where a query may look (true) or not; float: added to the scores, −∞ hides. Broadcasts to
   * […, queries, keys].
   */
  readonly mask?: Tensor | undefined;
  /**
   * Whether query i sees keys 0 … i only, also where there are more keys than queries or fewer.
   * Default: false.
   */
  readonly causal?: boolean | undefined;
  /** Factor of the scores. Default: 1/√features. */
  readonly scale?: number | undefined;
  /** Applied to the weights before they are multiplied with the values; dropout, for example. */
  readonly onWeights?: ((weights: Tensor) => Tensor) | undefined;
}

/** Query i sees keys 0 … i: bool [queries, keys]. */
function triangle(queries: number, keys: number, device: string): Tensor {
  const places = (n: number) => arange(0, n, 1, { device });
  return greaterEqual(reshape(places(queries), [-1, 1]), places(keys));
}

/**
 * Softmax of the scores over the keys that each query sees. Keys it does not see get the score −∞,
 * and so the weight 0. A query that sees no key gets equal scores instead, so that its gradients
 * are numbers, and the weights 0.
 */
function softmaxOfSeen(scores: Tensor, mask: Tensor, order: Tensor | undefined): Tensor {
  const added = isFloat(mask.dtype);
  const allowed = added ? notEqual(mask, Number.NEGATIVE_INFINITY) : mask;
  const seen = order === undefined ? allowed : logicalAnd(allowed, order);
  const some = seen.shape.length === 0 ? seen : any(seen, { axis: -1, keepdims: true });
  const hidden = where(some, Number.NEGATIVE_INFINITY, 0);
  const weights = softmax(where(seen, added ? add(scores, mask) : scores, hidden));
  return mul(weights, cast(some, weights.dtype));
}

/**
 * `softmax(scale · q kᵀ + mask) v`: q […, queries, features], k […, keys, features], v […, keys,
 * values] → […, queries, values]. A query sees a key where both `mask` and `causal` allow it. The
 * result of a query that sees no key is 0, and so are its gradients. Source: arXiv 1706.03762.
 *
 * @throws ShapeError when q, k and v do not fit; DTypeError for a mask of integers.
 * @example
 * const [x, v] = [tensor([[1, 0], [0, 1]]), tensor([[1], [3]])];
 * scaledDotProductAttention(x, x, v, { causal: true, scale: 0 }).toArray(); // [[1], [2]]
 */
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options?: AttentionOptions,
  ...surplus: []
): Tensor {
  noMore("scaledDotProductAttention", surplus);
  for (const x of [q, k, v]) expectTensor("scaledDotProductAttention", x);
  const chosen = given("scaledDotProductAttention", options, "mask causal? scale# onWeights()");
  const { mask, causal = false, onWeights } = chosen;
  if (mask !== undefined) expectTensor("scaledDotProductAttention", mask);
  const [features, keys] = [q.shape[q.shape.length - 1], k.shape[k.shape.length - 2]];
  const ranks = [q, k, v].every((x) => x.shape.length >= 2);
  if (!ranks || features !== k.shape[k.shape.length - 1] || keys !== v.shape[v.shape.length - 2]) {
    throw new ShapeError(
      "scaledDotProductAttention",
      `q ${formatShape(q.shape)}, k ${formatShape(k.shape)} and ` +
        `v ${formatShape(v.shape)} do not fit`,
      "q is […, queries, features], k […, keys, features], v […, keys, values]",
    );
  }
  if (mask !== undefined && mask.dtype !== "bool" && !isFloat(mask.dtype)) {
    throw new DTypeError(
      "scaledDotProductAttention",
      `the mask is ${mask.dtype}, not bool or float`,
      'cast it: mask.cast("bool")',
    );
  }
  const scale = chosen.scale ?? 1 / Math.sqrt(features as number);
  return scope(() => {
    const scores = matmul(mul(q, scale), matrixTranspose(k));
    const queries = q.shape[q.shape.length - 2] as number;
    const order = causal ? triangle(queries, keys as number, q.device) : undefined;
    let weights: Tensor;
    if (mask !== undefined) weights = softmaxOfSeen(scores, mask, order);
    // Every query sees key 0: no row is empty.
    else weights = softmax(order ? where(order, scores, Number.NEGATIVE_INFINITY) : scores);
    return matmul(onWeights === undefined ? weights : onWeights(weights), v);
  });
}
