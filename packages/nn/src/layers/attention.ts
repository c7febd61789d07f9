/** @file Multi-head attention. */
import {
  DTypeError,
  ShapeError,
  scaledDotProductAttention,
  scope,
  type Tensor,
  UsageError,
  where,
  zeros,
} from "@isograd/tensor";
import { expectTensor, formatShape, given, isFloat, shown } from "@isograd/tensor/engine";
import { expectSizes, isNumber } from "../expect.js";
import { checkRng, xavierUniform } from "../init.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";
import { type Dropout, dropoutFor, dropped } from "./dropout.js";
import { checkHeads, splitHeads } from "./heads.js";
import type { LayerOptions } from "./layer.js";
import { Linear } from "./linear.js";
import { rotary } from "./rotary.js";

export interface AttentionLayerOptions extends LayerOptions {
  /** Whether the four linear maps have biases; default: true. */
  readonly bias?: boolean | undefined;
  /** Probability that an attention weight is dropped in training; default: 0. */
  readonly dropout?: number | undefined;
  /** Whether query i sees only keys 0 … i, its own and earlier ones; default: false. */
  readonly causal?: boolean | undefined;
  /**
   * Whether queries and keys are rotated by their positions, see {@link rotary}; a number is the
   * base. Default: false.
   */
  readonly rotary?: boolean | number | undefined;
}

/**
 * Masks for one call of attention: a query sees a key if both masks, and `causal`, allow it.
 */
export interface AttentionMasks {
  /**
   * Bool: true where a query sees a key. Float: added to the scores, −∞ hides a key. Broadcasts to
   * [n, heads, queries, keys].
   */
  readonly mask?: Tensor | undefined;
  /** False for padding: bool [n, keys] or [keys]. */
  readonly keyMask?: Tensor | undefined;
}

/**
 * Attention in parallel heads: `concat_h(softmax(Q_h K_hᵀ / √d) V_h) W_oᵀ + b_o`, with Q, K, V
 * linear maps of queries, keys and values [n, length, features] (n may be missing). Parameters are
 * named as in PyTorch: `in_proj_weight` [3 · features, features] (Xavier uniform), `in_proj_bias`
 * (0), `out_proj`. A query that sees no key gives b_o. Source: arXiv 1706.03762.
 *
 * @throws UsageError unless `heads` divides `features`; ShapeError for inputs of other features, or
 * a `keyMask` of another shape; DTypeError for a `keyMask` that is not bool, or a mask of integers.
 * @example
 * const attention = new MultiHeadAttention(8, 2, { causal: true, rotary: true, rng: rng(0) });
 * attention.forward(ones([5, 3, 8])).shape; // [5, 3, 8]
 */
export class MultiHeadAttention extends Module {
  readonly features: number;
  readonly heads: number;
  readonly in_proj_weight: Parameter;
  readonly in_proj_bias: Parameter | null;
  readonly out_proj: Linear;
  readonly dropout: Dropout | null;
  readonly causal: boolean;
  readonly base: number | null;

  constructor(features: number, heads: number, options: AttentionLayerOptions) {
    super();
    checkHeads("MultiHeadAttention", features, heads);
    expectSizes("MultiHeadAttention", { features }, [3, features, features]);
    this.features = features;
    this.heads = heads;
    const {
      rng,
      dtype,
      device,
      bias = true,
      dropout = 0,
      causal = false,
      rotary: turn = false,
    } = given("MultiHeadAttention", options, "dropout# bias? causal? rotary rng dtype device");
    if (typeof turn !== "boolean" && !isNumber(turn, (base) => base > 0 && base < Infinity)) {
      const help = "true, false, or the base as a positive number";
      throw new UsageError("MultiHeadAttention", `rotary is ${shown(turn)}`, help);
    }
    const make = { rng: checkRng("MultiHeadAttention", rng), dtype, device };
    this.in_proj_weight = new Parameter(xavierUniform([3 * features, features], make));
    this.in_proj_bias = bias ? new Parameter(zeros([3 * features], { dtype, device })) : null;
    this.out_proj = new Linear(features, features, { ...make, bias });
    if (this.out_proj.bias !== null) {
      this.out_proj.bias.value = zeros([features], { dtype, device });
    }
    this.dropout = dropoutFor(dropout, make.rng);
    this.causal = causal;
    this.base = turn === true ? 10000 : turn === false ? null : turn;
  }

