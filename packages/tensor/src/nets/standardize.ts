/** @file Rows of mean 0 and variance 1: layer normalisation and its relatives. */

import { isFloat } from "../base/dtype.js";
import { ShapeError } from "../base/errors.js";
import { given } from "../base/options.js";
import { formatShape } from "../base/shape.js";
import { apply } from "../core/apply.js";
import type { Op, View } from "../core/contract.js";
import { expectTensor } from "../core/expect.js";
import { defineOp, withOp } from "../core/op.js";
import { fromInputs } from "../core/rule.js";
import { scope } from "../core/scope.js";
import type { Tensor } from "../core/tensor.js";
import { expectFloat, expectLastAxis, sameShape } from "../ops/define/checks.js";
import { converted } from "../ops/define/lift.js";
import { eachRow } from "../ops/define/walks.js";
import { add, div, mul, sub } from "../ops/elementwise/binary.js";
import { castTo } from "../ops/elementwise/cast.js";
import { equal, where } from "../ops/elementwise/compare.js";
import { abs, neg } from "../ops/elementwise/unary.js";
import { max, mean, sum } from "../ops/reduce.js";
import {
  layerNormKernel,
  type NormAttrs,
  standardizeGradKernel,
  standardizeKernel,
} from "./standardizeKernels.js";

/** @internal */
export interface StandardizeOptions {
  readonly eps?: number | undefined;
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
  // The squares leave the range of floats; in units of about the largest deviation they stay in.
  const unit = s > 1 ? 2 ** 600 : 2 ** -600;
  return [mean, 1 / Math.sqrt(squares(unit)) / unit] as const;
}

const last = { axis: -1, keepdims: true } as const;

/**
 * r = 1/√(variance + eps) of each row, as zᵢ/(xᵢ − x̄) at the largest |xᵢ − x̄|: so no square can
 * overflow or underflow.
 */
function rowScale(x: Tensor, z: Tensor, { eps, centred = true }: NormAttrs): Tensor {
  const size = max(abs(centred ? sub(x, mean(x, last)) : x), last);
  const flat = equal(size, 0);
  return where(flat, 1 / Math.sqrt(eps), div(max(abs(z), last), where(flat, 1, size)));
}

const standardizeOp: Op<readonly [Tensor], NormAttrs> = defineOp({
  name: "standardize",
  kernels: { cpu: standardizeKernel },
  infer: ([x]) => x,
  reference([x], attrs, out) {
    const { data } = x;
    eachRow(x, (start, length) => {
      const [mean, scale] = rowMoments(data, start, length, attrs);
      for (let i = start; i < start + length; i++)
        out.data[i] = ((data[i] as number) - mean) * scale;
    });
  },
  // dz = r (dx − mean(dx) − z mean(z dx)), r = 1/√(variance + eps); without mean(dx) if x is not
  // centred
  rule: fromInputs(({ inputs: [x], attrs }) => [(g) => standardizeGrad(x, g, attrs)]),
});

/**
 * `(x − mean) / √(variance + eps)` over the last axis (eps: 1e-5 by default): layer normalisation
 * without weight and bias, or rmsNorm where `centred` is false (default: true). Right also where
 * squares leave the range of floats.
 *
 * @noMethod
 */
export const standardize = withOp(
  standardizeOp,
  (x: Tensor, options?: StandardizeOptions): Tensor => {
    expectFloat("standardize", x);
    expectLastAxis("standardize", x);
    const { eps = 1e-5, centred = true } = given("standardize", options, "eps# centred?");
    return apply(standardizeOp, [x], { eps, centred });
  },
);

