/**
 * @file The GPU device in Node, on the npm package webgpu (Dawn). Needs a Vulkan driver; one that
 * renders in software is enough.
 */
import { type GpuOptions, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterAll, beforeAll, describe } from "vitest";
import { create } from "webgpu";

interface Hardware {
  readonly gpu: GPU;
  readonly name: string;
}

/** The first adapter; null without one. */
async function findHardware(): Promise<Hardware | null> {
  const gpu = create([]);
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter && { gpu, name: adapter.info.description };
}

/** Sets `navigator.gpu`; returns a function that removes it, since Node cannot exit before. */
function provide(gpu: GPU): () => void {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(globalThis, "navigator");
    else Object.defineProperty(globalThis, "navigator", before);
  };
}

/**
 * One `describe` named after the adapter and the options, with the device gpu started. Without an
 * adapter it shows up as skipped.
 */
export async function describeNodeGpu(
  tests: () => void,
  options: Omit<GpuOptions, "mode"> = {},
): Promise<void> {
  const found = await findHardware();
  if (found === null) {
    describe.skip("no WebGPU adapter in Node", tests);
    return;
  }
  const how = Object.entries(options).map(([name, value]) => `, ${name} ${value}`);
  describe(`webgpu in Node: ${found.name}${how.join("")}`, () => {
    let remove: () => void = () => undefined;
    beforeAll(async () => {
      remove = provide(found.gpu);
      await startGpu({ mode: "webgpu", ...options });
    });
    afterAll(async () => {
      await stopGpu();
      remove();
    });
    tests();
  });
}
