/** @file A comparison of two devices, and operands for it. */
import { type DType, type Tensor, tensor } from "@isograd/tensor";

/** One comparison: operands made on the host, and the function to run on both devices. */
export interface Case {
  readonly name: string;
  /** The ops that it tests. */
  readonly ops: readonly string[];
  readonly inputs: () => Tensor[];
  readonly run: (...xs: Tensor[]) => Tensor | Tensor[];
  /** Absolute and relative tolerance of float results. */
  readonly atol?: number;
  readonly rtol?: number;
}

/** The same numbers in every run: multiples of the golden ratio, modulo 1. */
export function numbers(shape: readonly number[], from = -2, to = 2, seed = 0): Tensor {
  const size = shape.reduce((n, m) => n * m, 1);
  const values = Float32Array.from({ length: size }, (_, i) => {
    const u = ((i + 1 + seed * 7.3) * 0.6180339887498949) % 1;
    return from + (to - from) * u;
  });
  return tensor(values, { shape, device: "reference" });
}

/** A tensor of given values. */
export function given(
  values: readonly number[],
  shape?: readonly number[],
  dtype: DType = "float32",
) {
  const options = { dtype, device: "reference", shape: shape ?? [values.length] };
  return tensor(Float64Array.from(values), options);
}

/** A tensor of int32. */
export const ints = (values: readonly number[], shape?: readonly number[]) =>
  given(values, shape, "int32");
/** A tensor of bools. */
export const bools = (values: readonly number[], shape?: readonly number[]) =>
  given(values, shape, "bool");
