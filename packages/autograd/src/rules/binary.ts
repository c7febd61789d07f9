/** @file Derivatives of elementwise arithmetic. The walk undoes broadcasting, not the rules. */
import {
  abs,
  add,
  copysign,
  div,
  equal,
  floorDivide,
  greater,
  greaterEqual,
  hypot,
  isInf,
  less,
  log,
  logicalAnd,
  logicalOr,
  mul,
  neg,
  notEqual,
  pow,
  sigmoid,
  sign,
  sub,
  type Tensor,
  where,
} from "@isograd/tensor";
import type { commonFamilies } from "@isograd/tensor/engine";
import { fromBoth, fromInputs, linear, type RulesFor } from "./rule.js";

export const binaryRules: RulesFor<typeof commonFamilies.binary> = {
  add: linear(() => [(g) => g, (g) => g]),
  sub: linear(() => [(g) => g, (g) => neg(g)]),
  // d(ab) = b da + a db
  mul: fromInputs(({ inputs: [a, b] }) => [(g) => mul(g, b), (g) => mul(g, a)]),
  // d(a/b) = da/b − (a/b) db/b: b² may overflow or underflow although a/b² does not
  div: fromInputs(({ inputs: [a, b] }) => [
    (g) => div(g, b),
    (g) => neg(div(mul(g, div(a, b)), b)),
  ]),
  // d aᵇ = b a^(b−1) da + aᵇ log a db
  pow: fromInputs(({ inputs: [a, b] }) => [
    (g) => mul(g, powerSlope(a, b)),
    (g) => mul(g, powerGrowth(a, b)),
  ]),
  // d(a mod b) = da − ⌊a/b⌋ db; floorDivide rounds the quotient as mod does
  mod: fromInputs(({ inputs: [a, b] }) => [(g) => g, (g) => neg(mul(g, floorDivide(a, b)))]),
  floorDivide: null,
  // d √(a² + b²) = (a da + b db) / y; 0 at the origin, and so is the second derivative
  hypot: fromBoth(({ inputs: [a, b], out }) => [
    (g) => mul(g, overLength(a, out)),
    (g) => mul(g, overLength(b, out)),
  ]),
  // d |a| sign(b) = sign(a) sign(b) da
  copysign: fromInputs(({ inputs: [a, b] }) => [(g) => mul(g, mul(sign(a), copysign(1, b))), null]),
  // d log(eᵃ + eᵇ) = σ(a − b) da + σ(b − a) db
  logaddexp: fromBoth(({ inputs: [a, b], out }) => [
    (g) => mul(g, exponentialShare(a, b, out)),
    (g) => mul(g, exponentialShare(b, a, out)),
  ]),
  maximum: fromInputs(({ inputs: [a, b] }) => [
    (g) => mul(g, share(a, b)),
    (g) => mul(g, share(b, a)),
  ]),
  minimum: fromInputs(({ inputs: [a, b] }) => [
    (g) => mul(g, share(b, a)),
    (g) => mul(g, share(a, b)),
  ]),
  // d atan2(a, b) = (b da − a db) / r² with r = √(a² + b²), divided twice as r² may overflow; 0 at
  // the origin
  atan2: fromInputs(({ inputs: [a, b] }) => {
    const turn = (x: Tensor) => {
      const r = hypot(a, b);
      return overLength(overLength(x, r), r);
    };
    return [(g) => mul(g, turn(b)), (g) => neg(mul(g, turn(a)))];
  }),
};

/** The smallest number whose reciprocal is finite on every device, subnormal numbers or not. */
const smallest = (x: Tensor): number => (x.dtype === "float64" ? 2 ** -1000 : 2 ** -120);

/** `b a^(b−1)`; 0 at exponent 0 if 1/a overflows, so that its derivatives are not NaN. */
function powerSlope(a: Tensor, b: Tensor): Tensor {
  const safe = logicalOr(notEqual(b, 0), greaterEqual(abs(a), smallest(a)));
  return where(safe, mul(b, pow(where(safe, a, 1), sub(b, 1))), 0);
}

/**
 * `aᵇ log a`. At base 0 the logarithm counts as 0 when b ≥ 0: then the derivative by a,
 * `a^(b−1) (1 + b log a)`, is 1 at exponent 1 and 0 above.
 */
function powerGrowth(a: Tensor, b: Tensor): Tensor {
  const flat = logicalAnd(equal(a, 0), greaterEqual(b, 0));
  const base = where(flat, 1, a);
  return where(flat, mul(a, equal(b, 1)), mul(pow(base, b), log(base)));
}

/** x / length; where the length is 0, it is 0 and so are its derivatives. */
function overLength(x: Tensor, length: Tensor): Tensor {
  const none = equal(length, 0);
  return where(none, 0, div(x, where(none, 1, length)));
}

/** eᵃ / (eᵃ + eᵇ): 0 where both are −∞ and the result is constant, ½ where both are ∞. */
function exponentialShare(a: Tensor, b: Tensor, out: Tensor): Tensor {
  const tie = logicalAnd(isInf(out), equal(a, b));
  const share = sigmoid(sub(where(tie, 0, a), where(tie, 0, b)));
  return where(equal(out, Number.NEGATIVE_INFINITY), 0, share);
}

/** 1 where the first is larger, ½ at a tie, else 0. */
function share(first: Tensor, second: Tensor): Tensor {
  const won = greater(first, second).cast(first.dtype);
  const lost = less(first, second).cast(first.dtype);
  return mul(add(sub(won, lost), 1), 0.5);
}
