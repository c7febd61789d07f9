/**
 * @file The next number of a float dtype, by its bits. Reads its operands: there is no kernel for
 * it.
 */

import { type DType, isFloat, makeArray } from "../../base/dtype.js";
import { DTypeError } from "../../base/errors.js";
import { noMore } from "../../base/options.js";
import { broadcastShapes } from "../../base/shape.js";
import { fromTypedArray } from "../../core/creation.js";
import { scope } from "../../core/scope.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";
import { pair } from "../define/lift.js";
import { broadcastTo } from "../shape/movement.js";

/**
 * The number next to `a` in the direction of `b`; `b` where they are equal. No gradient. Numbers
 * take the dtype of the tensor beside them, float32 without one.
 *
 * @noMethod
 *
 * @throws DTypeError for tensors of integers or bools; DeviceError where tensors cannot be read at
 * once.
 * @example
 * nextafter(tensor([1]), 2).item() - 1; // 1.1920928955078125e-7
 */
export function nextafter(a: TensorLike, b: TensorLike, ...surplus: []): Tensor {
  noMore("nextafter", surplus);
  const [p, q] = [a, b].map((x) => (x instanceof Tensor ? x.dtype : "float32"));
  if (!isFloat(p as DType) || !isFloat(q as DType)) {
    throw new DTypeError("nextafter", `${p} and ${q} are not both floats`, "cast first");
  }
  return pair("nextafter", a, b, "float32", nextTo);
}

function nextTo(a: Tensor, b: Tensor): Tensor {
  const { dtype } = a;
  const shape = broadcastShapes("nextafter", a.shape, b.shape);
  const values = (x: Tensor) => scope(() => broadcastTo(x, shape).dataSync());
  const [from, to] = [values(a), values(b)];
  const out = makeArray(dtype, from.length);
  const step = dtype === "float32" ? stepper(new Float32Array(1)) : stepper(new Float64Array(1));
  for (let i = 0; i < out.length; i++) out[i] = step(from[i] as number, to[i] as number);
  return fromTypedArray(out, shape, dtype, a.device);
}

/** Numbers of one sign are ordered as the integers of their bits. */
function stepper(cell: Float32Array | Float64Array): (x: number, y: number) => number {
  const wide = cell instanceof Float64Array;
  const bits = wide ? new BigInt64Array(cell.buffer) : new Int32Array(cell.buffer);
  return (x, y) => {
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
    if (x === y) return y;
    cell[0] = x;
    if (x === 0) {
      (bits as { [k: number]: number | bigint })[0] = wide ? 1n : 1;
      return y > 0 ? cell[0] : -cell[0];
    }
    const away = y > x === x > 0;
    if (bits instanceof Int32Array) (bits[0] as number) += away ? 1 : -1;
    else (bits[0] as bigint) += away ? 1n : -1n;
    return cell[0];
  };
}
