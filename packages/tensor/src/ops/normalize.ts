/** @file Softmax and its relatives, and layer normalisation. Kernels work on the last axis. */

import { isFloat } from "../base/dtype.js";
import { DTypeError, ShapeError } from "../base/errors.js";
import { formatShape, normalizeAxes, normalizeAxis } from "../base/shape.js";
import { apply } from "../core/apply.js";
import type { Op, OpFunction, View } from "../core/contract.js";
import { expectTensor } from "../core/expect.js";
import { defineOp, withOp } from "../core/op.js";
import { scope } from "../core/scope.js";
import type { Tensor } from "../core/tensor.js";
import { converted, sameShape } from "./define/elementwise.js";
import { mul } from "./elementwise/binary.js";
import { castTo } from "./elementwise/cast.js";
import { permuteDims, reshape } from "./shape/movement.js";
import { moveAxis } from "./shape/stack.js";

/** Calls `visit(from, to, start)` for each row of the last axis. @internal */
export function eachRow(
  x: View,
  visit: (start: number, length: number, row: number) => void,
): void {
  const length = x.shape[x.shape.length - 1] as number;
  for (let r = 0; r * length < x.data.length; r++) visit(r * length, length, r);
}

function rowMax(x: View["data"], start: number, length: number): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i++) top = Math.max(top, x[start + i] as number);
  return top;
}

/**
 * `Σ e^(x − top) − 1` of one row, without the 1 of one maximum: beside it a small rest would lose
 * its digits.
 */
function rowRest(x: View["data"], start: number, length: number, top: number): number {
  let [rest, tops] = [0, -1];
  for (let i = 0; i < length; i++) {
    const below = (x[start + i] as number) - top;
    if (below === 0) tops++;
    else rest += Math.exp(below);
  }
  return rest + tops;
}

/** Log of the sum of exponentials of one row: `m + log Σ e^(x − m)`, −∞ of nothing but −∞. */
function rowLogSumExp(x: View["data"], start: number, length: number): number {
  const top = rowMax(x, start, length);
  return Number.isFinite(top) ? top + Math.log1p(rowRest(x, start, length, top)) : top;
}

type AxisFunction = OpFunction<
  (x: Tensor, options?: { readonly axis?: number | undefined }) => Tensor,
  readonly [Tensor],
  undefined
>;

// The largest is subtracted first: beside x itself, log Σ e^(x − m) would be lost where x is large.
// Rows of nothing but −∞, and with +∞, are NaN: ∞ − ∞.
function rowwise(name: string, value: (below: number, rest: number) => number): AxisFunction {
  const op = defineOp<readonly [Tensor]>({
    name,
    infer: ([x]) => x,
    reference([x], _, out) {
      const { data } = x as View;
      eachRow(x as View, (start, length) => {
        const top = rowMax(data, start, length);
        const rest = rowRest(data, start, length, top);
        for (let i = start; i < start + length; i++) {
          out.data[i] = value((data[i] as number) - top, rest);
        }
      });
    },
  });
  return withOp(op, (x: Tensor, options: { readonly axis?: number | undefined } = {}) =>
    onLastAxis(op, x, options.axis ?? -1),
  );
}

function expectFloat(op: string, x: Tensor): void {
  expectTensor(op, x);
  if (isFloat(x.dtype)) return;
  throw new DTypeError(op, `needs floats, got ${x.dtype}`, 'cast first: x.cast("float32")');
}

function expectLastAxis(op: string, x: Tensor): void {
  if (x.shape.length > 0) return;
  throw new ShapeError(op, "a 0-d tensor [] has no last axis", "reshape it to [1]");
}

function onLastAxis(op: Op<readonly [Tensor], undefined>, x: Tensor, axis: number): Tensor {
  expectFloat(op.name, x);
  const at = normalizeAxis(op.name, axis, x.shape);
  if (at === x.shape.length - 1) return apply(op, [x], undefined);
  return scope(() => moveAxis(apply(op, [moveAxis(x, at, -1)], undefined), -1, at));
}

/**
 * `e^(xᵢ) / Σⱼ e^(xⱼ)` along `axis` (the last unless said), safe for large x.
 *
 * @throws DTypeError unless x is a float tensor.
 * @example
 * softmax(tensor([0, 0])).toString(); // Tensor(float32, [2]) [0.5, 0.5]
 */
export const softmax = rowwise("softmax", (below, rest) => Math.exp(below) / (1 + rest));

