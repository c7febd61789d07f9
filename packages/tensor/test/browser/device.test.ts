/** @file The GPU device: reads, errors, ops on the host, caches, memory, a lost context. */

import {
  add,
  cholesky,
  DeviceError,
  DTypeError,
  devices,
  init,
  matmul,
  memory,
  mul,
  reshape,
  ShapeError,
  scope,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
} from "@isograd/tensor";
import { apply, defineOp } from "@isograd/tensor/engine";
import { type GpuDevice, type Mode, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { storageOf } from "../../src/api/engine.js";

/** An elementwise op of a user, with or without a formula for the GPU. */
function custom(name: string, gpu?: string) {
  return defineOp<readonly [Tensor]>({
    name,
    infer: ([x]) => x,
    reference([x], _, out) {
      for (let i = 0; i < out.data.length; i++) out.data[i] = 3 * (x?.data[i] as number);
    },
    kernels: { gpu },
  });
}

const on = (values: readonly number[], dtype: "float32" | "int32" = "float32") =>
  tensor(Float32Array.from(values), { dtype, device: "gpu" });

describe.each<Mode>(["webgl2", "webgpu"])("%s", (mode) => {
  let device: GpuDevice;
  beforeAll(async () => {
    const twice = await Promise.all([startGpu({ mode }), startGpu({ mode })]);
    device = twice[0];
    expect(twice[1]).toBe(device);
  });
  afterAll(stopGpu);

  test("is registered under its name and refuses to change its mode while it runs", async () => {
    expect(devices()).toContain("gpu");
    for (const same of await Promise.all([startGpu(), startGpu({ mode })])) {
      expect(same).toBe(device);
    }
    const other = mode === "webgl2" ? "webgpu" : "webgl2";
    await expect(startGpu({ mode: other })).rejects.toThrow(`runs in ${mode} mode already`);
  });

  test("reads at once where it can, and says what to do where it cannot", async () => {
    const x = on([1, 2, 3]);
    if (mode === "webgl2") expect([...x.dataSync()]).toEqual([1, 2, 3]);
    else expect(() => x.dataSync()).toThrow(/cannot be read at once\n {2}help: .*await x.data\(\)/);
    expect([...(await x.data())]).toEqual([1, 2, 3]);
    const back = await x.to("cpu");
    expect(back.toArray()).toEqual([1, 2, 3]);
    const known = on([4, 5], "int32"); // came from the host, and stays known there
    expect(known.toArray()).toEqual([4, 5]);
    for (const t of [x, back, known]) t.dispose();
  });

  test("a formula of a user runs; one that does not compile is an error, not zeros", async () => {
    const x = on([1, 2]);
    const tripled = apply(custom("triple", "return 3.0 * x;"), [x], undefined);
    expect([...(await tripled.data())]).toEqual([3, 6]);
    const bad = async () => {
      const y = apply(custom("wrong", "return x + (x > 0.0);"), [x], undefined);
      try {
        return await y.data();
      } finally {
        y.dispose();
      }
    };
    await expect(bad()).rejects.toThrow(DeviceError);
    await expect(bad()).rejects.toThrow(/^wrong: its Web(GL2|GPU) kernel/);
    expect([...(await x.data())]).toEqual([1, 2]);
    for (const t of [x, tripled]) t.dispose();
  });

  test("an op without a kernel goes through the host, and what follows waits for it", async () => {
    const x = on([1, 2]);
    const op = custom("tripleOnHost");
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const twice = [0, 1].map(() => apply(op, [x], undefined));
    const after = scope(() => sum(tanh(mul(twice[0] as Tensor, 0.1))));
    const last = scope(() => apply(op, [apply(op, [after], undefined)], undefined));
    for (const y of twice) y.dispose();
    x.dispose();
    const wanted = Math.tanh(0.3) + Math.tanh(0.6);
    expect((await last.data())[0]).toBeCloseTo(9 * wanted, 4);
    expect((await after.data())[0]).toBeCloseTo(wanted, 5);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toMatch(/tripleOnHost has no GPU kernel/);
    warn.mockRestore();
    for (const y of [after, last]) y.dispose();
  });

  test("what fails on the host says so, on WebGPU where the result is read", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const x = on([1, 2, 2, 1]);
    const m = reshape(x, [2, 2]);
    const run = async () => {
      const factor = scope(() => mul(cholesky(m), 2));
      try {
        await factor.data();
      } finally {
        factor.dispose();
      }
    };
    await expect(run()).rejects.toThrow("cholesky: matrix 0 of the batch is not positive definite");
    const fine = add(x, 1);
    expect([...(await fine.data())]).toEqual([2, 3, 3, 2]);
    warn.mockRestore();
    for (const t of [x, m, fine]) t.dispose();
  });

  test("indices from the host are checked; others give NaN", async () => {
    const x = on([1, 2, 3]);
    const far = on([0, 3], "int32");
    expect(() => take(x, far)).toThrow(ShapeError);
    expect(() => take(x, far)).toThrow(
      "take: index 3 (number 1 of the indices) is outside of [-3, 3)",
    );
    const made = add(far, 0);
    const taken = take(x, made);
    expect([...(await taken.data())]).toEqual([1, Number.NaN]);
    for (const t of [x, far, made, taken]) t.dispose();
  });

  test("integers that floats cannot hold are refused, and so is float64", async () => {
    expect(() => tensor([2 ** 24 + 1, 0], { dtype: "int32", device: "gpu" })).toThrow(DTypeError);
    const wide = tensor([1], { dtype: "float64" });
    await expect(wide.to("gpu")).rejects.toThrow(DTypeError);
    wide.dispose();
  });

  test("a reshape shares memory, a transpose is free for matmul", async () => {
    const x = on([1, 2, 3, 4, 5, 6]);
    const before = device.counts().launches;
    const y = reshape(x, [2, 3]);
    const t = y.mT;
    expect(device.counts().launches).toBe(before);
    expect(storageOf(y)).toBe(storageOf(x));
    const z = matmul(y, t);
    expect([...(await z.data())]).toEqual([14, 32, 32, 77]);
    expect(device.counts().launches).toBe(before + 1);
    for (const a of [x, y, t, z]) a.dispose();
  });

  test("300 steps of a chain leave memory where it was, and compile nothing anew", async () => {
    const x = on(Array.from({ length: 64 }, (_, i) => i / 64));
    const step = async (t: number) => {
      const y = scope(() => sum(tanh(mul(add(x, 1), t % 7))));
      if (t % 50 < 8) await y.data();
      else await null; // the end of a task: work is sent
      y.dispose();
    };
    for (let t = 0; t < 10; t++) await step(t);
    const [before, counts] = [JSON.stringify(memory()), device.counts()];
    for (let t = 0; t < 300; t++) await step(t);
    expect(JSON.stringify(memory())).toBe(before);
    expect(device.counts().compiled).toBe(counts.compiled);
    // the chain is one kernel, the sum another
    expect(device.counts().launches - counts.launches).toBe(300 * 2);
    x.dispose();
  });

  test("a lost context is an error, and the device starts again", async () => {
    const x = on([1, 2]);
    const lose = await loser(mode);
    const reading = x.data().catch((error: unknown) => error);
    await lose();
    expect(device.lost).toBe(true);
    if (mode === "webgpu") expect(await reading).toBeInstanceOf(DeviceError);
    expect(() => tanh(x)).toThrow(/(context|device) was lost\n {2}help: start again/);
    await expect(x.data()).rejects.toThrow(DeviceError);
    device = await init("gpu", { mode });
    await expect(x.data()).rejects.toThrow(/was lost\n {2}help: start again.*of before are gone/);
    x.dispose();
    const y = on([0]);
    const z = tanh(y);
    expect([...(await z.data())]).toEqual([0]);
    for (const t of [y, z]) t.dispose();
  });
});

/** What takes the context away behind the device's back, at once when it is called. */
async function loser(mode: Mode): Promise<() => Promise<void>> {
  const told = () => new Promise<void>((resolve) => setTimeout(resolve, 50));
  if (mode === "webgl2") {
    return () => {
      for (const gl of contexts) gl.getExtension("WEBGL_lose_context")?.loseContext();
      return told();
    };
  }
  const lib = (await import("gpu.js")) as unknown as Lib & { default?: Lib };
  const { device } = await (lib.WebGPUContext ?? (lib.default as Lib).WebGPUContext).acquire();
  return async () => {
    device.destroy();
    await device.lost;
    await told();
  };
}

interface Lib {
  readonly WebGPUContext: { acquire(): Promise<{ readonly device: GPUDevice }> };
}

/** All WebGL2 contexts since this file was loaded. */
const contexts: WebGL2RenderingContext[] = [];
const getContext = OffscreenCanvas.prototype.getContext;
OffscreenCanvas.prototype.getContext = function (this: OffscreenCanvas, ...args: unknown[]) {
  const made = Reflect.apply(getContext, this, args) as OffscreenRenderingContext | null;
  if (made instanceof WebGL2RenderingContext) contexts.push(made);
  return made;
} as typeof getContext;
