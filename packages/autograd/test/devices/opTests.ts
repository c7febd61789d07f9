/** @file Every op of the registry on the GPU, forward and backward, against the reference device. */
import { allOps } from "@isograd/tensor/engine";
import { expect, test, vi } from "vitest";
import { worstOf } from "./errors.js";

/** One test an op. */
export function opTests(): void {
  test.each([...allOps().values()].map((op) => [op.name, op] as const))("%s", async (_, op) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined); // of ops without kernels
    const { ratio, where, left } = await worstOf(op, "gpu");
    warn.mockRestore();
    expect(ratio, where).toBeLessThanOrEqual(1);
    expect(left).toBe(0);
  });
}
