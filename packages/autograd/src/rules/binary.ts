/** @file Derivatives of elementwise arithmetic. Broadcasting is undone by the tape, not here. */
import {
  add,
  copysign,
  div,
  equal,
  floor,
  greater,
  less,
  log,
  logicalAnd,
  logicalOr,
  mul,
  neg,
  pow,
  sigmoid,
  sign,
  square,
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
  // d(a/b) = da/b − a db/b²
  div: fromInputs(({ inputs: [a, b] }) => [
    (g) => div(g, b),
    (g) => neg(mul(g, div(a, square(b)))),
  ]),
  // d aᵇ = b a^(b−1) da + aᵇ log a db; 0 where b = 0, and where a = 0 with b ≥ 0
  pow: fromInputs(({ inputs: [a, b] }) => [
    (g) => mul(g, where(equal(b, 0), 0, mul(b, pow(a, sub(b, 1))))),
    (g) => {
      const flat = logicalAnd(equal(a, 0), logicalOr(greater(b, 0), equal(b, 0)));
      return mul(g, where(flat, 0, mul(pow(a, b), log(where(flat, 1, a)))));
    },
  ]),
  // a mod b = a − ⌊a/b⌋ b
  mod: fromInputs(({ inputs: [a, b] }) => [(g) => g, (g) => neg(mul(g, floor(div(a, b))))]),
  floorDivide: null,
  // d √(a² + b²) = (a da + b db) / y; 0 at the origin
  hypot: fromBoth(({ inputs: [a, b], out }) => {
    const length = () => where(equal(out, 0), 1, out);
    return [(g) => mul(g, div(a, length())), (g) => mul(g, div(b, length()))];
  }),
  // d |a| sign(b) = sign(a) sign(b) da
  copysign: fromInputs(({ inputs: [a, b] }) => [(g) => mul(g, mul(sign(a), copysign(1, b))), null]),
  // d log(eᵃ + eᵇ) = σ(a − b) da + σ(b − a) db
  logaddexp: fromInputs(({ inputs: [a, b] }) => [
    (g) => mul(g, sigmoid(sub(a, b))),
    (g) => mul(g, sigmoid(sub(b, a))),
  ]),
  maximum: fromInputs(({ inputs: [a, b] }) => [
    (g) => mul(g, share(a, b)),
    (g) => mul(g, share(b, a)),
  ]),
  minimum: fromInputs(({ inputs: [a, b] }) => [
    (g) => mul(g, share(b, a)),
    (g) => mul(g, share(a, b)),
  ]),
  // d atan2(a, b) = (b da − a db) / (a² + b²)
  atan2: fromInputs(({ inputs: [a, b] }) => {
    const norm = () => add(square(a), square(b));
    return [(g) => mul(g, div(b, norm())), (g) => neg(mul(g, div(a, norm())))];
  }),
};

/** 1 where the first is larger, ½ at a tie, else 0. */
function share(first: Tensor, second: Tensor): Tensor {
  const won = greater(first, second).cast(first.dtype);
  const lost = less(first, second).cast(first.dtype);
  return mul(add(sub(won, lost), 1), 0.5);
}
