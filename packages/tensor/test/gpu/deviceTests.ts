/** @file Comparisons of the GPU device with the reference in headless Chromium, in both modes of GPU.js. */
import { memory } from "@isograd/tensor";
import { type Mode, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Case } from "./case.js";
import { difference } from "./compare.js";

/** Runs the cases: each gives what the reference gives, and leaves no tensor. */
export function deviceTests(cases: readonly Case[]): void {
  describe.each<Mode>(["webgl2", "webgpu"])("%s", (mode) => {
    beforeAll(async () => {
      const device = await startGpu({ mode });
      expect(device.mode).toBe(mode);
    });
    afterAll(stopGpu);

    test.each(cases.map((c) => [c.name, c] as const))("%s", async (_, c) => {
      const before = memory().tensors;
      expect(await difference(c)).toBeNull();
      expect(memory().tensors).toBe(before);
    });
  });
}
