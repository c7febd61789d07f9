/** @file Every op of the registry on the GPU, forward and backward, against the reference device. */
import type { Tensor } from "@isograd/tensor";
import { allOps } from "@isograd/tensor/engine";
import { expect, test, vi } from "vitest";
import { grad } from "../../src/index.js";
import { worstOf } from "./errors.js";
import { blur, kernelCases, product } from "./kernelOps.js";
import { differences, EXCEPTIONS, elementwiseOps } from "./special.js";

/** One test an op. */
export function opTests(): void {
  kernelOpTests();
  const strict = elementwiseOps().filter((op) => EXCEPTIONS[op.name] === undefined);
  test.each(strict.map((op) => [op.name, op] as const))("%s at special values", async (_, op) => {
    expect(await differences(op, "gpu")).toEqual([]);
  });
  test.each([...allOps().values()].map((op) => [op.name, op] as const))("%s", async (_, op) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined); // of ops without kernels
    const { ratio, where, left } = await worstOf(op, "gpu");
    warn.mockRestore();
    expect(ratio, where).toBeLessThanOrEqual(1);
    expect(left).toBeLessThanOrEqual(0); // the collector may find some of earlier tests
  });
}

/** Ops of a user's own as one GPU.js kernel: values and gradients of the reference. */
function kernelOpTests(): void {
  test("ops defined by one kernel", async () => {
    const results = (device: string) => {
      const { product: p, blur: b } = kernelCases(device);
      const both = ([x, y]: readonly [Tensor, Tensor]) => product(x, y).square().sum();
      const one = (x: Tensor) => blur(x, { weight: 0.4 }).square().sum();
      const grads = [...grad(both)([...p.inputs] as [Tensor, Tensor]), grad(one)(b.inputs[0])];
      return [product(...p.inputs), blur(b.inputs[0], { weight: 0.4 }), ...grads];
    };
    const wanted = results("reference");
    for (const [i, got] of results("gpu").entries()) {
      const values = await got.data();
      const expected = (wanted[i] as Tensor).dataSync();
      expected.forEach((v, k) => void expect(values[k]).toBeCloseTo(v, 4));
    }
  });
}
