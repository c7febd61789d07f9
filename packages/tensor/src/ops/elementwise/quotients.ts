/** @file Remainders as C has them, and quotients together with their remainders. */
import { noMore } from "../../base/options.js";
import { broadcastShapes } from "../../base/shape.js";
import { fromInputs } from "../../core/rule.js";
import { scope } from "../../core/scope.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";
import { expectLike } from "../define/checks.js";
import { binary } from "../define/elementwise.js";
import { ruled } from "../define/ruled.js";
import { floorDivide, mod, mul } from "./binary.js";
import { abs, neg, sign } from "./unary.js";

/**
 * Remainder with the sign of the dividend, as C's `fmod` and JavaScript's `%`:
 * `a − trunc(a/b) b`, exactly. {@link mod} has the sign of the divisor. NaN where b is 0 or a is
 * ±∞; an integer modulo 0 is 0. Its derivative by b is `−trunc(a/b)`.
 *
 * @noMethod
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * fmod(tensor([7, -7]), 4).toArray(); // [3, -3]
 */
export const fmod = ruled(
  binary("fmod", { scalar: (x, y) => x % y, samples: { from: 0.3, to: 2.5 } }),
  // d fmod(a, b) = da − trunc(a/b) db; of sizes, floorDivide gives a/b as truncated exactly
  fromInputs(({ inputs: [a, b] }) => [
    (g) => g,
    (g) => neg(mul(g, mul(floorDivide(abs(a), abs(b)), mul(sign(a), sign(b))))),
  ]),
);

/**
 * Quotient and remainder, `[⌊a/b⌋, a − ⌊a/b⌋ b]`: {@link floorDivide}, which has no gradient, and
 * {@link mod}.
 *
 * @noMethod
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * const [quotient, rest] = divmod(tensor([7, -7]), 4);
 * quotient.toArray(); // [1, -2]
 * rest.toArray(); // [3, 1]
 */
export function divmod(
  a: TensorLike,
  b: TensorLike,
  ...surplus: []
): [quotient: Tensor, remainder: Tensor] {
  noMore("divmod", surplus, true);
  expectLike("divmod", a);
  expectLike("divmod", b);
  if (a instanceof Tensor && b instanceof Tensor) broadcastShapes("divmod", a.shape, b.shape);
  return scope(() => [floorDivide(a, b), mod(a, b)]);
}