const standardizeGradOp: Op<readonly [Tensor, Tensor], NormAttrs> = defineOp({
  name: "standardizeGrad",
  kernels: { cpu: standardizeGradKernel },
  infer: ([x, g]) => sameShape("standardizeGrad", x, g),
  reference([x, g], attrs, out) {
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
  // P(g), the result, is a symmetric linear map of g; for x:
  // −r [ z mean(c P(g)) + mean(g z) P(c) + mean(c z) P(g) ]
  rule: fromInputs(({ inputs: [x, g], attrs }) => [
    (c) => {
      const z = standardize(x, attrs);
      const pg = standardizeGrad(x, g, attrs);
      const pc = standardizeGrad(x, c, attrs);
      const scale = rowScale(x, z, attrs);
      const rowMean = (a: Tensor, b: Tensor) => mean(mul(a, b), last);
      const two = add(mul(z, rowMean(c, pg)), mul(pc, rowMean(g, z)));
      return neg(mul(add(two, mul(pg, rowMean(c, z))), scale));
    },
    (c) => standardizeGrad(x, c, attrs),
  ]),
});

/**
 * Transposed derivative of {@link standardize} at x, applied to g: `r (g − ḡ − z · mean(g z))` with
 * r = 1/√(variance + eps) and z = standardize(x); ḡ is 0 unless centred.
 *
 * @internal
 */
export const standardizeGrad = withOp(
  standardizeGradOp,
  (x: Tensor, g: Tensor, options: NormAttrs): Tensor => apply(standardizeGradOp, [x, g], options),
);

const layerNormOp: Op<readonly [Tensor, Tensor, Tensor], NormAttrs> = defineOp({
  name: "layerNorm",
  kernels: { cpu: layerNormKernel },
  infer([x, weight, bias]) {
    const n = x.shape[x.shape.length - 1] as number;
    for (const p of [weight, bias]) {
      if (p.shape.length !== 1 || p.shape[0] !== n) {
        throw new ShapeError(
          "layerNorm",
          `weight and bias must be [${n}] for x of shape ${formatShape(x.shape)}, ` +
            `got ${formatShape(p.shape)}`,
          "they scale and shift along the last axis",
        );
      }
    }
    return x;
  },
  reference([x, weight, bias], attrs, out) {
    eachRow(x, (start, length) => {
      const [mean, scale] = rowMoments(x.data, start, length, attrs);
      for (let i = 0; i < length; i++) {
        const z = ((x.data[start + i] as number) - mean) * scale;
        out.data[start + i] = z * (weight.data[i] as number) + (bias.data[i] as number);
      }
    });
  },
  rule: fromInputs(({ inputs: [x, weight], attrs }) => {
    const lead = x.shape.slice(0, -1).map((_, i) => i);
    const overRows = (t: Tensor) => (lead.length === 0 ? t : sum(t, { axis: lead }));
    return [
      (g) => standardizeGrad(x, mul(g, weight), attrs),
      (g) => overRows(mul(g, standardize(x, attrs))),
      (g) => overRows(g),
    ];
  }),
});

/**
 * Layer normalisation over the last axis: `(x − mean)/√(variance + eps) · weight + bias`. Weight
 * and bias have the length of that axis; eps: 1e-5 by default; the result has the dtype of x.
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
    options?: { readonly eps?: number | undefined },
  ): Tensor => {
    for (const operand of [x, weight, bias]) expectFloat("layerNorm", operand);
    expectLastAxis("layerNorm", x);
    const { eps = 1e-5 } = given("layerNorm", options, "eps#");
    const attrs = { eps };
    if (weight.dtype === x.dtype && bias.dtype === x.dtype) {
      return apply(layerNormOp, [x, weight, bias], attrs);
    }
    return converted(weight, x.dtype, (w) =>
      converted(bias, x.dtype, (b) => apply(layerNormOp, [x, w, b], attrs)),
    );
  },
);

/**
 * Root mean square normalisation over the last axis: `x / √(mean(x²) + eps) · weight`. The weight
 * has the length of that axis (default: no weight); eps: 1e-6 by default. Source: arXiv 1910.07467.
 *
 * @noMethod
 *
 * @throws ShapeError when the weight does not fit; DTypeError unless x is a float tensor.
 * @example
 * const x = tensor([[3, 4]]);
 * rmsNorm(x, tensor([1, 2]), { eps: 0 }).toArray(); // [[0.8485281467437744, 2.262741804122925]]
 */
export function rmsNorm(
  x: Tensor,
  weight?: Tensor,
  options?: { readonly eps?: number | undefined },
): Tensor {
  expectFloat("rmsNorm", x); // squares of integers would wrap
  expectLastAxis("rmsNorm", x);
  if (weight !== undefined) expectTensor("rmsNorm", weight);
  const { eps = 1e-6 } = given("rmsNorm", options, "eps#");
  const n = x.shape[x.shape.length - 1] as number;
  if (weight !== undefined && formatShape(weight.shape) !== `[${n}]`) {
    throw new ShapeError(
      "rmsNorm",
      `weight must be [${n}] for x of shape ${formatShape(x.shape)}, ` +
        `got ${formatShape(weight.shape)}`,
      "it scales along the last axis",
    );
  }
  return scope(() => {
    const rows = isFloat(x.dtype) ? x : castTo(x, "float32");
    const y = apply(standardizeOp, [rows], { eps, centred: false });
    return weight === undefined ? y : mul(y, weight);
  });
}
