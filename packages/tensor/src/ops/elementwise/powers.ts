/** @file Cube roots and powers of two, element by element. */
import { fromOut } from "../../core/rule.js";
import { unary } from "../define/elementwise.js";
import { ruled } from "../define/ruled.js";
import { div, mul } from "./binary.js";

/**
 * Cube root, `∛x`, elementwise, of negative numbers too; ±0, ±∞ and NaN stay. The derivative at 0
 * is ∞.
 *
 * @noMethod
 *
 * @example
 * cbrt(tensor([8, -27, 0])).toArray(); // [2, -3, 0]
 */
export const cbrt = ruled(
  unary("cbrt", { scalar: Math.cbrt, samples: { from: 0.2, to: 3 } }),
  // d ∛x = dx/(3y²); one factor at a time, since y² may vanish although g/y² does not overflow
  fromOut(({ out: y }) => [(g) => div(div(g, mul(y, 3)), y)]),
);

/**
 * Power of two, `2ˣ`, elementwise.
 *
 * @noMethod
 *
 * @example
 * exp2(tensor([-1, 0, 3])).toArray(); // [0.5, 1, 8]
 */
export const exp2 = ruled(
  unary("exp2", { scalar: (x) => 2 ** x }),
  // d 2ˣ = 2ˣ ln 2 dx
  fromOut(({ out: y }) => [(g) => mul(mul(g, y), Math.LN2)]),
);
