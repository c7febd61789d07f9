import { afterEach, describe, expect, it } from "vitest";
import * as t from "../../src/api/index.js";
import { init } from "../../src/api/init.js";
import { hasRelaxedSimd } from "../../src/devices/cpu/wasm.js";
import { builds, floats, noise, output, put, WORK } from "./harness.js";

describe("init", () => {
  afterEach(() => init());

  it("makes the bits those of the plain build, and of the best one again", async () => {
    const [m, n, k] = [20, 24, 100];
    const [a, b] = [noise(m * k, 1, 2), noise(k * n, 1, 3)];
    const from = (name: string) => {
      const out = output(m * n * 4);
      const { math } = builds.find((build) => build.name === name) ?? builds[0]!;
      math.gemm(m, n, k, put(a), k * 4, 4, put(b), n * 4, 4, out, n * 4, 0, 0, WORK);
      return floats(out, m * n);
    };
    const product = () =>
      t.matmul(t.tensor(a, { shape: [m, k] }), t.tensor(b, { shape: [k, n] })).dataSync();
    await init({ deterministic: true });
    expect(product()).toEqual(from("plain"));
    await init();
    expect(product()).toEqual(from(hasRelaxedSimd() ? "fused" : "plain"));
  });

  it("keeps tensors that were made before", async () => {
    const x = t.tensor([1, 2, 3]);
    await init({ deterministic: true });
    expect(Array.from(t.add(x, x).dataSync())).toEqual([2, 4, 6]);
  });
});
