/**
 * @file Threads: the same bits as on one, whatever their number; the loss of a thread is an error,
 * and the next op has a new one.
 */
import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import * as t from "../../src/api/index.js";
import { CUTS } from "../../src/devices/cpu/exports.js";
import { createHeap } from "../../src/devices/cpu/heap.js";
import { LEFT_BITS, WORDS } from "../../src/devices/cpu/threads/control.js";
import { spans } from "../../src/devices/cpu/threads/cuts.js";
import type { Kernel } from "../../src/devices/cpu/threads/desk.js";
import type { Spawn } from "../../src/devices/cpu/threads/spawn.js";
import { spawner } from "../../src/devices/cpu/threads/spawn.js";
import { createTeam, type Team } from "../../src/devices/cpu/threads/team.js";
import { createMemory, startCore } from "../../src/devices/cpu/wasm.js";

const stream = Float32Array.from({ length: 1_100_000 }, (_, i) => Math.sin(i * i * 0.37) * 2);
const draw = (...shape: number[]): t.Tensor =>
  t.tensor(
    stream.subarray(
      0,
      shape.reduce((n, m) => n * m, 1),
    ),
    { shape },
  );
const ids = (n: number, below: number): t.Tensor =>
  t.tensor(
    Int32Array.from({ length: n }, (_, i) => (i * 7919) % below),
    { dtype: "int32" },
  );

/** The bits of a result, as one text: quicker to compare than numbers one by one. */
const bitsOf = (x: t.Tensor): string => {
  const data = x.dataSync();
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return createHash("sha256").update(bytes).digest("hex");
};

/** Calls large enough to be cut, with lengths that are no multiples of anything. */
const large: Readonly<Record<string, () => t.Tensor>> = {
  "matmul, tall": () => t.matmul(draw(517, 130), draw(130, 67)),
  "matmul, wide": () => t.matmul(draw(67, 130), draw(130, 517)),
  "matmul, transposed": () => t.matmul(draw(300, 301).mT, draw(299, 300).mT),
  "matmul, one row more than a piece": () => t.matmul(draw(97, 513), draw(513, 65)),
  "vector times matrix": () => t.matmul(draw(1, 1021), draw(1021, 1031)),
  "matrix times vector": () => t.matmul(draw(1031, 1021), draw(1021, 1)),
  "transposed matrix times vector": () => t.matmul(draw(1021, 1031).mT, draw(1021, 1)),
  "matmul, batch": () => t.matmul(draw(17, 65, 66), draw(17, 66, 67)),
  "matmul, float64": () => t.matmul(draw(131, 130).cast("float64"), draw(130, 129).cast("float64")),
  "tanh, strided no more": () => t.tanh(draw(200_003)),
  sqrt: () => t.sqrt(t.square(draw(200_003))),
  "add, flat": () => t.add(draw(200_003), draw(200_003)),
  "add, one number": () => t.add(draw(200_003), 2),
  "less, flat": () => t.less(draw(200_003), draw(200_003)),
  "mul, float64": () => t.mul(draw(200_003).cast("float64"), 3),
  "add, column": () => t.add(draw(513, 301), draw(513, 1)),
  "add, permuted": () => t.add(draw(301, 513).mT, draw(513, 301)),
  "greater, row": () => t.greater(draw(513, 301), draw(301)),
  where: () => t.where(t.greater(draw(513, 301), 0), draw(513, 301), draw(301)),
  clip: () => t.clip(draw(200_003), { min: -1, max: 1 }),
  cast: () => t.cast(draw(200_003), "int32"),
  softmax: () => t.softmax(draw(259, 515)),
  logSoftmax: () => t.logSoftmax(draw(259, 515)),
  logSumExp: () => t.logSumExp(draw(259, 515), { axis: 1 }),
  layerNorm: () => t.layerNorm(draw(259, 515), draw(515), draw(515)),
  "sum, rows": () => t.sum(draw(259, 1027), { axis: 1 }),
  "sum, middle": () => t.sum(draw(9, 131, 257), { axis: 1 }),
  "sum, float64": () => t.sum(draw(259, 1027).cast("float64"), { axis: 1 }),
  variance: () => t.variance(draw(259, 1027), { axis: 1 }),
  max: () => t.max(draw(259, 1027), { axis: 1 }),
  argmax: () => t.argmax(draw(259, 1027), { axis: 1 }),
  cumulativeSum: () => t.cumulativeSum(draw(259, 1027), { axis: 1 }),
  "take, rows": () => t.take(draw(999, 33), ids(8009, 999)),
  "take, columns": () => t.take(draw(257, 999), ids(1009, 999), { axis: 1 }),
  takeAlongAxis: () => t.takeAlongAxis(draw(259, 1027), ids(259 * 515, 1027).reshape([259, 515])),
  segmentSum: () => t.segmentSum(draw(5, 9001, 7), ids(9001, 13), 13, { axis: 1 }),
  "slice, backwards": () => t.slice(draw(513, 603), [null, [null, null, -2]]),
  concat: () => t.concat([draw(513, 301), draw(513, 303)], { axis: 1 }),
  "conv2d, forward": () => t.conv2d(draw(5, 9, 31, 33), draw(11, 9, 3, 3)),
};

