/** @file Functions of the array API standard: what golden values do not say, what they refuse, and that none leaks. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import * as t from "../../src/api/index.js";

const ints = (values: readonly number[]) => t.tensor([...values], { dtype: "int32" });
const vectors = fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 12 });
const one = t.tensor([1]);
const twice = ints([0, 0]);
const matrix = t.tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

describe("laws", () => {
  test.prop([vectors])("unique elements, their places, counts and inverse fit together", (v) => {
    const { values, indices, inverseIndices, counts } = t.uniqueAll(t.tensor(v));
    expect(values.toArray()).toEqual([...new Set(v)].sort((a, b) => a - b));
    expect((indices.toArray() as number[]).map((i) => v[i])).toEqual(values.toArray());
    expect((indices.toArray() as number[]).every((i) => v.indexOf(v[i] as number) === i)).toBe(
      true,
    );
    expect(t.take(values, inverseIndices).toArray()).toEqual(v);
    expect((counts.toArray() as number[]).reduce((a, b) => a + b, 0)).toBe(v.length);
  });

  test.prop([vectors, fc.boolean()])("argsort is a stable order", (v, descending) => {
    const places = t.argsort(t.tensor(v), { descending }).toArray() as number[];
    const expected = v
      .map((_, i) => i)
      .sort((i, j) => {
        const way = (v[i] as number) - (v[j] as number);
        return (descending ? -way : way) || i - j;
      });
    expect(places).toEqual(expected);
  });

  test.prop([vectors, vectors])("values go where searchsorted says", (v, w) => {
    const sorted = v.sort((a, b) => a - b);
    const found = (side: "left" | "right") =>
      t.searchsorted(t.tensor(sorted), t.tensor(w), { side }).toArray();
    expect(found("left")).toEqual(w.map((x) => sorted.filter((s) => s < x).length));
    expect(found("right")).toEqual(w.map((x) => sorted.filter((s) => s <= x).length));
  });

  test.prop([vectors])("stack undoes unstack, and diff a running sum", (v) => {
    const x = ints(v);
    if (v.length > 0) expect(t.stack(t.unstack(x)).toArray()).toEqual(v);
    const sums = t.cumulativeSum(x, { includeInitial: true });
    expect(t.diff(sums).toArray()).toEqual(v);
  });

  test.prop([fc.integer(), fc.integer(), fc.integer({ min: 0, max: 31 })])(
    "bits are those of JavaScript",
    (a, b, n) => {
      const [x, y] = [ints([a]), ints([b])];
      expect(t.bitwiseAnd(x, y).item()).toBe(a & b);
      expect(t.bitwiseOr(x, y).item()).toBe(a | b);
      expect(t.bitwiseXor(x, y).item()).toBe(a ^ b);
      expect(t.bitwiseInvert(x).item()).toBe(~a);
      expect(t.bitwiseLeftShift(x, n).item()).toBe(a << n);
      expect(t.bitwiseRightShift(x, n).item()).toBe(a >> n);
    },
  );
});

describe("cases", () => {
  it("sorts by a sorter, joins before differences, repeats by tensors", () => {
    const sorter = ints([2, 0, 1]);
    expect(t.searchsorted(t.tensor([5, 9, 1]), t.tensor([6]), { sorter }).toArray()).toEqual([2]);
    const ends = { prepend: t.tensor([0]), append: t.tensor([9]) };
    expect(t.diff(t.tensor([1, 4]), ends).toArray()).toEqual([1, 3, 5]);
    expect(t.repeat(one, ints([3])).toArray()).toEqual([1, 1, 1]);
    expect(t.uniqueCounts(one).counts.toArray()).toEqual([1]);
    expect(t.uniqueInverse(one).inverseIndices.toArray()).toEqual([0]);
  });

  it("knows dtypes", () => {
    expect(t.finfo("float32")).toEqual({
      dtype: "float32",
      bits: 32,
      eps: 2 ** -23,
      max: 3.4028234663852886e38,
      min: -3.4028234663852886e38,
      smallestNormal: 1.1754943508222875e-38,
    });
    expect(t.finfo(t.zeros([1], { dtype: "float64" })).max).toBe(Number.MAX_VALUE);
    expect(t.iinfo("int32").min).toBe(-(2 ** 31));
    expect(t.isDType("float32", "real floating")).toBe(true);
    expect(t.isDType("int32", ["bool", "real floating"])).toBe(false);
    expect([t.resultType("int32", 2), t.resultType("int32", 2.5), t.resultType(one, true)]).toEqual(
      ["int32", "float32", "float32"],
    );
    expect([t.canCast("int32", "float32"), t.canCast(one, "int32")]).toEqual([true, false]);
  });

  it("has the functions as methods", () => {
    const x = t.tensor([3, 1, 2]);
    expect(x.sort().toArray()).toEqual([1, 2, 3]);
    expect(x.topK(1)[0].toArray()).toEqual([3]);
    expect(x.vecdot(x).item()).toBe(14);
    expect(x.hypot(4).toArray()).toEqual(t.hypot(x, 4).toArray());
    expect(matrix.trace().item()).toBe(6);
    expect(matrix.swapAxes(0, 1).shape).toEqual([3, 2]);
    expect(x.clip({ max: t.tensor(2) }).toArray()).toEqual([2, 1, 2]);
  });

  it("leaves nothing behind but its results", () => {
    const calls: readonly (() => t.Tensor | readonly t.Tensor[])[] = [
      () => t.sort(matrix),
      () => t.topK(matrix, 2),
      () => t.tril(matrix),
      () => t.diff(matrix),
      () => t.roll(matrix, [1, 1], { axis: [0, 1] }),
      () => t.roll(matrix, 1, { axis: null }),
      () => t.meshgrid([one, one]),
      () => t.cross(matrix, matrix),
      () => t.trace(matrix),
      () => t.vectorNorm(matrix),
      () => t.matrixNorm(matrix, { ord: 1 }),
      () => t.tensordot(matrix, matrix),
      () => t.cumulativeProd(matrix, { axis: 1, includeInitial: true }),
      () => t.cumulativeSum(matrix, { axis: 1, includeInitial: true }),
      () => t.uniqueValues(matrix),
      () => t.nonzero(matrix),
      () => t.repeat(matrix, 2),
      () => t.unstack(matrix),
      () => t.concat([matrix, one], { axis: null }),
      () => t.clip(matrix, { min: one }),
      () => t.bitwiseInvert(true),
      () => t.signbit(matrix),
      () => t.nextafter(one, matrix),
      () => t.segmentMean(matrix, twice, 2),
      () => t.sum(matrix, { dtype: "float64" }),
    ];
    for (const call of calls) {
      const before = t.memory().tensors;
      for (const x of [call()].flat()) x.dispose();
      expect(t.memory().tensors - before, String(call)).toBe(0);
    }
  });
});

describe("refusals", () => {
  it.each<readonly [string, () => unknown]>([
    ["unstack: axis 0 is out of range", () => t.unstack(t.tensor(1))],
    ["swapAxes: axis 2 is out of range", () => t.swapAxes(matrix, 0, 2)],
    [
      "repeat: cannot repeat the 2 places of axis 0",
      () => t.repeat(matrix, [1, 1, 1], { axis: 0 }),
    ],
    ["repeat: cannot repeat", () => t.repeat(one, -1)],
    ["tril: [1] is no matrix", () => t.tril(one)],
    ["triu: [1] is no matrix", () => t.triu(one)],
    ["broadcastArrays: shapes do not broadcast", () => t.broadcastArrays(t.ones([2]), t.ones([3]))],
    ["meshgrid: [2, 3] is not 1-d", () => t.meshgrid([matrix])],
    ["diff: n is -1", () => t.diff(one, { n: -1 })],
    ["outer: needs two vectors", () => t.outer(matrix, one)],
    ["vecdot: [2, 3] and [2] differ along axis -1", () => t.vecdot(matrix, t.ones([2]))],
    ["tensordot: axes [1] of [2, 3] do not match", () => t.tensordot(matrix, matrix, { axes: 1 })],
    ["tensordot: cannot contract 3 axes", () => t.tensordot(matrix, matrix, { axes: 3 })],
    ["cross: axis -1 of [1] has length 1", () => t.cross(one, one)],
    ["diagonal: [1] is no matrix", () => t.diagonal(one)],
    ["matrixNorm: [1] is no matrix", () => t.matrixNorm(one)],
    ['matrixNorm: there is no norm "3"', () => t.matrixNorm(matrix, { ord: 3 })],
    ["argsort: axis 1 is out of range", () => t.argsort(one, { axis: 1 })],
    ["sort: axis -1 is out of range", () => t.sort(t.tensor(1))],
    ["topK: there are no 4 places on axis 1", () => t.topK(matrix, 4)],
    ["topK: there are no -1 places", () => t.topK(matrix, -1)],
    ["searchsorted: [2, 3] is not 1-d", () => t.searchsorted(matrix, one)],
    ["nonzero: a 0-d tensor", () => t.nonzero(t.tensor(1))],
    ["cumulativeProd: [2, 3] is not 1-d", () => t.cumulativeProd(matrix)],
    ["expandDims: axis 0 of rank 3 is given twice", () => t.expandDims(one, [0, 0])],
    ["moveAxis: cannot move the axes [0] of [2, 3] to [0, 1]", () => t.moveAxis(matrix, 0, [0, 1])],
    ["moveAxis: cannot move the axes [0, 0]", () => t.moveAxis(matrix, [0, 0], [0, 1])],
    ["roll: 1 shifts are given for 2 axes", () => t.roll(matrix, [1], { axis: [0, 1] })],
    ["bitwiseAnd: bits of float32", () => t.bitwiseAnd(one, 1)],
    ["bitwiseOr: bits of 0.5", () => t.bitwiseOr(ints([1]), 0.5)],
    ["bitwiseInvert: bits of float32", () => t.bitwiseInvert(one)],
    ["hypot: shapes do not broadcast", () => t.hypot(t.ones([2]), t.ones([3]))],
    ["nextafter: int32 and float32", () => t.nextafter(ints([1]), one)],
    ["segmentSum: ids of shape", () => t.segmentMean(one, ints([0, 0]), 1)],
    ['sum: unknown dtype "int8"', () => t.sum(one, { dtype: "int8" as never })],
    ["finfo: int32 is no float", () => t.finfo("int32")],
    ["iinfo: float32 is no integer", () => t.iinfo("float32")],
    ["isDType: unknown dtype", () => t.isDType("int64" as never, "bool")],
    ["resultType: no tensor and no dtype", () => t.resultType(1, 2)],
    ["canCast: unknown dtype", () => t.canCast("int8" as never, "bool")],
  ])("%s", (text, call) => {
    expect(call).toThrow(t.IsogradError);
    expect(call).toThrow(text);
  });
});
