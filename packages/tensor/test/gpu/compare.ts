/** @file Runs one case on the reference device and on another. */
import { scope, type Tensor } from "@isograd/tensor";
import { expect } from "vitest";
import type { Case } from "./case.js";

const list = (x: Tensor | Tensor[]): Tensor[] => (Array.isArray(x) ? x : [x]);

/** Where the results differ by more than allowed, or null. Disposes all tensors. */
export async function difference(c: Case, device = "gpu"): Promise<string | null> {
  const inputs = c.inputs();
  const expected = list(scope(() => c.run(...inputs)));
  const moved = await Promise.all(inputs.map((x) => x.to(device)));
  const got = list(scope(() => c.run(...moved)));
  const { atol = 1e-5, rtol = 2e-6 } = c;
  let found: string | null = null;
  for (const [i, want] of expected.entries()) {
    const have = got[i] as Tensor;
    expect(have.device).toBe(device);
    expect([have.dtype, ...have.shape]).toEqual([want.dtype, ...want.shape]);
    const [a, b] = [await have.data(), want.dataSync()];
    b.forEach((y, k) => {
      const x = a[k] as number;
      const near = Math.abs(x - y) <= atol + rtol * Math.abs(y);
      if (!near && !Object.is(x, y) && x !== y) {
        found ??= `result ${i} at ${k}: ${x}, expected ${y}`;
      }
    });
  }
  for (const x of [...inputs, ...moved, ...expected, ...got]) x.dispose();
  return found;
}
