/** @file Tokens and their masks: checks of shapes, padding, and what a causal model sees. */
import {
  arange,
  greaterEqual,
  notEqual,
  reshape,
  ShapeError,
  scope,
  type Tensor,
} from "@isograd/tensor";
import { expectTensor, formatShape } from "@isograd/tensor/engine";

/** @throws ShapeError unless the tokens are [n, length] and have positions. */
export function checkTokens(op: string, ids: Tensor, before: number, positions: number) {
  expectTensor(op, ids);
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

/**
 * The keys that a mask [n, length] leaves visible (true, or a number that is not 0), as bool [n, 1,
 * 1, length]; null without a mask. @throws ShapeError for a mask of another shape.
 */
export function keysSeen(op: string, mask: Tensor | undefined, n: number, length: number) {
  if (mask === undefined) return null;
  expectTensor(op, mask);
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
