/** @file Rotations: orthogonal, proper, uniform. */
import { test } from "@fast-check/vitest";
import {
  compose,
  determinant,
  identity,
  matricesEqual,
  planeRotation,
  quaternionRotation,
  randomRotation,
  randomRotations,
  rotatePoint,
  rotationAbout,
  transpose,
} from "@isograd/equivariant";
import { rng } from "@isograd/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });

describe("rotations", () => {
  test.prop([seed, fc.constantFrom(2 as const, 3 as const)])("R Rᵀ = 1, det R = 1", (s, dim) => {
    const r = randomRotation(rng(s), dim);
    expect(matricesEqual(compose(r, transpose(r)), identity(dim), 1e-14)).toBe(true);
    expect(determinant(r)).toBeCloseTo(1, 13);
  });

  test.prop([seed])("a rotation about an axis leaves it and adds up its angles", (s) => {
    const random = rng(s);
    const axis = [random.next() - 0.5, random.next() - 0.5, random.next() + 0.1] as const;
    const [a, b] = [6 * random.next() - 3, 6 * random.next() - 3];
    const turned = rotatePoint(rotationAbout([...axis], a), axis);
    turned.forEach((x, i) => {
      expect(x).toBeCloseTo(axis[i]!, 13);
    });
    const both = compose(rotationAbout([...axis], a), rotationAbout([...axis], b));
    expect(matricesEqual(both, rotationAbout([...axis], a + b), 1e-13)).toBe(true);
  });

  it("turns counter-clockwise, right-handed", () => {
    expect(rotatePoint(planeRotation(Math.PI / 2), [1, 0])[1]).toBeCloseTo(1, 15);
    expect(rotatePoint(rotationAbout([0, 0, 5], Math.PI / 2), [1, 0, 0])[1]).toBeCloseTo(1, 15);
  });

  it("draws uniformly: mean 0, second moments 1/3, trace 0 on average", () => {
    const random = rng(5);
    const N = 4000;
    const sums = [0, 0, 0, 0];
    for (let i = 0; i < N; i++) {
      const r = randomRotation(random);
      sums[0]! += r[0]![0]!;
      sums[1]! += r[1]![2]! ** 2;
      sums[2]! += r[0]![0]! + r[1]![1]! + r[2]![2]!;
      sums[3]! += r[2]![0]! * r[1]![1]!;
    }
    const [mean, second, trace, mixed] = sums.map((s) => s / N);
    // Standard deviations for N samples: 0.009, 0.005, 0.016, 0.005.
    expect(Math.abs(mean!)).toBeLessThan(0.04);
    expect(Math.abs(second! - 1 / 3)).toBeLessThan(0.02);
    expect(Math.abs(trace!)).toBeLessThan(0.07);
    expect(Math.abs(mixed!)).toBeLessThan(0.02);
  });

  it("makes batches, and refuses an axis without direction", () => {
    expect(randomRotations(rng(0), 4).shape).toEqual([4, 3, 3]);
    expect(randomRotations(rng(0), 4, { dim: 2, dtype: "float64" }).dtype).toBe("float64");
    expect(() => rotationAbout([0, 0, 0], 1)).toThrow("has no direction");
    expect(() => quaternionRotation([0, 0, 0, 0])).toThrow("quaternion is 0");
  });
});
