/**
 * @file Steps of optimisers as ops. They work in place where the caller donates the inputs that
 * the results replace.
 *
 * @internal
 */

import { ShapeError } from "../base/errors.js";
import { formatShape, shapesEqual } from "../base/shape.js";
import { apply, applyMany } from "../core/apply.js";
import type { View } from "../core/contract.js";
import { defineOp, withOp } from "../core/op.js";
import type { Tensor } from "../core/tensor.js";

import {
  type AdamAttrs,
  adamKernel,
  type LerpAttrs,
  lerpKernel,
  type SgdAttrs,
  sgdKernel,
} from "./updateKernels.js";

/** Whether a step may work in place. */
export interface Donating {
  /** True: the inputs that the results replace may be overwritten, nobody reads them again. */
  readonly donate: boolean;
}

function sameShapes(name: string, [first, ...others]: readonly [Tensor, ...Tensor[]]): void {
  for (const x of others) {
    if (!shapesEqual(x.shape, first.shape) || x.dtype !== first.dtype) {
      throw new ShapeError(
        name,
        `parameter ${first.dtype} ${formatShape(first.shape)} ` +
          `with ${x.dtype} ${formatShape(x.shape)}`,
        "parameter, gradient and state must agree",
      );
    }
  }
}

const adamOp = defineOp<readonly [Tensor, Tensor, Tensor, Tensor], AdamAttrs>({
  name: "adamUpdate",
  kernels: { cpuMany: adamKernel },
  rule: null,
  infer: ([p]) => p,
  inferMany(inputs) {
    sameShapes("adamUpdate", inputs);
    const [p] = inputs;
    return [p, p, p];
  },
  // m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  p ← p(1 − lr·λ) − lr · m·c₁ / (√(v·c₂) + ε)
  referenceMany([p, g, m, v], a, outs) {
    const [po, mo, vo] = outs as [View, View, View];
    for (let i = 0; i < p.data.length; i++) {
      const gi = g.data[i] as number;
      const mi = a.beta1 * (m.data[i] as number) + (1 - a.beta1) * gi;
      const vi = a.beta2 * (v.data[i] as number) + (1 - a.beta2) * gi * gi;
      mo.data[i] = mi;
      vo.data[i] = vi;
      const step = (mi * a.correction1) / (Math.sqrt(vi * a.correction2) + a.eps);
      po.data[i] = (p.data[i] as number) * (1 - a.lr * a.weightDecay) - a.lr * step;
    }
  },
});

/**
 * One step of Adam on (parameter, gradient, m, v); returns the new (parameter, m, v). Source: arXiv
 * 1412.6980.
 */
export const adamUpdate = withOp(
  adamOp,
  (p: Tensor, g: Tensor, m: Tensor, v: Tensor, step: AdamAttrs & Donating): Tensor[] => {
    const { donate, ...attrs } = step;
    return applyMany(adamOp, [p, g, m, v], attrs, donate ? [true, false, true, true] : null);
  },
);

const sgdOp = defineOp<readonly [Tensor, Tensor, Tensor], SgdAttrs>({
  name: "sgdUpdate",
  kernels: { cpuMany: sgdKernel },
  rule: null,
  infer: ([p]) => p,
  inferMany(inputs) {
    sameShapes("sgdUpdate", inputs);
    const [p] = inputs;
    return [p, p];
  },
  // g ← g + λp,  b ← μb + g,  p ← p − lr · (nesterov ? g + μb : b)
  referenceMany([p, g, b], a, outs) {
    const [po, bo] = outs as [View, View];
    for (let i = 0; i < p.data.length; i++) {
      const pi = p.data[i] as number;
      const gi = (g.data[i] as number) + a.weightDecay * pi;
      const bi = a.momentum * (b.data[i] as number) + gi;
      bo.data[i] = bi;
      po.data[i] = pi - a.lr * (a.nesterov ? gi + a.momentum * bi : bi);
    }
  },
});

/**
 * One step of gradient descent with momentum on (parameter, gradient, buffer); returns the new
 * (parameter, buffer).
 */
export const sgdUpdate = withOp(
  sgdOp,
  (p: Tensor, g: Tensor, buffer: Tensor, step: SgdAttrs & Donating): Tensor[] => {
    const { donate, ...attrs } = step;
    return applyMany(sgdOp, [p, g, buffer], attrs, donate ? [true, false, true] : null);
  },
);

const lerpOp = defineOp<readonly [Tensor, Tensor], LerpAttrs>({
  name: "lerpUpdate",
  kernels: { cpu: lerpKernel },
  rule: null,
  infer(inputs) {
    sameShapes("lerpUpdate", inputs);
    return inputs[0];
  },
  reference([a, b], { weight }, out) {
    for (let i = 0; i < out.data.length; i++) {
      const x = a.data[i] as number;
      out.data[i] = x + weight * ((b.data[i] as number) - x);
    }
  },
});

/** `a + weight · (b − a)`: one step of an exponential moving average. */
export const lerpUpdate = withOp(
  lerpOp,
  (a: Tensor, b: Tensor, { weight, donate }: LerpAttrs & Donating): Tensor =>
    apply(lerpOp, [a, b], { weight }, donate ? [true, false] : null),
);
