/** @file Shape arithmetic: values at the boundaries, and the words of every refusal. */
import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/base/errors.js";
import {
  broadcastShapes,
  broadcastStrides,
  checkShape,
  contiguousStrides,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  reducedShape,
  resolveShape,
  type Shape,
  shapesEqual,
  sizeOf,
} from "../../src/base/shape.js";
import { refusalOf } from "./refusal.js";

describe("sizes and strides", () => {
  it.each<[Shape, number, number[], string]>([
    [[], 1, [], "[]"],
    [[5], 5, [1], "[5]"],
    [[2, 3, 4], 24, [12, 4, 1], "[2, 3, 4]"],
    [[2, 0, 4], 0, [0, 4, 1], "[2, 0, 4]"],
  ])("%s", (shape, size, strides, text) => {
    expect(sizeOf(shape)).toBe(size);
    expect(contiguousStrides(shape)).toEqual(strides);
    expect(formatShape(shape)).toBe(text);
  });

  it("equality is by lengths", () => {
    const shape = [2, 3];
    expect(shapesEqual(shape, shape)).toBe(true);
    expect(shapesEqual([2, 3], [2, 3])).toBe(true);
    expect(shapesEqual([], [])).toBe(true);
    expect(shapesEqual([2, 3], [2, 4])).toBe(false);
    expect(shapesEqual([2, 3], [3, 3])).toBe(false);
    expect(shapesEqual([2], [2, 3])).toBe(false);
    expect(shapesEqual([2, 3], [2])).toBe(false);
  });
});

describe("broadcasting", () => {
  it.each<[Shape, Shape, Shape]>([
    [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [], [2, 3]],
    [[], [2, 3], [2, 3]],
    [[2, 1], [3], [2, 3]],
    [[3], [2, 1], [2, 3]],
    [[1], [4, 1, 5], [4, 1, 5]],
    [[4, 1, 5], [1], [4, 1, 5]],
    [[0], [1], [0]],
    [[1], [0], [0]],
    [
      [1, 3],
      [2, 1],
      [2, 3],
    ],
  ])("%j and %j give %j", (a, b, both) => {
    expect(broadcastShapes("add", a, b)).toEqual(both);
  });

  it.each<[Shape, Shape, string]>([
    [[2], [3], "[2] and [3] (2 vs 3)"],
    [[4, 2], [3, 2], "[4, 2] and [3, 2] (4 vs 3)"],
    [[5, 4, 2], [3, 2], "[5, 4, 2] and [3, 2] (4 vs 3)"],
    [[0], [2], "[0] and [2] (0 vs 2)"],
  ])("%j and %j do not fit", (a, b, text) => {
    expect(refusalOf(ShapeError, () => broadcastShapes("add", a, b))).toBe(
      `add: shapes do not broadcast: ${text}\n` +
        "  help: axes are aligned on the right; each pair must be equal or contain a 1",
    );
  });

  it("strides are 0 along what repeats, and there only", () => {
    expect(broadcastStrides([3], [2, 3])).toEqual([0, 1]);
    expect(broadcastStrides([2, 1], [2, 3])).toEqual([1, 0]);
    expect(broadcastStrides([1, 3], [4, 1, 3])).toEqual([0, 3, 1]);
    expect(broadcastStrides([], [2, 2])).toEqual([0, 0]);
    expect(broadcastStrides([2, 3], [2, 3], [1, 2])).toEqual([1, 2]);
    expect(broadcastStrides([2, 3], [2, 3], null)).toEqual([3, 1]);
  });
});

const ONCE = "\n  help: name each axis once; negative ones count from the end";

