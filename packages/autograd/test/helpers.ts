/** @file Helpers of the tests of autograd. */
import { type Tensor, tensor } from "@isograd/tensor";

/** A float64 tensor on the reference device. */
export function f64(values: Parameters<typeof tensor>[0]): Tensor {
  return tensor(values, { dtype: "float64", device: "reference" });
}

/** The elements, rounded to 10 digits, as plain numbers. */
export function numbers(x: Tensor): number[] {
  return Array.from(x.dataSync(), (v) => Number(v.toPrecision(10)));
}
