/** @file Laws of writing at places, of extremes of segments and running ones, and of resampling. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import * as t from "../../src/api/index.js";

const F = { dtype: "float64" } as const;
const small = fc.integer({ min: -3, max: 3 });
/** Rows [m, n] with k places in each, and as many values. */
const written = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), fc.nat(6))
  .chain(([m, n, k]) => {
    const list = <V>(of: fc.Arbitrary<V>, size: number) =>
      fc.array(of, { minLength: size, maxLength: size });
    return fc.record({
      n: fc.constant(n),
      x: list(list(small, n), m),
      places: list(list(fc.nat(n - 1), k), m),
      values: list(list(small, k), m),
    });
  });

/** The rows written to one by one. */
function byHand(
  { x, places, values }: { x: number[][]; places: number[][]; values: number[][] },
  fold: (old: number, value: number) => number,
): number[][] {
  return x.map((row, r) => {
    const out = [...row];
    places[r]?.forEach((at, i) => {
      out[at] = fold(out[at] as number, values[r]?.[i] as number);
    });
    return out;
  });
}

const MODES = {
  set: (_: number, v: number) => v,
  add: (old: number, v: number) => old + v,
  max: Math.max,
  min: Math.min,
} as const;

describe("writing at places", () => {
  for (const mode of ["set", "add", "max", "min"] as const) {
    test.prop([written])(`${mode}: one after the other`, (given) => {
      const [m, k] = [given.x.length, given.places[0]?.length as number];
      const places = t.tensor(given.places.flat(), { shape: [m, k], dtype: "int32" });
      const values = t.tensor(given.values.flat(), { shape: [m, k], ...F });
      const out = t.putAlongAxis(t.tensor(given.x, F), places, values, { mode });
      expect(out.add(0).toArray()).toEqual(
        byHand(given, MODES[mode]).map((r) => r.map((v) => v + 0)),
      );
    });

    test.prop([written])(`${mode}: slices as elements`, ({ x, places, values }) => {
      const k = places[0]?.length as number;
      const base = t.tensor(x, F).mT;
      const at = t.tensor(places[0] ?? [], { shape: [k], dtype: "int32" });
      const rows = t.tensor(values.flat(), { shape: [x.length, k], ...F }).mT;
      const each = at.expandDims(1).broadcastTo(rows.shape);
      const out = t.indexPut(base, at, rows, { mode });
      expect(out.toArray()).toEqual(t.putAlongAxis(base, each, rows, { axis: 0, mode }).toArray());
    });
  }

  it("takes a number, whole numbers and bools", () => {
    const at = t.tensor([1], { dtype: "int32" });
    expect(t.putAlongAxis(t.zeros([3], { dtype: "int32" }), at, 7).toArray()).toEqual([0, 7, 0]);
    expect(t.indexPut(t.tensor([true, true]), at, false).toArray()).toEqual([true, false]);
  });

  it.each([
    [
      () => t.putAlongAxis(t.ones([2]), t.tensor([2], { dtype: "int32" }), 1),
      /putAlongAxis: index 2/,
    ],
    [() => t.putAlongAxis(t.ones([2]), t.tensor([0.5]), 1), /putAlongAxis: indices are float32/],
    [
      () =>
        t.putAlongAxis(t.ones([2]), t.tensor([0], { dtype: "int32" }), 1, { mode: "mul" as never }),
      /putAlongAxis: there is no mode "mul"/,
    ],
    [
      () => t.putAlongAxis(t.ones([2]), t.tensor([[0]], { dtype: "int32" }), 1),
      /putAlongAxis: indices of shape \[1, 1\] do not go along axis 0 of \[2\]/,
    ],
    [
      () => t.indexPut(t.ones([2]), t.tensor([0], { dtype: "int32" }), t.ones([1], F)),
      /indexPut: values are float64, the tensor float32/,
    ],
    [
      () => t.indexPut(t.ones([2, 2]), t.tensor([0], { dtype: "int32" }), t.ones([1, 3])),
      /\[1, 3\].*\[1, 2\]/,
    ],
    [
      () => t.segmentMax(t.ones([2]), t.tensor([0], { dtype: "int32" }), 1),
      /segmentMax: ids of shape \[1\]/,
    ],
    [
      () => t.segmentMin(t.ones([1]), t.tensor([3], { dtype: "int32" }), 2),
      /segmentMin: index 3 .*outside of \[0, 2\)/,
    ],
    [
      () => t.segmentMax(t.ones([1]), t.tensor([0], { dtype: "int32" }), -1),
      /segmentMax: cannot make -1 segments/,
    ],
    [
      () => t.segmentMax(t.tensor([true]), t.tensor([0], { dtype: "int32" }), 1),
      /segmentMax: values are bool/,
    ],
    [() => t.cumulativeMax(t.ones([2, 2])), /cumulativeMax: \[2, 2\] is not 1-d/],
    [() => t.cumulativeMax([1] as never), /cumulativeMax/],
  ])("refusal %#", (call, message) => {
    expect(call).toThrow(message);
  });
});

