/**
 * @file diag(v) B diag(u) A with B and A cut to the shape of a target: the product in VeRA and
 * Tied-LoRA.
 */
import { expandDims, mul, scope, slice, type Tensor } from "@isograd/tensor";
import type { Target } from "../adapters/targets.js";
import { minusProduct } from "./lora.js";
import { matrixShape } from "./method.js";

/**
 * `−diag(v) B[:out] diag(u) A[:, :in]` in the shape of a weight [out, in…]; exactly +0 where v is
 * 0.
 */
export function minusScaledProduct(
  v: Tensor,
  b: Tensor,
  u: Tensor,
  a: Tensor,
  like: Target,
): Tensor {
  const [rows, columns] = matrixShape("adapter", like);
  return scope(() => {
    const left = mul(slice(b, [[0, rows]]), expandDims(v, 1));
    const right = mul(slice(a, [null, [0, columns]]), expandDims(u, 1));
    return minusProduct(left, right, 1, like);
  });
}
