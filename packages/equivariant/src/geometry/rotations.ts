/** @file Rotations of the plane and of space: about an axis, from quaternions, and at random. */
import { type Rng, type Tensor, tensor, UsageError } from "@isograd/tensor";
import type { Matrix } from "./matrix.js";

/** The rotation of the plane by `angle` (radians, counter-clockwise): an element of SO(2). */
export function planeRotation(angle: number): Matrix {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [
    [c, -s],
    [s, c],
  ];
}

/**
 * The rotation of space by `angle` (radians, right-handed) about `axis` (any length but 0): an
 * element of SO(3).
 *
 * @throws UsageError for an axis of length 0.
 * @example
 * rotatePoint(rotationAbout([0, 0, 2], Math.PI), [1, 0, 0]).map(Math.round); // [-1,0,0]
 */
export function rotationAbout(axis: readonly [number, number, number], angle: number): Matrix {
  const length = Math.hypot(...axis);
  if (!(length > 0)) {
    throw new UsageError("rotationAbout", `the axis [${axis.join(", ")}] has no direction`);
  }
  const [half, scale] = [Math.cos(angle / 2), Math.sin(angle / 2) / length];
  return quaternionRotation([half, axis[0] * scale, axis[1] * scale, axis[2] * scale]);
}

/**
 * The rotation `v ↦ q v q⁻¹` of a quaternion (w, x, y, z) of any length but 0; q and −q give the
 * same one.
 *
 * @throws UsageError for a quaternion of length 0.
 */
export function quaternionRotation(q: readonly [number, number, number, number]): Matrix {
  const norm = Math.hypot(...q);
  if (!(norm > 0)) throw new UsageError("quaternionRotation", "the quaternion is 0");
  const [w, x, y, z] = q.map((c) => c / norm) as [number, number, number, number];
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ];
}

/**
 * A random rotation, uniform (Haar measure) on SO(3), or on SO(2) with `dim` 2.
 *
 * In space, three uniform numbers give a uniform quaternion on the 3-sphere. Source: K. Shoemake,
 * Uniform random rotations, Graphics Gems III (1992).
 *
 * @example
 * determinant(randomRotation(rng(0))).toFixed(6); // 1.000000
 */
export function randomRotation(random: Rng, dim: 2 | 3 = 3): Matrix {
  if (dim === 2) return planeRotation(2 * Math.PI * random.next());
  const [u, a, b] = [random.next(), 2 * Math.PI * random.next(), 2 * Math.PI * random.next()];
  const [p, q] = [Math.sqrt(1 - u), Math.sqrt(u)];
  return quaternionRotation([q * Math.cos(b), p * Math.sin(a), p * Math.cos(a), q * Math.sin(b)]);
}

/**
 * `count` independent uniform rotations, shape [count, dim, dim]: one for each graph of a batch.
 * Rotate row vectors x [count, n, dim] by `matmul(x, rotations.mT)`.
 *
 * @example
 * randomRotations(rng(0), 10).shape; // [10,3,3]
 */
export function randomRotations(
  random: Rng,
  count: number,
  options: {
    readonly dim?: 2 | 3 | undefined;
    readonly dtype?: "float32" | "float64" | undefined;
  } = {},
): Tensor {
  const { dim = 3, dtype = "float32" } = options;
  const values = new Float64Array(count * dim * dim);
  for (let i = 0; i < count; i++) values.set(randomRotation(random, dim).flat(), i * dim * dim);
  return tensor(values, { shape: [count, dim, dim], dtype });
}