/** `xᵢ − log Σⱼ e^(xⱼ)` along `axis` (the last unless said). */
export const logSoftmax = rowwise("logSoftmax", (below, rest) => below - Math.log1p(rest));

const logSumExpOp = defineOp<readonly [Tensor]>({
  name: "logSumExp",
  infer: ([x]) => ({ shape: x.shape.slice(0, -1), dtype: x.dtype }),
  reference([x], _, out) {
    const view = x as View;
    const length = view.shape[view.shape.length - 1] as number;
    for (let r = 0; r < out.data.length; r++)
      out.data[r] = rowLogSumExp(view.data, r * length, length);
  },
});

/**
 * `log Σ eˣ` over `axis` (all axes when absent), safe for large x; −∞ of nothing. Where all are −∞
 * the gradient is 0; several +∞ share it.
 *
 * @example
 * logSumExp(tensor([0, 0])).toString(); // Tensor(float32, []) 0.6931
 */
export const logSumExp = withOp(
  logSumExpOp,
  (
    x: Tensor,
    options: {
      readonly axis?: number | readonly number[] | undefined;
      readonly keepdims?: boolean | undefined;
    } = {},
  ): Tensor => {
    expectFloat("logSumExp", x);
    const axes = normalizeAxes("logSumExp", options.axis, x.shape);
    const rest = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
    const kept = x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
    return scope(() => {
      const front = permuteDims(x, [...rest, ...axes]);
      const lead = rest.map((i) => x.shape[i] as number);
      const length = axes.reduce((n, a) => n * (x.shape[a] as number), 1);
      const result = apply(logSumExpOp, [reshape(front, [...lead, length])], undefined);
      return options.keepdims ? reshape(result, kept) : result;
    });
  },
);

/** @internal */
export interface NormAttrs {
  readonly eps: number;
  /** Whether the mean is subtracted; true unless said. */
  readonly centred?: boolean | undefined;
}

/** The mean of a row (0 unless it is subtracted), and `1/√(variance + eps)`. */
function rowMoments(x: View["data"], start: number, length: number, a: NormAttrs) {
  let mean = 0;
  if (a.centred !== false) {
    for (let i = 0; i < length; i++) mean += (x[start + i] as number) / length;
  }
  const squares = (unit: number) => {
    let s = 0;
    for (let i = 0; i < length; i++) s += (((x[start + i] as number) - mean) / unit) ** 2;
    return s / length + a.eps / unit / unit;
  };
  const s = squares(1);
  if (s > 1e-280 && s < Number.POSITIVE_INFINITY) return [mean, 1 / Math.sqrt(s)] as const;
  // squares leave the range of floats: in units of about the largest deviation they do not
  const unit = s > 1 ? 2 ** 600 : 2 ** -600;
  return [mean, 1 / Math.sqrt(squares(unit)) / unit] as const;
}

const standardizeOp = defineOp<readonly [Tensor], NormAttrs>({
  name: "standardize",
  infer: ([x]) => x,
  reference([x], attrs, out) {
    const { data } = x as View;
    eachRow(x as View, (start, length) => {
      const [mean, scale] = rowMoments(data, start, length, attrs);
      for (let i = start; i < start + length; i++)
        out.data[i] = ((data[i] as number) - mean) * scale;
    });
  },
});

/**
 * `(x − mean) / √(variance + eps)` over the last axis: layer normalisation without weight and bias,
 * or rmsNorm where `centred` is false (true unless said). Squares may leave the range of floats.
 *
 * @noMethod
 */
export const standardize = withOp(
  standardizeOp,
  (x: Tensor, options: Partial<NormAttrs> = {}): Tensor => {
    expectFloat("standardize", x);
    expectLastAxis("standardize", x);
    const { eps = 1e-5, centred = true } = options;
    return apply(standardizeOp, [x], { eps, centred });
  },
);

const standardizeGradOp = defineOp<readonly [Tensor, Tensor], NormAttrs>({
  name: "standardizeGrad",
  infer: ([x, g]) => sameShape("standardizeGrad", x, g),
  reference(inputs, attrs, out) {
    const [x, g] = inputs as [View, View];
    eachRow(x, (start, length) => {
      const [mean, scale] = rowMoments(x.data, start, length, attrs);
      let sumG = 0;
      let sumGX = 0;
      for (let i = start; i < start + length; i++) {
        if (attrs.centred !== false) sumG += g.data[i] as number;
        sumGX += (g.data[i] as number) * (((x.data[i] as number) - mean) * scale);
      }
      for (let i = start; i < start + length; i++) {
        const z = ((x.data[i] as number) - mean) * scale;
        out.data[i] = scale * ((g.data[i] as number) - sumG / length - (z * sumGX) / length);
      }
    });
  },
});

