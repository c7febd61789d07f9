/**
 * @file Fourier transforms of the last axis, as ops. Complex numbers are two rows, real and
 * imaginary: [..., 2, n].
 *
 * @internal
 */

import { isFloat } from "../../base/dtype.js";
import { DTypeError, ShapeError } from "../../base/errors.js";
import { formatShape, type Shape, sizeOf } from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import type { Op, View } from "../../core/contract.js";
import { defineOp, withOp } from "../../core/op.js";
import { linear } from "../../core/rule.js";
import type { Tensor } from "../../core/tensor.js";

import { transformOf } from "./plan.js";
import { realTransform, realTransposed } from "./real.js";

function checkFloat(op: string, x: Tensor): void {
  if (isFloat(x.dtype)) return;
  throw new DTypeError(op, `the operand is ${x.dtype}`, 'cast it: x.cast("float32")');
}

function checkPairs(op: string, x: Tensor): void {
  checkFloat(op, x);
  const [two, n = 0] = x.shape.slice(-2);
  if (two === 2 && n > 0) return;
  throw new ShapeError(
    op,
    `needs [..., 2, n], got ${formatShape(x.shape)}`,
    "write stack([re, im], { axis: -2 })",
  );
}

/** Lengths of the last axis of a real tensor and of its transform. */
const binsOf = (n: number): number => Math.floor(n / 2) + 1;
const batchOf = (shape: Shape, axes: number): number => sizeOf(shape.slice(0, -axes));
const row = (view: View, i: number, n: number) => view.data.subarray(i * n, (i + 1) * n);

const dftOp: Op<readonly [Tensor], { readonly inverse: boolean }> = defineOp({
  name: "dft",
  infer([x]) {
    checkPairs("dft", x);
    return x;
  },
  reference([x], { inverse }, out) {
    const n = out.shape.at(-1) as number;
    const run = transformOf(n);
    const re = new Float64Array(n);
    const im = new Float64Array(n);
    const count = batchOf(out.shape, 2);
    for (let i = 0; i < count; i++) {
      re.set(row(x, 2 * i, n));
      im.set(row(x, 2 * i + 1, n));
      if (inverse) run(im, re);
      else run(re, im);
      row(out, 2 * i, n).set(re);
      row(out, 2 * i + 1, n).set(im);
    }
  },
  // the transpose of the matrix of cosines and sines is that of its conjugate
  rule: linear(({ attrs: { inverse } }) => [(g) => dft(g, !inverse)]),
});

/** Σⱼ xⱼ e^(∓2πi jk/n) of [..., 2, n]; the inverse is not divided by n. */
export const dft = withOp(
  dftOp,
  (x: Tensor, inverse: boolean): Tensor => apply(dftOp, [x], { inverse }),
);

const realDftOp: Op<readonly [Tensor], undefined> = defineOp({
  name: "realDft",
  infer([x]) {
    checkFloat("realDft", x);
    const n = x.shape.at(-1) ?? 0;
    if (n < 1) {
      throw new ShapeError(
        "realDft",
        `needs [..., n], got ${formatShape(x.shape)}`,
        "the last axis holds one number or more",
      );
    }
    return { shape: [...x.shape.slice(0, -1), 2, binsOf(n)], dtype: x.dtype };
  },
  reference([x], _, out) {
    const n = x.shape.at(-1) as number;
    const bins = binsOf(n);
    const run = realTransform(n);
    const real = new Float64Array(n);
    const [re, im] = [new Float64Array(bins), new Float64Array(bins)];
    const count = batchOf(out.shape, 2);
    for (let i = 0; i < count; i++) {
      real.set(row(x, i, n));
      run(real, re, im);
      row(out, 2 * i, bins).set(re);
      row(out, 2 * i + 1, bins).set(im);
    }
  },
  rule: linear(({ inputs: [x] }) => [(g) => realDftTransposed(g, x.shape.at(-1) as number)]),
});

/** The first ⌊n/2⌋ + 1 numbers of the transform of [..., n], which is real: [..., 2, ⌊n/2⌋ + 1]. */
export const realDft = withOp(realDftOp, (x: Tensor): Tensor => apply(realDftOp, [x], undefined));

const realDftTransposedOp: Op<readonly [Tensor], { readonly n: number }> = defineOp<
  readonly [Tensor],
  { readonly n: number }
>({
  name: "realDftTransposed",
  infer([x], { n }) {
    checkPairs("realDftTransposed", x);
    if (x.shape.at(-1) !== binsOf(n)) {
      throw new ShapeError(
        "realDftTransposed",
        `${formatShape(x.shape)} does not hold the ${binsOf(n)} numbers of length ${n}`,
        "its last axis has length ⌊n/2⌋ + 1",
      );
    }
    return { shape: [...x.shape.slice(0, -2), n], dtype: x.dtype };
  },
  reference([x], { n }, out) {
    const bins = binsOf(n);
    const run = realTransposed(n);
    const real = new Float64Array(n);
    const [re, im] = [new Float64Array(bins), new Float64Array(bins)];
    const count = batchOf(out.shape, 1);
    for (let i = 0; i < count; i++) {
      re.set(row(x, 2 * i, bins));
      im.set(row(x, 2 * i + 1, bins));
      run(re, im, real);
      row(out, i, n).set(real);
    }
  },
  rule: linear(() => [(g) => realDft(g)]),
});

/** Re Σₖ xₖ e^(2πi jk/n) over k = 0 … ⌊n/2⌋ of [..., 2, ⌊n/2⌋ + 1]: the transpose of `realDft`. */
export const realDftTransposed = withOp(
  realDftTransposedOp,
  (x: Tensor, n: number): Tensor => apply(realDftTransposedOp, [x], { n }),
);
