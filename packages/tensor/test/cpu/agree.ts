/** @file Runs one program on the CPU device and on the reference, and compares what it makes. */
import { expect } from "vitest";
import * as t from "../../src/api/index.js";
import { noise, worst } from "./harness.js";

/** Reproducible values of a shape. */
export type Values = (shape: readonly number[], seed?: number) => t.Tensor;
/** Makes tensors of values, indices below n, and masks. */
export type Program = (
  x: Values,
  index: (shape: readonly number[], n: number) => t.Tensor,
  mask: Values,
) => t.Tensor | t.Tensor[];

/** Runs a program on both devices and compares what it makes. */
export function agree(program: Program, allowed = 2e-6): void {
  const results = ["cpu", "reference"].map((device) => {
    const size = (shape: readonly number[]) => shape.reduce((n, m) => n * m, 1);
    const x: Values = (shape, seed = 1) => t.tensor(noise(size(shape), 2, seed), { shape, device });
    const index = (shape: readonly number[], n: number) =>
      t.tensor(
        Int32Array.from({ length: size(shape) }, (_, i) => (i * 7 + 3) % n),
        { shape, device },
      );
    const mask: Values = (shape, seed = 1) => t.greater(x(shape, seed), 0);
    return t.scope(() =>
      [program(x, index, mask)]
        .flat()
        .map((y) => ({ shape: y.shape, dtype: y.dtype, data: y.dataSync() })),
    );
  });
  const [cpu, reference] = results as [(typeof results)[0], (typeof results)[0]];
  expect(cpu.length).toBe(reference.length);
  cpu.forEach((got, i) => {
    const want = reference[i] as typeof got;
    expect([got.shape, got.dtype]).toEqual([want.shape, want.dtype]);
    const { error, at } = worst(got.data, want.data, 1);
    expect(error, `at ${at}: ${got.data[at]} instead of ${want.data[at]}`).toBeLessThan(allowed);
  });
}
