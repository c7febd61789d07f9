/** @file The distortion table: one 64×64 layer, d = 256, steps of length 0.1. */

import { Linear, type Module } from "@isograd/nn";
import { rng, svdvals, type Tensor, tensor, UsageError, zeros } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  type Adapter,
  type Distortion,
  deltaMap,
  denseProjection,
  distortion,
  fastfood,
  fullFineTune,
  gpart,
  lora,
  partition,
  project,
  uniLora,
} from "../src/index.js";

const float64 = { dtype: "float64" } as const;
const [n, d] = [64 * 64, 256];
const origin = zeros([d], float64);

function expectRange({ min, max }: Distortion, low: number, high: number): void {
  expect(min).toBeGreaterThan(low);
  expect(max).toBeLessThan(high);
}

function expectSpectrum(found: Distortion, largest: number, smallest: number): void {
  expect(found.singularValues[0]).toBeCloseTo(largest, 1);
  expect(found.singularValues[d - 1]).toBeCloseTo(smallest, 1);
}

describe("GPart", () => {
  it("is exact", () => {
    const p = partition({ n, d, seed: 1 });
    const found = distortion((theta) => project(p, theta), { at: origin });
    expectRange(found, 1 - 1e-14, 1 + 1e-14);
    for (const s of found.singularValues) expect(Math.abs(s - 1)).toBeLessThan(1e-14);
    expect(found.rank).toBe(256);
  });

  it("without normalisation stretches everything by √(n/d) = 4", () => {
    const p = partition({ n, d, seed: 1 });
    const found = distortion((theta) => project(p, theta).mul(4), { at: origin });
    expectRange(found, 4 - 1e-13, 4 + 1e-13);
    expectSpectrum(found, 4, 4);
  });

  it("without normalisation and balance distorts", () => {
    const p = partition({ scheme: "iid", n, d, seed: 1 });
    const sizes = tensor(Float64Array.from(p.counts(), Math.sqrt));
    const found = distortion((theta) => project(p, theta.mul(sizes)), { at: origin });
    expectRange(found, 3.75, 4.25);
    const counts = Array.from(p.counts());
    expect(found.singularValues[0]).toBeCloseTo(Math.sqrt(Math.max(...counts)), 12);
    expect(found.singularValues[d - 1]).toBeCloseTo(Math.sqrt(Math.min(...counts)), 12);
  });
});

/** The measurement of an adapter of one 64×64 layer with d trained numbers. */
function measure(make: (layer: Module) => Adapter): Distortion {
  const adapter = make(new Linear(64, 64, { rng: rng(3), bias: false }));
  expect(adapter.parameterCount).toBe(d);
  return distortion(adapter, { steps: 100 });
}

/** The same, with some of its numbers drawn from N(0, std²). */
function drawn(adapter: Adapter, name: string, std: number): Adapter {
  const p = adapter.trained[name]!;
  p.value = rng(2).normal(p.shape, { std });
  return adapter;
}

