/** @file The distortion table: one 64×64 layer, d = 256, 500 steps of length 0.1. */
import { addAlongAxis } from "@isograd/tensor/engine";
import { concat, matmul, rng, type Tensor, tensor, UsageError, zeros } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { type Distortion, distortion, partition, project } from "../src/index.js";
import { singularValues } from "../src/svd.js";

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

/** ΔW = B A for a layer of 64 × 64, with A and then B in one vector. */
function lowRank(flat: Tensor, r: number): Tensor {
  const a = flat.slice([[0, r * 64]]).reshape([r, 64]);
  return matmul(flat.slice([[r * 64, 2 * r * 64]]).reshape([64, r]), a);
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
