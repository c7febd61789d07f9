/** @file PONITA in headless Chromium, in both modes of GPU.js. */
import { type Mode, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterAll, beforeAll, describe } from "vitest";
import { lawsTests } from "./lawsTests.js";
import { ponitaTests } from "./ponitaTests.js";

describe.each<Mode>(["webgl2", "webgpu"])("%s", (mode) => {
  beforeAll(async () => void (await startGpu({ mode })));
  afterAll(stopGpu);
  ponitaTests();
  lawsTests();
});