describe("axes", () => {
  it("count from the front, or from the end when negative", () => {
    expect([-3, -1, 0, 2].map((axis) => normalizeAxis("sum", axis, 3))).toEqual([0, 2, 0, 2]);
  });

  it.each([
    [3, 3, "axis 3 is out of range for a tensor of rank 3\n  help: use -3 … 2"],
    [-4, 3, "axis -4 is out of range for a tensor of rank 3\n  help: use -3 … 2"],
    [0.5, 3, "axis 0.5 of a tensor of rank 3 is no whole number\n  help: use -3 … 2"],
    [0, 0, "axis 0 is out of range for a tensor of rank 0\n  help: a 0-d tensor has no axes"],
  ])("%d of %d axes is refused", (axis, rank, text) => {
    expect(refusalOf(ShapeError, () => normalizeAxis("sum", axis, rank))).toBe(`sum: ${text}`);
    expect(refusalOf(ShapeError, () => normalizeAxes("sum", axis, rank))).toBe(`sum: ${text}`);
    expect(refusalOf(ShapeError, () => normalizeAxes("sum", [axis], rank))).toBe(`sum: ${text}`);
  });

  it("in lists are sorted by number", () => {
    expect(normalizeAxes("sum", undefined, 3)).toEqual([0, 1, 2]);
    expect(normalizeAxes("sum", null, 2)).toEqual([0, 1]);
    expect(normalizeAxes("sum", null, 0)).toEqual([]);
    expect(normalizeAxes("sum", -1, 3)).toEqual([2]);
    expect(normalizeAxes("sum", [-1], 3)).toEqual([2]);
    expect(normalizeAxes("sum", [], 3)).toEqual([]);
    expect(normalizeAxes("sum", [-1, 0], 3)).toEqual([0, 2]);
    expect(normalizeAxes("sum", [10, 9, 0], 11)).toEqual([0, 9, 10]);
  });

  it("given twice are refused, also as a negative number", () => {
    expect(refusalOf(ShapeError, () => normalizeAxes("sum", [2, 0, -1], 3))).toBe(
      `sum: axis 2 of rank 3 is given twice in [2, 0, -1]${ONCE}`,
    );
    expect(refusalOf(ShapeError, () => normalizeAxes("sum", [0, 0], 3))).toBe(
      `sum: axis 0 of rank 3 is given twice in [0, 0]${ONCE}`,
    );
  });

  it("become 1 or go away when reduced", () => {
    expect(reducedShape([2, 3, 4], [0, 2], true)).toEqual([1, 3, 1]);
    expect(reducedShape([2, 3, 4], [0, 2], false)).toEqual([3]);
    expect(reducedShape([2, 3], [0, 1], false)).toEqual([]);
    expect(reducedShape([2, 3], [0, 1], true)).toEqual([1, 1]);
    expect(reducedShape([2, 3], [], false)).toEqual([2, 3]);
  });
});

const OPEN = "\n  help: write out all but one; there are 6 elements";
const STAYS = "\n  help: the number of elements stays; -1 stands for the length that is left";

describe("shapes given by users", () => {
  it("hold whole numbers from 0", () => {
    expect(() => checkShape("zeros", [0, 1, 2])).not.toThrow();
    expect(() => checkShape("zeros", [])).not.toThrow();
    for (const bad of [-1, 1.5, Number.NaN]) {
      expect(refusalOf(ShapeError, () => checkShape("zeros", [2, bad]))).toBe(
        `zeros: shape [2, ${bad}] has the length ${bad}\n  help: lengths are integers ≥ 0`,
      );
    }
    expect(refusalOf(ShapeError, () => checkShape("zeros", 3 as never))).toBe(
      "zeros: a shape is a list of lengths, got 3\n  help: write [2, 3]",
    );
  });

  it("may leave one length open", () => {
    const resolve = (size: number, to: Shape) => resolveShape("reshape", size, [size], to);
    expect(resolve(6, [2, 3])).toEqual([2, 3]);
    expect(resolve(6, [-1])).toEqual([6]);
    expect(resolve(6, [-1, 2])).toEqual([3, 2]);
    expect(resolve(6, [2, -1])).toEqual([2, 3]);
    expect(resolve(1, [])).toEqual([]);
    expect(resolve(0, [0, 4])).toEqual([0, 4]);
    expect(resolve(0, [-1, 4])).toEqual([0, 4]);
  });

  it.each<[number, Shape, string]>([
    [6, [-1, -1], `only one length may be -1, got [-1, -1]${OPEN}`],
    [6, [-1, 2, -1], `only one length may be -1, got [-1, 2, -1]${OPEN}`],
    [6, [4], `cannot turn [6] (6 elements) into [4] (4)${STAYS}`],
    [6, [-1, 4], `cannot turn [6] (6 elements) into [-1, 4] (4 × ?)${STAYS}`],
    [0, [-1, 0], `cannot turn [0] (0 elements) into [-1, 0] (0 × ?)${STAYS}`],
    [6, [-2, -3], "shape [-2, -3] has the length -2\n  help: lengths are integers ≥ 0"],
    [6, [-1, -3], "shape [-3] has the length -3\n  help: lengths are integers ≥ 0"],
    [6, [-1, -2, -3], "shape [-2, -3] has the length -2\n  help: lengths are integers ≥ 0"],
    [6, [-1, 1.5], "shape [1.5] has the length 1.5\n  help: lengths are integers ≥ 0"],
    [6, [1.5, 4], "shape [1.5, 4] has the length 1.5\n  help: lengths are integers ≥ 0"],
  ])("%d elements do not go into %j", (size, to, text) => {
    expect(refusalOf(ShapeError, () => resolveShape("reshape", size, [size], to))).toBe(
      `reshape: ${text}`,
    );
  });
});
