/** @file The GPU device in Node, on the npm package webgpu (Dawn). Needs a Vulkan driver; a software one will do. */
import { type Mode, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterAll, beforeAll, describe } from "vitest";
import { create } from "webgpu";

interface Hardware {
  readonly gpu: GPU;
  readonly name: string;
}

/** An adapter, if there is one. */
async function findHardware(): Promise<Hardware | null> {
  const gpu = create([]);
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter && { gpu, name: adapter.info.description };
}

/** Gives `navigator.gpu` to libraries, and takes it away again: Node does not end while it is there. */
function provide(gpu: GPU): () => void {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(globalThis, "navigator");
    else Object.defineProperty(globalThis, "navigator", before);
  };
}

/** One `describe` named after the adapter, with the device gpu started; skipped in one line where there is none. */
export async function describeNodeGpu(tests: () => void): Promise<void> {
  const found = await findHardware();
  if (found === null) {
    describe.skip("no WebGPU adapter in Node", tests);
    return;
  }
  describe(`webgpu in Node: ${found.name}`, () => {
    let takeBack: () => void = () => undefined;
    beforeAll(async () => {
      takeBack = provide(found.gpu);
      await startGpu({ mode: "webgpu" satisfies Mode });
    });
    afterAll(async () => {
      await stopGpu();
      takeBack();
    });
    tests();
  });
}
