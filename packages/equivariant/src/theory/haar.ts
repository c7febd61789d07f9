/** @file Batches of uniform random rotations as tensors. */
import { type Rng, type Tensor, type TensorOptions, tensor } from "@isograd/tensor";
import { sizeOf } from "@isograd/tensor/engine";
import { randomRotation } from "../geometry/rotations.js";

/** Uniform rotations [...shape, n, n]; default: in the generator's dtype, on its device. */
export function randomMatrices(
  random: Rng,
  shape: readonly number[],
  n: 2 | 3,
  options: TensorOptions = {},
): Tensor {
  const count = sizeOf(shape);
  const values = new Float64Array(count * n * n);
  for (let i = 0; i < count; i++) values.set(randomRotation(random, n).flat(), i * n * n);
  const { dtype, device } = random.uniform([0], options);
  return tensor(values, { shape: [...shape, n, n], dtype, device });
}
