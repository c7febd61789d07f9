/**
 * @file The functions of the squared angle in exponentials and logarithms of motions. They are
 * smooth at 0, where their closed forms divide by 0. Independent of the groups.
 */
import { less, mul, sqrt, type Tensor, where } from "@isograd/tensor";

/**
 * Below this squared angle the series is used: its terms shrink fast, and the closed form cancels.
 */
const SMALL = 0.5;

/** `(−1)^k / (2k + first)!` for k = 0 … 9. */
function alternating(first: number): number[] {
  let term = 1;
  for (let i = 2; i <= first; i++) term /= i;
  return Array.from({ length: 10 }, (_, k) => {
    const now = term;
    term /= -(2 * k + first + 1) * (2 * k + first + 2);
    return now;
  });
}

/**
 * `Σ_k c_k q^k` for small q, the closed form of θ = √q elsewhere. The unused branch gets a safe
 * argument, so neither its value nor its derivatives are NaN.
 */
function smooth(
  q: Tensor,
  coefficients: readonly number[],
  closed: (angle: Tensor, q: Tensor) => Tensor,
  limit = SMALL,
): Tensor {
  const small = less(q, limit);
  const near = where(small, q, 0);
  const far = where(small, 1, q);
  const terms = coefficients.slice(0, q.dtype === "float64" ? 10 : 6);
  const series = terms
    .slice(0, -1)
    .reduceRight<Tensor | number>((sum, c) => mul(sum, near).add(c), terms.at(-1) as number);
  return where(small, series, closed(sqrt(far), far));
}

/** `sin θ / θ` of q = θ². */
export function sinc(q: Tensor): Tensor {
  return smooth(q, alternating(1), (angle) => angle.sin().div(angle));
}

/** `(1 − cos θ) / θ²` of q = θ². */
export function versine(q: Tensor): Tensor {
  // 1 − cos θ = 2 sin²(θ/2), without cancellation
  return smooth(q, alternating(2), (angle, far) => angle.mul(0.5).sin().square().mul(2).div(far));
}

/** `(θ − sin θ) / θ³` of q = θ². */
export function sineRest(q: Tensor): Tensor {
  return smooth(q, alternating(3), (angle, far) => angle.sub(angle.sin()).div(far.mul(angle)));
}

/** `|B_2k| / (2k)!` with the Bernoulli numbers, k = 1 … 8. */
const bernoulli = [
  1 / 12,
  1 / 720,
  1 / 30240,
  1 / 1209600,
  1 / 47900160,
  691 / 1307674368000,
  1 / 74724249600,
  3617 / 10670622842880000,
];

/** `(1 − (θ/2) cot(θ/2)) / θ²` of q = θ², for θ up to π. */
export function cotangentRest(q: Tensor): Tensor {
  return smooth(q, bernoulli, (angle, far) => {
    const half = angle.mul(0.5);
    return half.mul(half.cos()).div(half.sin()).neg().add(1).div(far);
  });
}

/** `((2k − 1)!! / (2k)!!) / (2k + 1)`: the series of the arc sine. */
const arcsine = Array.from({ length: 9 }, (_, k) => {
  let ratio = 1;
  for (let i = 1; i <= k; i++) ratio *= (2 * i - 1) / (2 * i);
  return ratio / (2 * k + 1);
});

/**
 * The angle divided by the sine s of its half, `2 asin(s) / s`, from q = s² ≤ ½ and the cosine of
 * the half.
 */
export function halfSineAngle(q: Tensor, cosine: Tensor): Tensor {
  const limit = 0.02;
  const atRest = less(q, limit);
  const safe = where(atRest, 1, cosine);
  return smooth(q, arcsine, (s) => s.atan2(safe).div(s), limit).mul(2);
}
