/** @file Every op of the registry on the GPU, forward and backward, against the reference device. */
import { type Tensor, tensor } from "@isograd/tensor";
import { allOps } from "@isograd/tensor/engine";
import { expect, test, vi } from "vitest";
import { worstOf } from "./errors.js";
import { kernelResults, OPERAND, SHAPES, TEXTS, textOp } from "./kernelOps.js";
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
  test.each(SHAPES.map((shape) => [shape] as const))("kernel ops, shape %j", async (shape) => {
    const wanted = kernelResults(shape, "reference");
    for (const [i, got] of kernelResults(shape, "gpu").entries()) {
      await expectSame(got, wanted[i] as Tensor);
    }
  });

  test.each(Object.keys(TEXTS))("a kernel with %s", async (name) => {
    const op = textOp(name);
    await expectSame(
      op(tensor(OPERAND, { device: "gpu" })),
      op(tensor(OPERAND, { device: "reference" })),
    );
  });
}

async function expectSame(got: Tensor, wanted: Tensor): Promise<void> {
  const values = await got.data();
  wanted.dataSync().forEach((v, k) => {
    if (Number.isNaN(v)) expect(values[k]).toBeNaN();
    else expect(Math.abs((values[k] as number) - v)).toBeLessThan(1e-5 + 1e-4 * Math.abs(v));
  });
}
