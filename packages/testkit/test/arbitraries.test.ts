/** @file The random inputs are what they promise, and reach the corners. */
import { fc, test } from "@fast-check/vitest";
import { broadcastShapes, type Shape } from "@isograd/tensor";
import {
  anyTensor,
  axesOf,
  axisOf,
  broadcastable,
  golden,
  goldenFamilies,
  goldenTitle,
  indicesInto,
  orderOf,
  shapes,
} from "@isograd/testkit";
import { describe, expect, it } from "vitest";

describe("arbitraries", () => {
  test.prop([broadcastable(3)])("shapes broadcast", (all) => {
    expect(() => all.reduce((a, b) => broadcastShapes("test", a, b))).not.toThrow();
  });

  test.prop([
    shapes({ minRank: 1 }).chain((s) => fc.tuple(fc.constant(s), axesOf(s), axisOf(s), orderOf(s))),
  ])("axes are axes", ([shape, axes, axis, order]) => {
    const places = axes.map((a) => (a + shape.length) % shape.length);
    expect(new Set(places).size).toBe(axes.length);
    expect(shape.at(axis)).toBeDefined();
    expect([...order].sort()).toEqual(shape.map((_, i) => i));
  });

  test.prop([anyTensor({ maxRank: 2, minLength: 1 }), indicesInto(3, [5])])("values", (x, i) => {
    const values = Array.from(x.dataSync());
    expect(values.every((v) => Number.isInteger(v * 8) && Math.abs(v) <= 4)).toBe(true);
    expect(Array.from(i.dataSync()).every((v) => v >= 0 && v < 3)).toBe(true);
  });

  it("reach 0-d, empty and size-1 tensors", () => {
    const drawn = fc.sample(shapes(), { numRuns: 300, seed: 1 }) as Shape[];
    expect(drawn.some((s) => s.length === 0)).toBe(true);
    expect(drawn.some((s) => s.includes(0))).toBe(true);
    expect(drawn.some((s) => s.length > 1 && s.every((n) => n === 1))).toBe(true);
  });
});

describe("golden files", () => {
  it.each(goldenFamilies)("%s fits together", (family) => {
    for (const test of golden(family)) {
      for (const { shape, data } of [...test.in, ...test.out]) {
        expect(data.length, goldenTitle(test)).toBe(shape.reduce((a, b) => a * b, 1));
        expect(data.every((v) => typeof v === "number")).toBe(true);
      }
      test.vjp?.forEach((v, i) => {
        if (v !== null) expect(v.length).toBe(test.in[i]?.data.length);
      });
    }
  });
});
