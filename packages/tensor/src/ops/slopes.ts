/**
 * @file Derivatives of smooth functions times a cotangent, in one pass over memory. Rules use them;
 * they are ops with rules of their own.
 *
 * @internal
 */

import { apply } from "../core/apply.js";
import type { OpFunction, Samples } from "../core/contract.js";
import { defineOp, withOp } from "../core/op.js";
import type { Tensor } from "../core/tensor.js";

import { sameShape } from "./define/checks.js";
import { eachRow } from "./define/walks.js";
import { geluSlope, geluTanhSlope, sigmoidSlope, siluSlope, tanhSlope } from "./special/scalars.js";

export type Slope = OpFunction<
  (at: Tensor, g: Tensor) => Tensor,
  readonly [Tensor, Tensor],
  undefined
>;

/** `g · slope(at)` for two tensors of one shape. */
function slope(
  name: string,
  scalar: (at: number, g: number) => number,
  gpu?: string,
  samples: Samples = { from: -2, to: 2 },
): Slope {
  const op = defineOp<readonly [Tensor, Tensor]>({
    name,
    infer: ([at, g]) => sameShape(name, at, g),
    reference([at, g], _, out) {
      for (let i = 0; i < out.data.length; i++) {
        out.data[i] = scalar(at.data[i] as number, g.data[i] as number);
      }
    },
    scalar,
    kernels: { gpu },
    samples,
  });
  return withOp(op, (at: Tensor, g: Tensor) => apply(op, [at, g], undefined));
}

/** `g (1 − tanh²(x))`; takes x, since tanh(x) rounds to ±1 where the slope is still above 0. */
export const tanhGrad = slope("tanhGrad", (x, g) => g * tanhSlope(x));
/** `g s (1 − s)` with s = sigmoid(x); takes x for the same reason. */
export const sigmoidGrad = slope("sigmoidGrad", (x, g) => g * sigmoidSlope(x));
/** `g` where x > 0, else 0. */
export const reluGrad = slope("reluGrad", (x, g) => (x > 0 ? g : 0), "return x > 0.0 ? y : 0.0;");
/** `g (Φ(x) + x φ(x))`. */
export const geluGrad = slope("geluGrad", (x, g) => g * geluSlope(x));
/** `g` times the derivative of geluTanh at x. */
export const geluTanhGrad = slope("geluTanhGrad", (x, g) => g * geluTanhSlope(x));
/** `g (s + x s (1 − s))` with s = sigmoid(x). */
export const siluGrad = slope("siluGrad", (x, g) => g * siluSlope(x));

function rowSlope(
  name: string,
  sum: (y: number, g: number) => number,
  value: (y: number, g: number, total: number) => number,
): Slope {
  const op = defineOp<readonly [Tensor, Tensor]>({
    name,
    infer: ([y, g]) => sameShape(name, y, g),
    reference([y, g], _, out) {
      eachRow(y, (start, length) => {
        let total = 0;
        for (let i = start; i < start + length; i++) {
          total += sum(y.data[i] as number, g.data[i] as number);
        }
        for (let i = start; i < start + length; i++) {
          out.data[i] = value(y.data[i] as number, g.data[i] as number, total);
        }
      });
    },
  });
  return withOp(op, (y: Tensor, g: Tensor) => apply(op, [y, g], undefined));
}

/** `y (g − Σ g y)` over the last axis, y = softmax(x). */
export const softmaxGrad = rowSlope(
  "softmaxGrad",
  (y, g) => y * g,
  (y, g, total) => y * (g - total),
);
/**
 * `g − eʸ Σ g` over the last axis, y = logSoftmax(x). Where eʸ is above ½ it is computed from
 * eʸ − 1, which keeps the digits of the rest.
 */
export const logSoftmaxGrad = rowSlope(
  "logSoftmaxGrad",
  (_, g) => g,
  (y, g, total) =>
    y > -0.69 ? -g * Math.expm1(y) - Math.exp(y) * (total - g) : g - Math.exp(y) * total,
);
