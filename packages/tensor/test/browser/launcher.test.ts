/**
 * @file The bounded cache of kernels over the real drivers: a kernel that leaves it is freed, and
 * compiled again when it is needed.
 */
import { describe, expect, test, vi } from "vitest";
import type { Backend } from "../../src/devices/gpu/gpujs/backend.js";
import { Launcher } from "../../src/devices/gpu/gpujs/launcher.js";
import { type GpuJs, loadGpuJs } from "../../src/devices/gpu/gpujs/library.js";
import { startWebGl } from "../../src/devices/gpu/gpujs/webgl.js";
import { startWebGpu } from "../../src/devices/gpu/gpujs/webgpu.js";

const starts: Readonly<Record<string, (lib: GpuJs) => Backend | Promise<Backend>>> = {
  webgl2: startWebGl,
  webgpu: startWebGpu,
};

describe.each(Object.keys(starts))("%s", (mode) => {
  test("of 12 kernels 3 stay, and each gives its own result, again and again", async () => {
    const backend = await (starts[mode] as (lib: GpuJs) => Promise<Backend>)(await loadGpuJs());
    const launcher = new Launcher(backend, 3);
    const freed = vi.spyOn(WebGL2RenderingContext.prototype, "deleteProgram");
    const a = backend.upload(Float32Array.of(5, 6));
    for (let k = 0; k < 24; k++) {
      const body = `return a[this.thread.x] * ${1 + (k % 12)}.0;`;
      const out = launcher.launch({ op: "test", body, output: 2, arrays: { a } });
      expect([...(await backend.read(out, 2))]).toEqual([5, 6].map((v) => v * (1 + (k % 12))));
      backend.recycle(out);
    }
    expect(launcher.counts()).toEqual({ kernels: 3, compiled: 24, launches: 24 });
    if (mode === "webgl2") expect(freed).toHaveBeenCalledTimes(21);
    launcher.destroy();
    await backend.stop();
    vi.restoreAllMocks();
  });
});
