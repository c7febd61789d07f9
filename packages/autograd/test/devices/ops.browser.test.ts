/**
 * @file Every op of the registry in headless Chromium, in both modes of GPU.js. With `-u` they
 * write golden/gpuErrors.json, which the table of ops shows.
 */
import { type Mode, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterAll, beforeAll, describe } from "vitest";
import { server } from "vitest/browser";
import known from "../golden/gpuErrors.json" with { type: "json" };
import { type Measured, opTests } from "./opTests.js";

const update = server.config.snapshotOptions.updateSnapshot === "all";
const found: Partial<Record<Mode, Measured>> = {};

describe.each<Mode>(["webgl2", "webgpu"])("%s", (mode) => {
  beforeAll(async () => void (await startGpu({ mode })));
  afterAll(stopGpu);
  found[mode] = opTests(update ? null : known[mode]);
});

afterAll(async () => {
  const text = `${JSON.stringify(found, null, 2)}\n`;
  if (update) await server.commands.writeFile("packages/autograd/test/golden/gpuErrors.json", text);
});