describe("the number of threads", () => {
  afterAll(async () => void (await t.init()));

  it.each([true, false])("changes no bit (deterministic: %s)", async (deterministic) => {
    const results = new Map<string, string>();
    expect(await t.init({ threads: 1, deterministic })).toEqual({ threads: 1 });
    for (const [name, make] of Object.entries(large)) results.set(name, bitsOf(make()));
    expect(await t.init({ threads: 3, deterministic })).toEqual({ threads: 3 });
    for (const [name, make] of Object.entries(large)) {
      expect(bitsOf(make()), name).toBe(results.get(name));
    }
  });

  it.each([0, 1.5, -1, 33, Number.NaN])("is refused when it is %d", async (threads) => {
    await expect(t.init({ threads })).rejects.toThrow(/init: threads is .*\n.*help: /);
  });
});

describe("a worker that is gone between two ops", () => {
  it("is replaced, and nothing is lost", async () => {
    const seen: Worker[] = [];
    const see = (worker: Worker) => void seen.push(worker);
    process.on("worker", see);
    await t.init({ threads: 1 });
    await t.init({ threads: 2 });
    const x = draw(400, 401);
    const wanted = bitsOf(t.matmul(x, x.mT));
    await seen[0]?.terminate();
    expect(bitsOf(t.matmul(x, x.mT))).toBe(wanted);
    expect(await t.init({ threads: 2 })).toEqual({ threads: 2 });
    expect(bitsOf(t.matmul(x, x.mT))).toBe(wanted);
    await new Promise(setImmediate); // Node tells of a new worker a tick later
    expect(seen).toHaveLength(2);
    process.off("worker", see);
    await t.init();
  });
});

describe("threads that do not start", () => {
  const platform = process.getBuiltinModule("node:worker_threads");
  /** The starting of a runtime of its own, since a page says it once. */
  const fresh = async (name: string): Promise<typeof import("../../src/devices/cpu/runtime.js")> =>
    import(/* @vite-ignore */ `../../src/devices/cpu/runtime.ts?${name}`);
  const failing = (event: string, value: unknown) =>
    class extends EventEmitter {
      constructor() {
        super();
        setImmediate(() => this.emit(event, value));
      }
      unref() {}
      terminate() {}
    };
  const denied = Object.assign(new Error("Access to this API has been restricted"), {
    code: "ERR_ACCESS_DENIED",
  });
  class Refused {
    constructor() {
      throw denied;
    }
  }
  const { Worker: working } = platform;
  afterEach(() => {
    platform.Worker = working;
    vi.restoreAllMocks();
  });

  it.each([
    ["thrown", Refused, "Error: Access to this API has been restricted"],
    ["told", failing("error", new RangeError("no memory")), "RangeError: no memory"],
    ["ended", failing("exit", 9), "exit code 9"],
  ])("leave one, with the reason, said once: %s", async (name, Failing, reason) => {
    platform.Worker = Failing as never;
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { initCpu } = await fresh(name);
    expect(await initCpu({ threads: 3 })).toEqual({ threads: 1 });
    expect(await initCpu({ threads: 2 })).toEqual({ threads: 1 });
    expect(warn.mock.calls).toEqual([[`isograd: no threads: ${reason}`]]);
  });
});

