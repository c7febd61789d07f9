/** @file Grids: unit vectors, balance, symmetry, known energies. */
import {
  compose,
  determinant,
  grids,
  identity,
  matricesEqual,
  rotatePoint,
  transpose,
} from "@isograd/equivariant";
import { UsageError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { farthest, solids } from "../helpers.js";

const sizes = { tetrahedron: 4, octahedron: 6, cube: 8, icosahedron: 12, dodecahedron: 20 };
const orders = { tetrahedron: 12, octahedron: 24, cube: 24, icosahedron: 60, dodecahedron: 60 };

describe("Platonic grids", () => {
  it.each(solids)("%s: size, unit vectors, Σo = 0, Σ o oᵀ = O/3", (solid) => {
    const grid = grids.platonic(solid);
    expect(grid.size).toBe(sizes[solid]);
    for (const p of grid.points) expect(Math.hypot(...p)).toBeCloseTo(1, 14);
    for (let d = 0; d < 3; d++) {
      expect(Math.abs(grid.points.reduce((s, p) => s + p[d]!, 0))).toBeLessThan(1e-14);
      for (let e = 0; e < 3; e++) {
        const moment = grid.points.reduce((s, p) => s + p[d]! * p[e]!, 0);
        expect(moment).toBeCloseTo(d === e ? grid.size / 3 : 0, 12);
      }
    }
  });

  it.each(solids)("%s: its rotations are a group and map it onto itself", (solid) => {
    const grid = grids.platonic(solid);
    const group = grid.rotations();
    expect(group).toHaveLength(orders[solid]);
    expect(matricesEqual(group[0]!, identity(3), 0)).toBe(true);
    for (const r of group) {
      expect(determinant(r)).toBeCloseTo(1, 12);
      expect(matricesEqual(compose(r, transpose(r)), identity(3), 1e-13)).toBe(true);
      const turned = grid.points.map((p) => rotatePoint(r, p));
      expect(farthest(turned, grid)).toBeLessThan(1e-14);
      const next = compose(r, group[group.length - 1]!);
      expect(group.some((known) => matricesEqual(known, next, 1e-12))).toBe(true);
    }
  });
});

describe("other grids", () => {
  it("the circle has θ_k = 2πk/O and its O rotations", () => {
    const grid = grids.circle(7);
    expect(Math.atan2(grid.points[2]![1]!, grid.points[2]![0]!)).toBeCloseTo((4 * Math.PI) / 7, 14);
    expect(grid.rotations()).toHaveLength(7);
    for (const r of grid.rotations()) {
      const turned = grid.points.map((p) => rotatePoint(r, p));
      expect(farthest(turned, grid)).toBeLessThan(1e-14);
    }
  });

  it("Fibonacci follows its formula", () => {
    const { points, size } = grids.fibonacci(5);
    expect(size).toBe(5);
    points.forEach((p, i) => {
      const [phi, theta] = [Math.acos(1 - (2 * (i + 0.5)) / 5), Math.PI * i * (1 + Math.sqrt(5))];
      expect(p[0]).toBeCloseTo(Math.sin(phi) * Math.cos(theta), 12);
      expect(p[1]).toBeCloseTo(Math.sin(phi) * Math.sin(theta), 12);
      expect(p[2]).toBeCloseTo(Math.cos(phi), 12);
    });
  });

  // Known minima of Thomson's problem, Wales and Ulker, Phys. Rev. B 74 (2006).
  it.each([
    [4, 3.674234614],
    [8, 19.675287861],
    [12, 49.165253058],
    [16, 92.911655302],
  ])("repulsion of %i charges reaches the energy %f", (n, energy) => {
    const { points } = grids.repulsion(n);
    let found = 0;
    points.forEach((p, i) => {
      for (const q of points.slice(0, i)) found += 1 / Math.hypot(...p.map((x, d) => x - q[d]!));
    });
    expect(found).toBeCloseTo(energy, 6);
  });

  it("repulsion is the same for a seed, and another for another", () => {
    expect(grids.repulsion(6, { seed: 3 }).points).toEqual(grids.repulsion(6, { seed: 3 }).points);
    expect(grids.repulsion(6, { seed: 4 }).points).not.toEqual(
      grids.repulsion(6, { seed: 3 }).points,
    );
  });

  it("refuses sizes and solids that do not exist", () => {
    expect(() => grids.circle(0)).toThrow(UsageError);
    expect(() => grids.fibonacci(2.5)).toThrow("at least 1: got 2.5");
    expect(() => grids.platonic("sphere" as never)).toThrow("tetrahedron, octahedron, cube");
  });
});
