/** @file Changing the dtype of a tensor. */

import { checkDType, type DType, nearestInt32, promoteTypes } from "../../base/dtype.js";
import { apply } from "../../core/apply.js";
import { expectTensor } from "../../core/expect.js";
import { deviceOf } from "../../core/handle.js";
import { defineOp, withOp } from "../../core/op.js";
import { dropping, scope } from "../../core/scope.js";
import { Tensor } from "../../core/tensor.js";

/** @internal */
export interface CastAttrs {
  readonly dtype: DType;
}

const op = defineOp<readonly [Tensor], CastAttrs>({
  name: "cast",
  infer: ([x], { dtype }) => ({ shape: x.shape, dtype }),
  reference([x], { dtype }, out) {
    const from = x.data;
    if (dtype === "bool") {
      for (let i = 0; i < from.length; i++) out.data[i] = from[i] !== 0 ? 1 : 0;
    } else if (dtype === "int32") {
      for (let i = 0; i < from.length; i++) out.data[i] = nearestInt32(from[i] as number);
    } else out.data.set(from);
  },
});

/**
 * The same values in another dtype. Floats are truncated towards zero to int32, where what does not
 * fit becomes the nearest number that does, and NaN 0; anything but 0 is true.
 *
 * @throws DTypeError for an unknown dtype.
 * @example
 * cast(tensor([1.7, -1.7]), "int32").toString(); // Tensor(int32, [2]) [1, -1]
 */
export const cast = withOp(op, (x: Tensor, dtype: DType, ...surplus: []): Tensor => {
  expectTensor("cast", x, surplus);
  checkDType("cast", dtype);
  return apply(op, [x], { dtype });
});

/** `cast` without checks, as a hoisted function: the builders of ops use it on import. @internal */
export function castTo(x: Tensor, dtype: DType): Tensor {
  return apply(op, [x], { dtype });
}

/**
 * The dtype in which tensors that promote to `dtype` keep their values. Above 2²⁴ float32 rounds an
 * int32, which comparisons and differences would show. (GPUs keep integers as float32.)
 *
 * @internal
 */
export function exactType(dtype: DType, tensors: readonly Tensor[]): DType {
  if (dtype !== "float32" || tensors.every((x) => x.dtype !== "int32")) return dtype;
  const [first] = tensors;
  return first && deviceOf(first).dtypes.includes("float64") ? "float64" : dtype;
}

/** Runs `use` on integers as floats that are exact for them; the results are float32. @internal */
export function inFloats<R extends Tensor | readonly Tensor[]>(
  x: Tensor,
  use: (x: Tensor) => R,
): R {
  if (exactType("float32", [x]) === "float32") return dropping(castTo(x, "float32"), use);
  return scope(() => {
    const found: Tensor | readonly Tensor[] = use(castTo(x, "float64"));
    const narrow = (y: Tensor) => castTo(y, "float32");
    return (found instanceof Tensor ? narrow(found) : found.map(narrow)) as R;
  });
}

/**
 * Runs `use` on the tensors in the dtype that they promote to; disposes the converted copies.
 * @internal
 */
export function promoted(
  tensors: readonly Tensor[],
  use: (tensors: readonly Tensor[]) => Tensor,
): Tensor {
  const dtype = tensors.map((x) => x.dtype).reduce(promoteTypes);
  return scope(() => use(tensors.map((x) => (x.dtype === dtype ? x : castTo(x, dtype)))));
}
