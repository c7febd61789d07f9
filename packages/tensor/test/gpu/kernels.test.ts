/** @file The text of every GPU kernel, run as JavaScript: values, indices, lifetimes, caches. */
import { type Tensor, tensor } from "@isograd/tensor";
import {
  allOps,
  apply,
  defineOp,
  families,
  registerDevice,
  unregisterDevice,
} from "@isograd/tensor/engine";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { GpuDevice } from "../../src/devices/gpu/device.js";
import type { Mode } from "../../src/devices/gpu/gpujs/backend.js";
import { Launcher } from "../../src/devices/gpu/gpujs/launcher.js";
import { Pool } from "../../src/devices/gpu/gpujs/pool.js";
import { checkExact, coalesce, offset } from "../../src/devices/gpu/gpujs/source.js";
import { cases } from "./cases.js";
import { difference } from "./compare.js";
import { HostBackend } from "./hostBackend.js";

test("every op of the registry has a case", () => {
  // these have no kernels: they run on the host
  const host = Object.values(families.linalg).flatMap((f) => ("op" in f ? [f.op.name] : []));
  const covered = new Set([...cases.flatMap((c) => c.ops), ...host]);
  expect([...allOps().keys()].filter((name) => !covered.has(name))).toEqual([]);
});

const WAYS: readonly [Mode, string, number | undefined][] = [
  ["webgl2", "floats", undefined],
  ["webgpu", "floats", undefined],
  ["webgpu", "whole numbers, as for large arrays", 0],
];

describe.each(WAYS)("as %s lays them out, counting in %s", (mode, _, exact) => {
  const backend = new HostBackend(mode);
  const device = new GpuDevice(backend, exact);
  beforeAll(() => registerDevice(device));
  afterAll(async () => {
    await device.stop();
    unregisterDevice("gpu");
    expect([backend.alive.size, backend.programs]).toEqual([0, 0]);
  });

  test.each(cases.map((c) => [c.name, c] as const))("%s", async (_, c) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    expect(await difference(c)).toBeNull();
    expect(warn).not.toHaveBeenCalled(); // all have kernels, operands without elements or not
    warn.mockRestore();
    expect(device.memory().bytes).toBe(0);
  });

  test("an op of the same name as one of ours does not get its kernel", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const op = defineOp<readonly [Tensor]>({
      name: "logSumExp",
      infer: ([x]) => x,
      reference: ([x], _, out) => out.data.set(x?.data.map((v) => v + 1) ?? []),
    });
    const x = tensor([1, 2], { device: "gpu" });
    const y = apply(op, [x], undefined);
    expect([...(await y.data())]).toEqual([2, 3]);
    for (const t of [x, y]) t.dispose();
    vi.restoreAllMocks();
  });

  test("all blocks but the cached numbers are given back", () => {
    const tables = [...backend.alive].map((block) => block.size).filter((size) => size > 1);
    expect(tables).toEqual([1, 2, 7, 12].map((n) => 2 * n)); // of the Fourier transforms
    expect(backend.alive.size).toBeLessThanOrEqual(256 + tables.length);
    for (let i = 0; i < 400; i++) tensor(i + 0.5, { device: "gpu" }).dispose();
    expect(backend.alive.size).toBe(256 + tables.length);
  });
});

test("kernels beyond the limit are destroyed, least recently used first", () => {
  const backend = new HostBackend("webgpu");
  const launcher = new Launcher(backend, 2);
  const a = backend.upload(Float32Array.of(5));
  const run = (k: number) => {
    const body = `return a[0] + ${k};`;
    return launcher.launch({ op: "test", body, output: 1, arrays: { a } });
  };
  for (const k of [1, 2, 1, 3, 1]) run(k);
  expect(launcher.counts()).toEqual({ kernels: 2, compiled: 3, launches: 5 });
  run(2);
  expect([backend.programs, launcher.counts().compiled]).toEqual([2, 4]);
});

test("a pool hands out what was given back, and destroys what does not fit", () => {
  const destroyed: number[] = [];
  const pool = new Pool<{ key: number }>(
    { make: (key) => ({ key }), destroy: (x) => destroyed.push(x.key), bytesOf: (key) => key },
    100,
  );
  const [a, b, c] = [pool.take(40), pool.take(50), pool.take(200)];
  expect(pool.reserved).toBe(290);
  pool.give(40, a);
  pool.give(50, b);
  expect(pool.take(40)).toBe(a);
  pool.give(40, a);
  const d = pool.take(60);
  pool.give(60, d);
  expect(destroyed).toEqual([40, 50]);
  pool.give(200, c);
  expect([destroyed, pool.reserved]).toEqual([[40, 50, 60, 200], 0]);
});

test("axes merge when every operand walks them in one run", () => {
  expect(coalesce([2, 3, 4], [[12, 4, 1]])).toEqual({ lengths: [24], steps: [[1]] });
  const two = coalesce(
    [2, 3, 4],
    [
      [12, 4, 1],
      [0, 4, 1],
    ],
  );
  expect(two).toEqual({
    lengths: [12, 2],
    steps: [
      [1, 12],
      [1, 0],
    ],
  });
  expect(coalesce([1, 1], [[0, 0]])).toEqual({ lengths: [], steps: [[]] });
  expect(offset(["r0", "k1"], [-1, 6], 5)).toBe("5 - r0 + k1 * 6");
  expect(offset(["r0"], [0])).toBe("0");
});

test("more elements than floats can count are refused", () => {
  expect(() => checkExact("sum", 2 ** 24 + 1)).toThrow(/^sum: 16777217 elements are more than/);
});