describe("its rivals", () => {
  it("a dense Gaussian projection is an isometry in expectation only", () => {
    const adapter = denseProjection(new Linear(64, 64, { rng: rng(3), bias: false }), {
      d,
      seed: 1,
    });
    const found = distortion(adapter, { steps: 100, spectrum: false });
    expectRange(found, 0.95, 1.05);
    const spectrum = svdvals(adapter.frozen["weight.G"]!.own.cast("float64")).dataSync();
    expectSpectrum({ ...found, singularValues: spectrum as Float64Array }, 1.25, 0.76);
  });

  it("so is Fastfood", () => {
    const layer = new Linear(64, 64, { rng: rng(3), bias: false });
    const found = distortion(fastfood(layer, { d, seed: 1 }), { steps: 100, spectrum: false });
    expectRange(found, 0.92, 1.08);
    expect(found.mean).toBeGreaterThan(0.98);
    expect(found.mean).toBeLessThan(1.02);
  });

  it("LoRA at its start: half of the numbers do nothing", () => {
    const found = measure((layer) => lora(layer, { rank: 2, seed: 1 }));
    expectRange(found, 0.34, 0.47);
    expect(found.singularValues[0]).toBeCloseTo(0.6, 1);
    expect(found.singularValues[d - 1]).toBeLessThan(1e-12);
    expect(found.rank).toBe(128);
  });

  it("LoRA in mid-training: r² directions are lost", () => {
    const made = (layer: Module) =>
      drawn(lora(layer, { rank: 2, seed: 1 }), "weight.lora_B", 0.062);
    const found = measure(made);
    expectRange(found, 0.52, 0.62);
    expect(found.singularValues[0]).toBeCloseTo(0.87, 1);
    expect(found.rank).toBe(252);
  });

  const uniLoraAt = (std: number | null) =>
    measure((layer) => {
      const adapter = uniLora(layer, { d, rank: 4, seed: 1 });
      return std === null ? adapter : drawn(adapter, "theta", std);
    });

  it("Uni-LoRA shrinks steps at its start", () => {
    const found = uniLoraAt(null);
    expectRange(found, 0.06, 0.08);
    expect(found.mean).toBeCloseTo(0.071, 2);
    expect(found.singularValues[0]).toBeCloseTo(0.098, 2);
    expect(found.singularValues[d - 1]).toBeCloseTo(0.038, 2);
    expect(found.rank).toBe(256);
  });

  it("Uni-LoRA stretches steps far from its start, in proportion to θ", () => {
    const found = uniLoraAt(0.5);
    expect(found.mean).toBeGreaterThan(2.5);
    expect(found.mean).toBeLessThan(3);
    expect(found.singularValues[0]! / found.mean).toBeCloseTo(3.95 / 2.74, 0.9);
    expect(found.singularValues[d - 1]! / found.mean).toBeCloseTo(1.59 / 2.74, 1);
    expect(found.rank).toBe(256);
  });

  it("Uni-LoRA stands still at 0", () => {
    expect(uniLoraAt(0).rank).toBe(0);
  });

  it("GPart and full fine-tuning as adapters are exact", () => {
    const layer = new Linear(64, 64, { rng: rng(3), bias: false });
    const found = distortion(gpart(layer, { d, seed: 1 }), { steps: 100, spectrum: false });
    expectRange(found, 1 - 1e-14, 1 + 1e-14);
    const full = distortion(fullFineTune(new Linear(16, 16, { rng: rng(3), bias: false })));
    expectRange(full, 1 - 1e-12, 1 + 1e-12);
  });
});

describe("distortion", () => {
  it("takes the same steps for a seed", () => {
    const map = deltaMap(lora(new Linear(4, 4, { rng: rng(3) }), { rank: 1 })).map;
    const options = { at: rng(1).normal([8], float64), steps: 5, spectrum: false };
    const found = distortion(map, { ...options, seed: 1 });
    expect(distortion(map, { ...options, seed: 1 })).toEqual(found);
    expect(distortion(map, { ...options, seed: 2 }).ratios).not.toEqual(found.ratios);
    expect(found.singularValues.length).toBe(0);
  });

  it("has d singular values, zeros where there are fewer weights", () => {
    const wide = distortion((theta) => theta.slice([[0, 1]]), { at: tensor([1, 2], float64) });
    expect(Array.from(wide.singularValues)).toEqual([1, 0]);
    expect(wide.rank).toBe(1);
  });

  it("refuses what is no point, step or length", () => {
    const map = () => zeros([1]);
    expect(() => distortion(map, {} as { at: Tensor })).toThrow("no point to measure at");
    expect(() => distortion(map, { at: zeros([2, 2]) })).toThrow("the point is a vector");
    expect(() => distortion(map, { at: zeros([2]), steps: 0 })).toThrow(UsageError);
    expect(() => distortion(map, { at: zeros([2]), norm: -1 })).toThrow("positive steps and norm");
  });
});
