/**
 * @file The N-body simulator: statistics of the data set, laws of mechanics, other laws of force.
 */
import { simulateNBody } from "@isograd/equivariant";
import type { Tensor } from "@isograd/tensor";
import { beforeAll, describe, expect, it } from "vitest";

const rms = (x: Tensor): number => Math.sqrt(x.square().mean().item());

describe("simulateNBody", () => {
  let data: ReturnType<typeof simulateNBody>;
  beforeAll(() => {
    data = simulateNBody({ samples: 1200, seed: 1 });
  });

  it("has the shapes and the charges that it says", () => {
    expect(data.positions.shape).toEqual([1200, 5, 3]);
    expect(data.velocities.shape).toEqual([1200, 5, 1, 3]);
    expect(data.charges.shape).toEqual([1200, 5, 1]);
    expect(data.charges.abs().min().item()).toBe(1);
    expect(Math.abs(data.charges.mean().item())).toBeLessThan(0.06);
  });

  // 1.68, 0.59, 0.52 on 7000 systems; the fourth moments are large, so 1200 give ± 5 %.
  it("has the spread of positions, velocities and displacements of the benchmark", () => {
    expect(rms(data.positions)).toBeGreaterThan(1.58);
    expect(rms(data.positions)).toBeLessThan(1.78);
    expect(rms(data.velocities)).toBeGreaterThan(0.56);
    expect(rms(data.velocities)).toBeLessThan(0.62);
    expect(rms(data.targets.sub(data.positions))).toBeGreaterThan(0.49);
    expect(rms(data.targets.sub(data.positions))).toBeLessThan(0.55);
  });

  it("is predicted by x + 0.74 v about as well as the benchmark", () => {
    const moved = data.targets.sub(data.positions);
    expect(moved.square().mean().item()).toBeGreaterThan(0.24);
    expect(moved.square().mean().item()).toBeLessThan(0.31);
    const drift = data.velocities.reshape([1200, 5, 3]).mul(0.74);
    expect(moved.sub(drift).square().mean().item()).toBeGreaterThan(0.074);
    expect(moved.sub(drift).square().mean().item()).toBeLessThan(0.096);
  });

  it("gives the same systems for a seed, whatever their number, and others for another", () => {
    const few = simulateNBody({ samples: 3, seed: 1 });
    const first = data.targets.slice([[0, 3]]);
    expect(few.targets.sub(first).abs().max().item()).toBe(0);
    const other = simulateNBody({ samples: 3, seed: 2 });
    expect(other.targets.sub(first).abs().max().item()).toBeGreaterThan(0.1);
  });

  it("conserves momentum: the centre moves straight on", () => {
    const options = { samples: 4, inputFrame: 0, targetFrame: 9, trajectories: true, softening: 1 };
    const { trajectories, velocities } = simulateNBody(options);
    const centres = (trajectories as Tensor).mean({ axis: 2 });
    expect(centres.shape).toEqual([4, 10, 3]);
    const travelled = centres.slice([null, 9]).sub(centres.slice([null, 0]));
    const straight = velocities.reshape([4, 5, 3]).mean({ axis: 1 }).mul(0.9);
    expect(travelled.sub(straight).abs().max().item()).toBeLessThan(1e-5);
  });

  it("moves straight on without a force, and differently in another world", () => {
    const free = simulateNBody({ samples: 2, coupling: 0 });
    const straight = free.positions.add(free.velocities.reshape([2, 5, 3]));
    expect(free.targets.sub(straight).abs().max().item()).toBeLessThan(1e-5);
    const coulomb = simulateNBody({ samples: 2, inputFrame: 0, targetFrame: 1 });
    for (const law of [{ exponent: 1 }, { coupling: 2 }, { softening: 0.5 }]) {
      const world = simulateNBody({ samples: 2, inputFrame: 0, targetFrame: 1, ...law });
      expect(world.targets.sub(coulomb.targets).abs().max().item()).toBeGreaterThan(1e-4);
    }
  });

  it("refuses what cannot be simulated", () => {
    expect(() => simulateNBody({ samples: 1.5 })).toThrow("samples is a whole number");
    expect(() => simulateNBody({ samples: 1, targetFrame: 3 })).toThrow("0 ≤ input ≤ target");
    expect(() => simulateNBody({ samples: 1, dt: 0 })).toThrow("dt must be positive");
    expect(simulateNBody({ samples: 0 }).positions.shape).toEqual([0, 5, 3]);
  });
});
