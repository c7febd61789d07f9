/** @file Scaled dot-product attention, as a composition. Knows no heads and no weights. */
import { arange } from "../creation.js";
import { isFloat } from "../dtype.js";
import { DTypeError, ShapeError } from "../errors.js";
import { scope } from "../memory.js";
import { expectTensor } from "../op.js";
import { formatShape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { add, mul } from "./binary.js";
import { cast } from "./cast.js";
import { greaterEqual, where } from "./compare.js";
import { matmul } from "./matmul.js";
import { reshape } from "./movement.js";
import { softmax } from "./normalize.js";

/** Options of {@link scaledDotProductAttention}. */
export interface AttentionOptions {
  /**
   * bool: where a query may look (true) or not; float: added to the scores. Broadcasts to […, queries, keys]. A query
   * that may look nowhere gets zeros.
   */
  readonly mask?: Tensor;
  /** Whether query i sees keys 0 … i only; false unless said. */
  readonly causal?: boolean;
  /** Factor of the scores; 1/√features unless said. */
  readonly scale?: number;
  /** What becomes of the weights before they meet the values: dropout. */
  readonly onWeights?: (weights: Tensor) => Tensor;
}

// Finite, so that a row of nothing else has weights and gradients that are numbers; e^(FAR − x) is 0.
const FAR = -1e30;

function masked(scores: Tensor, mask: Tensor): Tensor {
  return isFloat(mask.dtype) ? add(scores, mask) : where(mask, scores, FAR);
}

/**
 * `softmax(scale · q kᵀ + mask) v`: q […, queries, features], k […, keys, features], v […, keys, values] →
 * […, queries, values]. Source: arXiv 1706.03762.
 *
 * @throws ShapeError when q, k and v do not fit; DTypeError for a mask of integers.
 * @example
 * const x = tensor([[1, 0], [0, 1]]);
 * scaledDotProductAttention(x, x, tensor([[1], [3]]), { causal: true, scale: 0 }).toArray(); // [[1], [2]]
 */
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions = {},
): Tensor {
  for (const given of [q, k, v]) expectTensor("scaledDotProductAttention", given);
  const { mask, causal = false, onWeights } = options;
  if (mask !== undefined) expectTensor("scaledDotProductAttention", mask);
  const [features, keys] = [q.shape[q.shape.length - 1], k.shape[k.shape.length - 2]];
  const ranks = [q, k, v].every((x) => x.shape.length >= 2);
  if (!ranks || features !== k.shape[k.shape.length - 1] || keys !== v.shape[v.shape.length - 2]) {
    throw new ShapeError(
      "scaledDotProductAttention",
      `q ${formatShape(q.shape)}, k ${formatShape(k.shape)} and v ${formatShape(v.shape)} do not fit`,
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
  const scale = options.scale ?? 1 / Math.sqrt(features as number);
  return scope(() => {
    let scores = matmul(mul(q, scale), k.mT);
    if (mask !== undefined) scores = masked(scores, mask);
    if (causal) {
      const { device } = q;
      const places = (n: number) => arange(0, n, 1, { device });
      const rows = reshape(places(q.shape[q.shape.length - 2] as number), [-1, 1]);
      scores = masked(scores, greaterEqual(rows, places(keys as number)));
    }
    let weights = softmax(scores);
    // A row that sees nothing has equal weights now: they become 0.
    if (mask?.dtype === "bool") weights = mul(weights, cast(mask, weights.dtype));
    return matmul(onWeights === undefined ? weights : onWeights(weights), v);
  });
}
