/**
 * @file Bitwise functions of int32 (two's complement); of bools they are the logical ones. No
 * gradients.
 */

import { DTypeError } from "../../base/errors.js";
import { noMore } from "../../base/options.js";
import { apply } from "../../core/apply.js";
import { withOp } from "../../core/op.js";
import { scope } from "../../core/scope.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";
import { filled } from "../creation.js";
import { expectLike } from "../define/checks.js";
import { type BinaryFunction, elementwise2 } from "../define/elementwise.js";
import { pair } from "../define/lift.js";
import { sub } from "./binary.js";
import { logicalAnd, logicalNot, logicalOr, logicalXor } from "./compare.js";

/**
 * A GPU keeps integers within ±2²⁴ as floats. The text adds the sign first, then 25 bits from the
 * top, so that every partial sum is exact in floats.
 */
const digits = (digit: string, sign: string): string => `
    let r = ${sign} ? -33554432.0 : 0.0;
    let p = 16777216.0;
    let q = 0.000000059604644775390625;
    for (let i = 0; i < 25; i++) {
      const u = Math.floor(x * q) - 2.0 * Math.floor(x * q * 0.5);
      const v = Math.floor(y * q) - 2.0 * Math.floor(y * q * 0.5);
      r = r + p * (${digit});
      p = p * 0.5;
      q = q * 2.0;
    }
    return r;`;

const shifted = (step: string, beyond: string): string => `
    if (y < 0.0 || y > 31.0) { return ${beyond}; }
    let r = x;
    for (let i = 0; i < 32; i++) { if (i < y) { r = ${step}; } }
    return r;`;

function bitwise(
  name: string,
  scalar: (x: number, y: number) => number,
  gpu: string,
  ofBools?: BinaryFunction,
): BinaryFunction {
  const op = elementwise2(name, scalar, { gpu, dtype: (dtype) => dtype });
  return withOp(op, (a: TensorLike, b: TensorLike, surplus?: unknown): Tensor => {
    if (surplus !== undefined) noMore(name, [surplus], true);
    const bools = isBool(a) && isBool(b);
    if (bools && ofBools !== undefined) return ofBools(a, b);
    for (const x of [a, b]) checkWhole(name, x);
    if (!(a instanceof Tensor || b instanceof Tensor)) {
      return scope(() => apply(op, [wholeOf(name, a), wholeOf(name, b)], undefined));
    }
    return pair(name, a, b, "int32", (x, y) => apply(op, [x, y], undefined));
  });
}

/** A plain number as int32, where no operand is a tensor that gives the dtype. */
const wholeOf = (op: string, x: number | boolean): Tensor =>
  filled(op, [], Number(x), { dtype: "int32" });

const isBool = (x: TensorLike): boolean =>
  x instanceof Tensor ? x.dtype === "bool" : typeof x === "boolean";

function checkWhole(op: string, x: TensorLike): void {
  expectLike(op, x);
  const whole = x instanceof Tensor ? ["int32", "bool"].includes(x.dtype) : Number.isInteger(+x);
  if (whole) return;
  const what = x instanceof Tensor ? x.dtype : String(x);
  throw new DTypeError(op, `bits of ${what} are asked for`, 'cast to int32: cast(x, "int32")');
}

/**
 * Bits that are set in both; of bools, logicalAnd.
 *
 * @throws DTypeError for floats.
 * @example
 * bitwiseAnd(tensor([6], { dtype: "int32" }), 3).toArray(); // [2]
 */
export const bitwiseAnd = bitwise(
  "bitwiseAnd",
  (x, y) => x & y,
  digits("u * v", "x < 0.0 && y < 0.0"),
  logicalAnd,
);
/**
 * Bits that are set in either; of bools, logicalOr.
 *
 * @throws DTypeError for floats.
 * @example
 * bitwiseOr(tensor([6], { dtype: "int32" }), 3).toArray(); // [7]
 */
export const bitwiseOr = bitwise(
  "bitwiseOr",
  (x, y) => x | y,
  digits("u + v - u * v", "x < 0.0 || y < 0.0"),
  logicalOr,
);
/**
 * Bits that are set in exactly one; of bools, logicalXor.
 *
 * @throws DTypeError for floats.
 * @example
 * bitwiseXor(tensor([6], { dtype: "int32" }), 3).toArray(); // [5]
 */
export const bitwiseXor = bitwise(
  "bitwiseXor",
  (x, y) => x ^ y,
  digits("u + v - 2.0 * u * v", "(x < 0.0 ? 1.0 : 0.0) + (y < 0.0 ? 1.0 : 0.0) === 1.0"),
  logicalXor,
);
/**
 * `a · 2ᵇ` modulo 2³²: bits moved up, zeros after them; 0 when b is outside of [0, 31].
 *
 * @throws DTypeError for floats.
 * @example
 * bitwiseLeftShift(tensor([3], { dtype: "int32" }), 2).toArray(); // [12]
 */
export const bitwiseLeftShift = bitwise(
  "bitwiseLeftShift",
  (x, y) => (y >= 0 && y < 32 ? x << y : 0),
  shifted("r * 2.0", "0.0"),
);
/**
 * `⌊a / 2ᵇ⌋`: bits moved down, copies of the sign before them; the sign alone when b is outside of
 * [0, 31].
 *
 * @throws DTypeError for floats.
 * @example
 * bitwiseRightShift(tensor([-5], { dtype: "int32" }), 1).toArray(); // [-3]
 */
export const bitwiseRightShift = bitwise(
  "bitwiseRightShift",
  (x, y) => x >> (y >= 0 && y < 32 ? y : 31),
  shifted("Math.floor(r * 0.5)", "x < 0.0 ? -1.0 : 0.0"),
);

/**
 * Every bit turned: `−x − 1`; of bools, logicalNot.
 *
 * @throws DTypeError for floats.
 * @example
 * bitwiseInvert(tensor([0, 5], { dtype: "int32" })).toArray(); // [-1,-6]
 */
export function bitwiseInvert(x: TensorLike, ...surplus: []): Tensor {
  noMore("bitwiseInvert", surplus, true);
  if (isBool(x)) return logicalNot(x);
  checkWhole("bitwiseInvert", x);
  if (x instanceof Tensor) return sub(-1, x);
  return scope(() => sub(-1, wholeOf("bitwiseInvert", x)));
}