/**
 * Transposed derivative of {@link standardize} at x, applied to g: `r (g − ḡ − z · mean(g z))`; ḡ
 * is 0 unless centred.
 *
 * @internal
 */
export const standardizeGrad = withOp(
  standardizeGradOp,
  (x: Tensor, g: Tensor, options: NormAttrs): Tensor => apply(standardizeGradOp, [x, g], options),
);

const layerNormOp = defineOp<readonly [Tensor, Tensor, Tensor], NormAttrs>({
  name: "layerNorm",
  infer([x, weight, bias]) {
    const n = x.shape[x.shape.length - 1] as number;
    for (const p of [weight, bias]) {
      if (p.shape.length !== 1 || p.shape[0] !== n) {
        throw new ShapeError(
          "layerNorm",
          `weight and bias must be [${n}] for x of shape ${formatShape(x.shape)}, got ${formatShape(p.shape)}`,
          "they scale and shift along the last axis",
        );
      }
    }
    return x;
  },
  reference(inputs, attrs, out) {
    const [x, weight, bias] = inputs as [View, View, View];
    eachRow(x, (start, length) => {
      const [mean, scale] = rowMoments(x.data, start, length, attrs);
      for (let i = 0; i < length; i++) {
        const z = ((x.data[start + i] as number) - mean) * scale;
        out.data[start + i] = z * (weight.data[i] as number) + (bias.data[i] as number);
      }
    });
  },
});

/**
 * Layer normalisation over the last axis: `(x − mean)/√(variance + eps) · weight + bias`, weight
 * and bias of the length of that axis, `eps` 1e-5 unless given; the result has the dtype of x.
 * Source: arXiv 1607.06450.
 *
 * @noMethod
 *
 * @throws ShapeError when weight or bias do not fit.
 * @example
 * layerNorm(tensor([[1, 3]]), ones([2]), zeros([2]), { eps: 0 }).toArray(); // [[-1,1]]
 */
export const layerNorm = withOp(
  layerNormOp,
  (
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    options: { readonly eps?: number | undefined } = {},
  ): Tensor => {
    for (const operand of [x, weight, bias]) expectFloat("layerNorm", operand);
    expectLastAxis("layerNorm", x);
    const attrs = { eps: options.eps ?? 1e-5 };
    if (weight.dtype === x.dtype && bias.dtype === x.dtype) {
      return apply(layerNormOp, [x, weight, bias], attrs);
    }
    return converted(weight, x.dtype, (w) =>
      converted(bias, x.dtype, (b) => apply(layerNormOp, [x, w, b], attrs)),
    );
  },
);

/**
 * Root mean square normalisation over the last axis: `x / √(mean(x²) + eps) · weight`, weight of
 * the length of that axis or left out, `eps` 1e-6 unless given. Source: arXiv 1910.07467.
 *
 * @noMethod
 *
 * @throws ShapeError when the weight does not fit; DTypeError unless x is a float tensor.
 * @example
 * rmsNorm(tensor([[3, 4]]), tensor([1, 2]), { eps: 0 }).toArray(); // [[0.8485281467437744, 2.262741804122925]]
 */
export function rmsNorm(
  x: Tensor,
  weight?: Tensor,
  options: { readonly eps?: number | undefined } = {},
): Tensor {
  expectFloat("rmsNorm", x); // squares of integers would wrap
  expectLastAxis("rmsNorm", x);
  if (weight !== undefined) expectTensor("rmsNorm", weight);
  const n = x.shape[x.shape.length - 1] as number;
  if (weight !== undefined && formatShape(weight.shape) !== `[${n}]`) {
    throw new ShapeError(
      "rmsNorm",
      `weight must be [${n}] for x of shape ${formatShape(x.shape)}, got ${formatShape(weight.shape)}`,
      "it scales along the last axis",
    );
  }
  return scope(() => {
    const rows = isFloat(x.dtype) ? x : castTo(x, "float32");
    const y = apply(standardizeOp, [rows], { eps: options.eps ?? 1e-6, centred: false });
    return weight === undefined ? y : mul(y, weight);
  });
}