  /** Attention of `query` to `key` and `value`; default: to itself. */
  forward(query: Tensor, key: Tensor = query, value: Tensor = key, masks?: AttentionMasks): Tensor {
    const allowed = given("MultiHeadAttention", masks, "mask keyMask");
    for (const mask of [allowed.mask, allowed.keyMask]) {
      if (mask !== undefined) expectTensor("MultiHeadAttention", mask);
    }
    for (const x of [query, key, value]) this.#check(x);
    const { features, heads, dropout, causal, base } = this;
    return scope(() => {
      const itself = query === key && key === value;
      const all = itself ? this.#project(query, 0, 3) : null;
      const part = (x: Tensor, i: number): Tensor => {
        if (all === null) return splitHeads(this.#project(x, i, 1), heads);
        return splitHeads(all.slice([null, null, [i * features, (i + 1) * features]]), heads);
      };
      const turn = (x: Tensor) => (base === null ? x : rotary(x, { base }));
      const onWeights = (w: Tensor) => dropped(dropout, w);
      const [q, k, v] = [part(query, 0), part(key, 1), part(value, 2)];
      const [turnedQ, turnedK] = [turn(q), turn(k)];
      const mask = maskOf(allowed, query, key);
      const how = { causal, onWeights, ...(mask && { mask }) };
      const y = scaledDotProductAttention(turnedQ, turnedK, v, how);
      return this.out_proj.forward(y.permuteDims([0, 2, 1, 3]).reshape(query.shape));
    });
  }

  #check(x: Tensor): void {
    expectTensor("MultiHeadAttention", x);
    const rank = x.shape.length;
    if ((rank === 2 || rank === 3) && x.shape[rank - 1] === this.features) return;
    throw new ShapeError(
      "MultiHeadAttention",
      `an input is ${formatShape(x.shape)}`,
      `queries, keys and values are [n, length, ${this.features}] or [length, ${this.features}]`,
    );
  }

  /**
   * x [n, length, features] or [length, features] under `count` of the three maps, from number
   * `first` on: [n, length, count · features].
   */
  #project(x: Tensor, first: number, count: number): Tensor {
    const { features, in_proj_weight, in_proj_bias } = this;
    const rows = [first * features, (first + count) * features] as const;
    const batch = x.shape.length === 3 ? x : x.reshape([1, ...x.shape]);
    const y = batch.matmul(in_proj_weight.value.slice([rows]).mT);
    return in_proj_bias === null ? y : y.add(in_proj_bias.value.slice([rows]));
  }
}

/** Both masks as one: no query sees a key that is padding. */
function maskOf({ mask, keyMask }: AttentionMasks, query: Tensor, key: Tensor): Tensor | undefined {
  if (keyMask === undefined) return mask;
  const keys = key.shape.at(-2) ?? 0;
  const batches = [query, key].map(({ shape }) => (shape.length === 3 ? (shape[0] ?? 1) : 1));
  const { shape, dtype } = keyMask;
  const [n = 1, length] = shape.length === 1 ? [1, ...shape] : shape;
  if (dtype !== "bool") {
    const help = "true for keys that are there: keyMask.notEqual(0)";
    throw new DTypeError("MultiHeadAttention", `keyMask is ${dtype}, not bool`, help);
  }
  if (shape.length > 2 || length !== keys || ![1, ...batches].includes(n)) {
    const problem = `keyMask is ${formatShape(shape)}, expected [${Math.max(...batches)}, ${keys}]`;
    throw new ShapeError("MultiHeadAttention", problem, "one entry per key: false for padding");
  }
  const there = keyMask.reshape([n, 1, 1, keys]);
  if (mask === undefined) return there;
  if (mask.dtype === "bool") return mask.logicalAnd(there);
  return isFloat(mask.dtype) ? where(there, mask, Number.NEGATIVE_INFINITY) : mask;
}
