/** @file Numbers in the place of NaN and infinities. */
import { isFloat } from "../../base/dtype.js";
import { given } from "../../base/options.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { reshape } from "../shape/movement.js";
import { equal, notEqual, where } from "./compare.js";

/** What {@link nanToNum} writes. */
export interface NanToNumOptions {
  /** In the place of NaN. Default: 0. */
  readonly nan?: number | undefined;
  /** In the place of ∞. Default: the largest number of the dtype. */
  readonly posInf?: number | undefined;
  /** In the place of −∞. Default: the least number of the dtype. */
  readonly negInf?: number | undefined;
}

/**
 * The tensor with numbers in the place of NaN, ∞ and −∞; integers and bools stay as they are. The
 * gradient is 1 where a number stays, 0 where one is written.
 *
 * @noMethod
 *
 * @example
 * nanToNum(tensor([NaN, 1, -Infinity]), { negInf: -9 }).toArray(); // [0, 1, -9]
 */
export function nanToNum(x: Tensor, options?: NanToNumOptions): Tensor {
  expectTensor("nanToNum", x);
  const { nan = 0, ...ends } = given("nanToNum", options, "nan# posInf# negInf#");
  const { posInf = LARGEST[x.dtype === "float64" ? "float64" : "float32"] } = ends;
  const { negInf = -LARGEST[x.dtype === "float64" ? "float64" : "float32"] } = ends;
  return scope(() => {
    if (!isFloat(x.dtype)) return reshape(x, x.shape);
    const low = where(equal(x, Number.NEGATIVE_INFINITY), negInf, x);
    return where(notEqual(x, x), nan, where(equal(x, Number.POSITIVE_INFINITY), posInf, low));
  });
}

const LARGEST = { float32: 2 ** 128 - 2 ** 104, float64: Number.MAX_VALUE } as const;
