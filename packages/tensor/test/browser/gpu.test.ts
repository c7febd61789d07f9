/** @file The GPU device in headless Chromium: every op in both modes of GPU.js against the reference device. */

import { memory, scope, type Tensor } from "@isograd/tensor";
import { type Mode, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Case } from "../gpu/case.js";
import { cases } from "../gpu/cases.js";

const list = (x: Tensor | Tensor[]): Tensor[] => (Array.isArray(x) ? x : [x]);

/** Where two results differ by more than allowed, or null. */
async function difference(c: Case): Promise<string | null> {
  const inputs = c.inputs();
  const expected = list(scope(() => c.run(...inputs)));
  const moved = await Promise.all(inputs.map((x) => x.to("gpu")));
  const got = list(scope(() => c.run(...moved)));
  const { atol = 1e-5, rtol = 2e-6 } = c;
  let found: string | null = null;
  for (const [i, want] of expected.entries()) {
    const have = got[i] as Tensor;
    expect(have.device).toBe("gpu");
    expect([have.dtype, ...have.shape]).toEqual([want.dtype, ...want.shape]);
    const [a, b] = [await have.data(), want.dataSync()];
    b.forEach((y, k) => {
      const x = a[k] as number;
      const near = Math.abs(x - y) <= atol + rtol * Math.abs(y);
      if (!near && !Object.is(x, y) && x !== y)
        found ??= `result ${i} at ${k}: ${x}, expected ${y}`;
    });
  }
  for (const x of [...inputs, ...moved, ...expected, ...got]) x.dispose();
  return found;
}

describe.each<Mode>(["webgl2", "webgpu"])("%s", (mode) => {
  beforeAll(async () => {
    const device = await startGpu({ mode });
    expect(device.mode).toBe(mode);
  });
  afterAll(stopGpu);

  test.each(cases.map((c) => [c.name, c] as const))("%s", async (_, c) => {
    const before = memory();
    expect(await difference(c)).toBeNull();
    expect(memory().tensors).toBe(before.tensors);
  });
});