describe("a team", () => {
  const memory = createMemory(1024, true);
  const core = startCore(memory);
  const heap = createHeap(memory, 20 * 65536);
  const kernels = { ...core.kernels } as Record<string, Kernel>;
  const lost: boolean[] = [];
  const teamOf = (spawn: Spawn, patience = 5000): Team =>
    createTeam({
      ...{ heap, spawn, workers: 1, scratchBytes: 65536, workBytes: 0, patience },
      modules: [core.module],
      names: Object.keys(core.kernels),
      lost: (wasReady) => void lost.push(wasReady),
    });
  const fills = (ptr: number, n: number) => ({
    ...{ kernel: kernels["fillI32"] as Kernel, name: "fillI32", workAt: -1 },
    args: Array.from({ length: n }, (_, i) => [1000, i + 1, ptr + i * 4000]),
  });
  beforeAll(() => expect(spawner()).not.toBeNull());

  it("does every piece once", async () => {
    const team = teamOf(spawner() as Spawn);
    await team.ready();
    const ptr = heap.alloc(40 * 4000);
    for (let round = 0; round < 200; round++) {
      heap.i32.fill(0, ptr >>> 2, (ptr >>> 2) + 40_000);
      team.run(fills(ptr, 40));
      for (let i = 0; i < 40; i++) expect(heap.i32[(ptr >>> 2) + i * 1000 + 999]).toBe(i + 1);
    }
    team.stop();
  });

  it("throws when a thread dies with a piece in its hands, and is over", async () => {
    /** Takes a piece and dies. */
    const source = `const { memory, control } = require("node:worker_threads").workerData;
      const words = new Int32Array(memory.buffer, control, 128);
      Atomics.add(words, ${WORDS.ready}, 1);
      for (;;) {
        const ticket = Atomics.load(words, ${WORDS.ticket});
        if ((ticket & ${(1 << LEFT_BITS) - 1}) === 0) continue;
        if (Atomics.compareExchange(words, ${WORDS.ticket}, ticket, ticket - 1) === ticket) break;
      }`;
    const events = new EventEmitter();
    const team = teamOf((workerData, died) => {
      const worker = new Worker(source, { eval: true, workerData });
      worker.on("exit", () => {
        events.emit("gone");
        died("gone");
      });
      return { kill: () => void worker.terminate() };
    }, 200);
    await team.ready();
    const gone = once(events, "gone");
    const ptr = heap.alloc(64 * 4000);
    const busy = {
      ...fills(ptr, 64),
      kernel: ((...args) => {
        for (const end = performance.now() + 2; performance.now() < end; );
        return (kernels["fillI32"] as Kernel)(...args);
      }) as Kernel,
    };
    expect(() => team.run(busy)).toThrow(t.DeviceError);
    await gone;
    expect(lost).toEqual([true]);
    expect(team.size()).toBe(1);
  });

  it("throws when a kernel traps", async () => {
    lost.length = 0;
    const team = teamOf(spawner() as Spawn);
    await team.ready();
    const beyond = { kernel: kernels["clear"] as Kernel, name: "clear", workAt: -1 };
    expect(() =>
      team.run({
        ...beyond,
        args: [
          [0xfffffff0, 100],
          [0xfffffff0, 100],
        ],
      }),
    ).toThrow(/^cpu: a thread failed in the kernel "clear"\n\s+help: /);
    expect(lost).toEqual([true]);
  });

  it("knows only kernels that exist", () => {
    const math = ["gemm", "gemmBatch", "layerNorm", "logSoftmax", "softmax", "tanh"];
    const known = Object.keys(CUTS);
    expect(known).toEqual(expect.arrayContaining(math));
    expect(known.filter((name) => name in kernels).length).toBeGreaterThan(60);
  });

  it("cuts lengths into spans that cover them", () => {
    for (const [n, pieces, grain, least] of [
      [1000, 4, 64, 64],
      [97, 4, 24, 24],
      [64, 4, 64, 64],
      [65, 2, 64, 64],
      [7, 8, 1, 1],
      [130, 4, 32, 64],
    ] as const) {
      const found = spans(n, pieces, grain, least);
      expect(found[0]?.[0]).toBe(0);
      expect(found.at(-1)?.[1]).toBe(n);
      for (const [i, [from]] of found.slice(1).entries()) expect(from).toBe(found[i]?.[1]);
      if (found.length > 1) {
        for (const [from, to] of found) expect(to - from).toBeGreaterThanOrEqual(least);
        for (const [from] of found) expect(from % grain).toBe(0);
      }
    }
  });
});
