/** @file Rotations of the plane and of space: about an axis, from quaternions, and at random. */
import { type Rng, type Tensor, type TypedArray, UsageError } from "@isograd/tensor";
import { drawn, given, makeArray } from "@isograd/tensor/engine";
import { expectFinite, expectOneOf, expectRng, expectWhole } from "../expect.js";
import { expectVector, type Matrix } from "./matrix.js";

/** The most rotations of one call of `randomRotations`. */
const MOST = 2 ** 22;

/** The rotation of the plane by `angle` (radians, counter-clockwise): an element of SO(2). */
export function planeRotation(angle: number): Matrix {
  expectFinite("planeRotation", "the angle", angle);
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
  expectVector("rotationAbout", "the axis", axis, 3);
  expectFinite("rotationAbout", "the angle", angle);
  const length = Math.hypot(...axis);
  if (!(length > 0)) {
    const problem = `the axis [${axis.join(", ")}] has no direction`;
    throw new UsageError("rotationAbout", problem, "take any vector but 0: [0, 0, 1] for z");
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
  expectVector("quaternionRotation", "the quaternion", q, 4);
  const norm = Math.hypot(...q);
  if (!(norm > 0)) {
    const help = "(1, 0, 0, 0) turns nothing";
    throw new UsageError("quaternionRotation", "the quaternion is 0", help);
  }
  const [w, x, y, z] = q.map((c) => c / norm) as [number, number, number, number];
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ];
}

/** @throws UsageError unless `dim` is 2 or 3. */
export function expectDim(op: string, dim: unknown): asserts dim is 2 | 3 {
  expectOneOf(op, "dim is 2 or 3, not", dim, [2, 3]);
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
  expectRng("randomRotation", random);
  expectDim("randomRotation", dim);
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
  options?: {
    readonly dim?: 2 | 3 | undefined;
    readonly dtype?: "float32" | "float64" | undefined;
  },
): Tensor {
  const { dim = 3, dtype = "float32" } = given("randomRotations", options, "dim# dtype");
  expectRng("randomRotations", random);
  expectWhole("randomRotations", "count", count, 0, MOST);
  expectDim("randomRotations", dim);
  const draw = (): TypedArray => {
    const values = makeArray(dtype, count * dim * dim);
    for (let i = 0; i < count; i++) values.set(randomRotation(random, dim).flat(), i * dim * dim);
    return values;
  };
  return drawn(random, [count, dim, dim], dtype, draw);
}
