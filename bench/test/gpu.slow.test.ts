/**
 * @file `npm run bench -- --gpu` as it is typed: the page runs in headless Chromium, contenders
 * agree, figures are finite.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromiumPath } from "@isograd/testkit/chromium";
import { beforeAll, describe, expect, it } from "vitest";

interface Written {
  readonly adapters: Record<string, string>;
  readonly hardware: boolean;
  readonly peaks: Record<string, { gigabytesPerSecond: number; gigaflops: number }>;
  readonly results: readonly {
    readonly name: string;
    readonly mode: string;
    readonly entries: Record<string, { ms: number; ratio: number }>;
    readonly wrong: readonly string[];
    readonly launches: number;
    readonly share: { readonly of: string; readonly reached: number };
  }[];
}

const found = existsSync(chromiumPath);
if (!found) console.log(`skipped: no browser at ${chromiumPath} for the bench`);
const root = new URL("../../", import.meta.url).pathname;
const MODES = ["webgpu", "webgl2"];

describe.skipIf(!found)("the bench on a GPU", { timeout: 300_000 }, () => {
  let written: Written;
  let table: string;

  beforeAll(() => {
    const out = join(mkdtempSync(join(tmpdir(), "bench-")), "gpu.json");
    const args = ["scripts/bench.mjs", "--gpu", "--quick", "--filter", "matmul 256,tanh"];
    table = execFileSync(process.execPath, [...args, "--out", out], { cwd: root }).toString();
    written = JSON.parse(readFileSync(out, "utf8"));
  }, 300_000);

  it("names the adapters and measures their peaks", () => {
    for (const mode of MODES) {
      expect(written.adapters[mode]).toMatch(/swiftshader/i);
      const { gigabytesPerSecond = 0, gigaflops = 0 } = written.peaks[mode] ?? {};
      expect(gigabytesPerSecond).toBeGreaterThan(0.05);
      expect(gigabytesPerSecond).toBeLessThan(100); // a kernel that does nothing is faster
      expect(gigaflops).toBeGreaterThan(0.2);
      expect(gigaflops).toBeLessThan(1000);
    }
    expect(written.hardware).toBe(false);
  });

  it("times every contender on the same work", () => {
    expect(written.results.map(({ name, mode }) => `${name} ${mode}`)).toEqual([
      "matmul 256 webgpu",
      "matmul 256 webgl2",
      "tanh(x·y + z) 1e6 webgpu",
      "tanh(x·y + z) 1e6 webgl2",
    ]);
    for (const { entries, wrong } of written.results) {
      expect(wrong).toEqual([]);
      expect(entries["isograd"]?.ms).toBeGreaterThan(0);
      expect(entries["tfjs"]?.ratio).toBeGreaterThan(0);
    }
  });

  it("lets no run be left out: each launches its kernel and the one that asks for a number", () => {
    const chains = written.results.filter(({ name }) => name.startsWith("tanh"));
    expect(chains.map(({ launches }) => launches)).toEqual([2, 2]);
    for (const { launches } of written.results) expect(launches).toBeGreaterThanOrEqual(2);
  });

  it("states shares of the peaks, which nothing exceeds by much", () => {
    for (const { share } of written.results) {
      expect(share.reached).toBeGreaterThan(0);
      expect(share.reached).toBeLessThan(1.5);
    }
    expect(table).toMatch(/matmul 256, webgpu: \S+ % of arithmetic/);
    expect(table).toMatch(/tanh.*, webgl2: \S+ % of bandwidth/);
  });
});