describe("extremes", () => {
  test.prop([fc.array(fc.tuple(small, fc.nat(3)), { minLength: 1, maxLength: 12 })])(
    "segmentMax and segmentMin are those of each segment",
    (pairs) => {
      const values = t.tensor(
        pairs.map(([v]) => v),
        F,
      );
      const ids = t.tensor(
        pairs.map(([, s]) => s),
        { dtype: "int32" },
      );
      const members = [0, 1, 2, 3].map((s) => pairs.filter((p) => p[1] === s).map(([v]) => v + 0));
      expect(t.segmentMax(values, ids, 4).add(0).toArray()).toEqual(
        members.map((m) => Math.max(...m)),
      );
      expect(t.segmentMin(values, ids, 4).add(0).toArray()).toEqual(
        members.map((m) => Math.min(...m)),
      );
    },
  );

  it("of no numbers are the ends of the dtype", () => {
    const none = t.zeros([0], { dtype: "int32" });
    expect(t.segmentMax(none, none, 1).toArray()).toEqual([-(2 ** 31)]);
    expect(t.segmentMin(none, none, 1).toArray()).toEqual([2 ** 31 - 1]);
  });

  test.prop([fc.array(small, { minLength: 1, maxLength: 9 })])("running extremes", (values) => {
    const x = t.tensor(values, { dtype: "int32" });
    const up = values.map((_, i) => Math.max(...values.slice(0, i + 1)));
    expect(t.cumulativeMax(x).toArray()).toEqual(up.map((v) => v + 0));
    expect(t.cumulativeMax(x, { includeInitial: true }).size).toBe(values.length + 1);
    expect(t.cumulativeMin(x.neg()).toArray()).toEqual(up.map((v) => 0 - v));
  });

  it("know the smallest whole number, which has no opposite", () => {
    const [low, zero] = [-(2 ** 31), t.zeros([2], { dtype: "int32" })];
    const x = t.tensor([5, low], { dtype: "int32" });
    expect(t.segmentMin(x, zero, 1).toArray()).toEqual([low]);
    expect(t.cumulativeMin(x).toArray()).toEqual([5, low]);
    expect(t.indexPut(zero, zero, x, { mode: "min" }).toArray()).toEqual([low, 0]);
  });

  it("keeps NaN once it came", () => {
    const x = t.tensor([1, Number.NaN, 3]);
    expect(t.cumulativeMax(x).toArray()).toEqual([1, Number.NaN, Number.NaN]);
    expect(t.cumulativeMin(x).toArray()).toEqual([1, Number.NaN, Number.NaN]);
    expect(t.segmentMax(x, t.zeros([3], { dtype: "int32" }), 1).toArray()).toEqual([Number.NaN]);
  });
});

describe("resampling", () => {
  const MODES = ["nearest", "nearestExact", "linear", "cubic", "area"] as const;
  const image = fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.nat(1000))
    .map(([h, w, seed]) => t.rng(seed).normal([1, 2, h, w], F));
  const size = fc.integer({ min: 1, max: 9 });

  test.prop([image, size, size, fc.constantFrom(...MODES)])(
    "keeps constants, and is linear",
    (x, h, w, mode) => {
      const to = { size: [h, w], mode };
      const flat = t.interpolate(t.onesLike(x), to).sub(1).abs().max().item();
      expect(flat).toBeLessThan(1e-14);
      const twice = t.interpolate(x.mul(2), to).sub(t.interpolate(x, to).mul(2));
      expect(twice.abs().max().item()).toBeLessThan(1e-13);
    },
  );

  test.prop([image, fc.constantFrom(...MODES)])("to the same size is the image", (x, mode) => {
    const same = t.interpolate(x, { size: x.shape.slice(2), mode });
    expect(same.sub(x).abs().max().item()).toBeLessThan(1e-14);
  });

  it.each([
    [{ size: 2, scaleFactor: 2 }, /needs a size or a scaleFactor, and not both/],
    [{}, /needs a size or a scaleFactor/],
    [{ size: [1, 2, 3] }, /size \[1,2,3\] does not fit 2 axes/],
    [{ size: 1.5 }, /the size 1.5 is not whole/],
    [{ scaleFactor: -1 }, /scaleFactor -1 does not fit/],
    [{ size: 2, mode: "bilinear" as never }, /there is no mode "bilinear"/],
  ])("refuses %j", (options, message) => {
    expect(() => t.interpolate(t.ones([1, 1, 2, 2]), options)).toThrow(message);
  });

  it("refuses what is no image", () => {
    expect(() => t.interpolate(t.ones([2, 2]), { size: 2 })).toThrow(/cannot resample \[2, 2\]/);
    const whole = t.ones([1, 1, 2], { dtype: "int32" });
    expect(t.interpolate(whole, { size: 3 }).dtype).toBe("int32");
    expect(() => t.interpolate(whole, { size: 3, mode: "linear" })).toThrow(/means of int32/);
    expect(() => t.interp(t.ones([1]), t.ones([2]), t.ones([3]))).toThrow(/points \[2\] and \[3\]/);
  });
});
