/**
 * @file diag(v) B diag(u) A with B and A cut to the shape of a target: the product in VeRA and
 * Tied-LoRA.
 */
import type { Parameter } from "@isograd/nn";
import { expandDims, mul, scope, slice, type Tensor } from "@isograd/tensor";
import { minusProduct } from "./lora.js";

/**
 * `−diag(v) B[:out] diag(u) A[:, :in]` in the shape of a weight [out, in…]; exactly +0 where v is
 * 0.
 */
export function minusScaledProduct(
  v: Tensor,
  b: Tensor,
  u: Tensor,
  a: Tensor,
  like: Parameter,
): Tensor {
  const rows = like.shape[0] as number;
  const columns = like.own.size / rows;
  return scope(() => {
    const left = mul(slice(b, [[0, rows]]), expandDims(v, 1));
    const right = mul(slice(a, [null, [0, columns]]), expandDims(u, 1));
    return minusProduct(left, right, 1, like);
  });
}
