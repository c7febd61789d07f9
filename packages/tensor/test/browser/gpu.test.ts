/**
 * @file The GPU device in headless Chromium: every op in both modes of GPU.js against the reference
 * device.
 */
import { memory } from "@isograd/tensor";
import { type Mode, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cases } from "../gpu/cases.js";
import { difference } from "../gpu/compare.js";

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
