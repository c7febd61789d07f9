/** @file Converts values between the host's dtypes and the floats that the GPU stores. */
import { type DType, makeArray, type TypedArray } from "../../base/dtype.js";
import { DTypeError } from "../../base/errors.js";
import { sizeOf } from "../../base/shape.js";
import type { Spec, View } from "../../core/contract.js";

import { EXACT } from "./gpujs/source.js";

/** Values as floats. @throws DTypeError for integers that are not exact as floats. */
export function toFloats(data: TypedArray, dtype: DType): Float32Array {
  if (dtype === "int32") {
    const at = data.findIndex((v: number) => Math.abs(v) > EXACT);
    if (at >= 0) {
      throw new DTypeError(
        "gpu",
        `the int32 ${data[at]} (number ${at}) is not exact on the GPU, which stores floats`,
        "keep integers within ±2^24 there, or the tensor on cpu",
      );
    }
  }
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

/**
 * Values of a dtype from floats.
 *
 * @throws DTypeError for integers and bools that are NaN: kernels make them so where floats do not
 * have the integer, or where an index was outside.
 */
export function fromFloats(values: Float32Array, dtype: DType): TypedArray {
  if (dtype === "float32") return values;
  const at = values.findIndex(Number.isNaN);
  if (at >= 0) {
    throw new DTypeError(
      "gpu",
      `number ${at} of this ${dtype} is not known: an integer reached ±2^24, or an index ` +
        "was outside",
      'the GPU stores floats: keep integers within ±2^24, or the tensors on cpu: await x.to("cpu")',
    );
  }
  if (dtype === "bool") return Uint8Array.from(values, (v) => (v === 0 ? 0 : 1));
  return Int32Array.from(values);
}

/** A zero-filled result for the reference to write to. */
export function blank(spec: Spec): View {
  const data = makeArray(spec.dtype, sizeOf(spec.shape));
  return { shape: spec.shape, dtype: spec.dtype, strides: null, data };
}
