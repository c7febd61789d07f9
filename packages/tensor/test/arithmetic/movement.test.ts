/** @file Moving elements: what comes out where, in plain lists, and the words of every refusal. */

import { forEachDevice } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import * as t from "../../src/api/index.js";
import { place } from "../../src/ops/shape/slicing.js";
import { refusalOf } from "./refusal.js";

const { ShapeError } = t;

forEachDevice(["reference", "cpu"], (device) => {
  const grid = t.tensor(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    { device },
  );
  const line = t.arange(5, { device });
  const cube = t.reshape(t.arange(24, { device }), [2, 3, 4]);

  it("permuteDims", () => {
    expect(t.permuteDims(grid).toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(t.permuteDims(grid, [0, 1]).toArray()).toEqual(grid.toArray());
    expect(t.permuteDims(t.permuteDims(grid), [1, 0]).toArray()).toEqual(grid.toArray());
    expect(t.permuteDims(grid, [-1, 0]).shape).toEqual([3, 2]);
    const moved = t.permuteDims(cube, [2, 0, 1]);
    expect(moved.shape).toEqual([4, 2, 3]);
    expect(t.slice(moved, [1, 1, null]).toArray()).toEqual([13, 17, 21]);
    expect(t.slice(t.permuteDims(cube), [1, 2, null]).toArray()).toEqual([9, 21]);
  });

  it("broadcastTo", () => {
    expect(t.broadcastTo(t.tensor([1, 2], { device }), [2, 2]).toArray()).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(t.broadcastTo(t.tensor([[1], [2]], { device }), [2, 2]).toArray()).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(t.broadcastTo(t.permuteDims(grid), [1, 3, 2]).toArray()).toEqual([
      [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
    ]);
  });

  it.each<[t.SliceRange, number[]]>([
    [null, [0, 1, 2, 3, 4]],
    [
      [1, 4],
      [1, 2, 3],
    ],
    [[1], [1, 2, 3, 4]],
    [
      [null, 2],
      [0, 1],
    ],
    [[-2], [3, 4]],
    [
      [null, -1],
      [0, 1, 2, 3],
    ],
    [
      [-9, 9],
      [0, 1, 2, 3, 4],
    ],
    [[3, 1], []],
    [
      [0, 5, 2],
      [0, 2, 4],
    ],
    [
      [0, 4, 2],
      [0, 2],
    ],
    [
      [1, null, 3],
      [1, 4],
    ],
    [
      [null, null, -1],
      [4, 3, 2, 1, 0],
    ],
    [
      [null, null, -2],
      [4, 2, 0],
    ],
    [
      [3, 0, -1],
      [3, 2, 1],
    ],
    [
      [9, -9, -3],
      [4, 1],
    ],
    [[0, 3, -1], []],
    [
      [-1, -4, -1],
      [4, 3, 2],
    ],
  ])("slice by %j", (range, expected) => {
    expect(t.slice(line, [range]).toArray()).toEqual(expected);
  });

  it("slice of several axes", () => {
    expect(t.slice(grid, [1]).toArray()).toEqual([4, 5, 6]);
    expect(t.slice(grid, [-2]).toArray()).toEqual([1, 2, 3]);
    expect(t.slice(grid, [null, 1]).toArray()).toEqual([2, 5]);
    expect(t.slice(grid, [1, 2]).toArray()).toBe(6);
    expect(t.slice(grid, []).toArray()).toEqual(grid.toArray());
    expect(
      t
        .slice(grid, [
          [null, null, -1],
          [0, 3, 2],
        ])
        .toArray(),
    ).toEqual([
      [4, 6],
      [1, 3],
    ]);
    expect(t.slice(cube, [1, null, [1, 3]]).toArray()).toEqual([
      [13, 14],
      [17, 18],
      [21, 22],
    ]);
  });

  it("place is slicing backwards", () => {
    const attrs = { shape: [3, 6], starts: [1, 5], steps: [1, -2], value: 7 };
    expect(place(grid, attrs).toArray()).toEqual([
      [7, 7, 7, 7, 7, 7],
      [7, 3, 7, 2, 7, 1],
      [7, 6, 7, 5, 7, 4],
    ]);
    expect(place(line, { shape: [6], starts: [0], steps: [1], value: 0 }).toArray()).toEqual([
      0, 1, 2, 3, 4, 0,
    ]);
  });

  it("pad", () => {
    expect(
      t
        .pad(grid, [
          [1, 0],
          [0, 2],
        ])
        .toArray(),
    ).toEqual([
      [0, 0, 0, 0, 0],
      [1, 2, 3, 0, 0],
      [4, 5, 6, 0, 0],
    ]);
    expect(t.pad(line, [[0, 1]], { value: 9 }).toArray()).toEqual([0, 1, 2, 3, 4, 9]);
  });

  it("concat", () => {
    const more = t.tensor([[7], [8]], { device });
    expect(t.concat([grid, more, grid], { axis: 1 }).toArray()).toEqual([
      [1, 2, 3, 7, 1, 2, 3],
      [4, 5, 6, 8, 4, 5, 6],
    ]);
    expect(t.concat([grid, more], { axis: -1 }).shape).toEqual([2, 4]);
    expect(t.concat([grid, t.slice(grid, [[0, 1]])]).toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [1, 2, 3],
    ]);
    expect(t.concat([grid, line], { axis: null }).toArray()).toEqual([
      1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4,
    ]);
    expect(t.concat([line, t.tensor([0.5], { device })]).toString()).toBe(
      "Tensor(float32, [6]) [0, 1, 2, 3, 4, 0.5]",
    );
    expect(t.concat([t.slice(line, [[0, 0]]), line]).toArray()).toEqual([0, 1, 2, 3, 4]);
  });

  it("split", () => {
    const lists = (parts: readonly t.Tensor[]) => parts.map((x) => x.toArray());
    expect(lists(t.split(grid, 2))).toEqual([[[1, 2, 3]], [[4, 5, 6]]]);
    expect(lists(t.split(grid, [1, 2], { axis: 1 }))).toEqual([
      [[1], [4]],
      [
        [2, 3],
        [5, 6],
      ],
    ]);
    expect(lists(t.split(line, [0, 5], { axis: -1 }))).toEqual([[], [0, 1, 2, 3, 4]]);
  });

  it("flip", () => {
    expect(t.flip(grid).toArray()).toEqual([
      [6, 5, 4],
      [3, 2, 1],
    ]);
    expect(t.flip(grid, { axis: 0 }).toArray()).toEqual([
      [4, 5, 6],
      [1, 2, 3],
    ]);
    expect(t.flip(grid, { axis: [-1] }).toArray()).toEqual([
      [3, 2, 1],
      [6, 5, 4],
    ]);
  });

  it("temporaries of slice and concat are freed", () => {
    const before = t.memory().tensors;
    t.slice(grid, [1]).dispose();
    t.concat([grid, line], { axis: null }).dispose();
    expect(t.memory().tensors).toBe(before);
  });
});

const RANGE = "\n  help: write [start, stop, step]: whole numbers or null, and a step other than 0";
const LENGTHS =
  "\n  help: give a number that divides its length, or a list of lengths that add up to it";

describe("refusals", () => {
  const grid = t.zeros([2, 3]);
  it.each<[string, () => unknown]>([
    [
      "permuteDims: [0] is not an order of the 2 axes of [2, 3]\n  help: name every axis once, in the order that they shall have",
      () => t.permuteDims(grid, [0]),
    ],
    [
      "permuteDims: [0, 0] is not an order of the 2 axes of [2, 3]\n  help: name every axis once, in the order that they shall have",
      () => t.permuteDims(grid, [0, 0]),
    ],
    [
      "permuteDims: axis 2 is out of range for [2, 3]\n  help: use -2 … 1",
      () => t.permuteDims(grid, [2, 0]),
    ],
    [
      "broadcastTo: [2, 3] does not broadcast to [3]\n" +
        "  help: axes are aligned on the right; only lengths of 1 stretch",
      () => t.broadcastTo(grid, [3]),
    ],
    [
      "broadcastTo: [2, 3] does not broadcast to [2, 4]\n" +
        "  help: axes are aligned on the right; only lengths of 1 stretch",
      () => t.broadcastTo(grid, [2, 4]),
    ],
    [
      "slice: 3 ranges for the 2 axes of [2, 3]\n  help: give one range for each axis, or fewer: the axes behind stay whole",
      () => t.slice(grid, [null, null, null]),
    ],
    [
      "slice: index 2 is out of range for axis 0 of [2, 3]\n  help: use -2 … 1",
      () => t.slice(grid, [2]),
    ],
    [
      "slice: index -4 is out of range for axis 1 of [2, 3]\n  help: use -3 … 2",
      () => t.slice(grid, [null, -4]),
    ],
    [
      "slice: index 0.5 is out of range for axis 0 of [2, 3]\n  help: use -2 … 1",
      () => t.slice(grid, [0.5]),
    ],
    [`slice: [0, 1, 0] is no range on axis 0 of [2, 3]${RANGE}`, () => t.slice(grid, [[0, 1, 0]])],
    [
      `slice: [0, 1, 0.5] is no range on axis 1 of [2, 3]${RANGE}`,
      () => t.slice(grid, [null, [0, 1, 0.5]]),
    ],
    [
      "pad: widths [[1,0]] do not fit [2, 3]\n  help: give [before, after] ≥ 0 for every axis",
      () => t.pad(grid, [[1, 0]]),
    ],
    [
      "pad: widths [[1,0],[0,-1]] do not fit [2, 3]\n" +
        "  help: give [before, after] ≥ 0 for every axis",
      () =>
        t.pad(grid, [
          [1, 0],
          [0, -1],
        ]),
    ],
    [
      "pad: widths [[0.5,0],[0,0]] do not fit [2, 3]\n" +
        "  help: give [before, after] ≥ 0 for every axis",
      () =>
        t.pad(grid, [
          [0.5, 0],
          [0, 0],
        ]),
    ],
    ["concat: no tensors to join\n  help: give a list of one or more", () => t.concat([])],
    [
      "concat: cannot join float32 [2, 3], float32 [3] along axis 0\n" +
        "  help: shapes must agree on every other axis, and dtypes must be equal",
      () => t.concat([grid, t.zeros([3])]),
    ],
    [
      "concat: cannot join float32 [2, 3], float32 [2, 4] along axis 0\n" +
        "  help: shapes must agree on every other axis, and dtypes must be equal",
      () => t.concat([grid, t.zeros([2, 4])]),
    ],
    [
      "concat: axis 2 is out of range for [2, 3]\n  help: use -2 … 1",
      () => t.concat([grid], { axis: 2 }),
    ],
    [`split: axis 0 of [2, 3] does not split into 3 equal parts${LENGTHS}`, () => t.split(grid, 3)],
    [
      `split: axis 1 of [2, 3] does not split into [1, 1]${LENGTHS}`,
      () => t.split(grid, [1, 1], { axis: 1 }),
    ],
    [`split: axis 0 of [2, 3] does not split into [3, -1]${LENGTHS}`, () => t.split(grid, [3, -1])],
    [
      `split: axis 0 of [2, 3] does not split into [0.5, 1.5]${LENGTHS}`,
      () => t.split(grid, [0.5, 1.5]),
    ],
    [
      "flip: axis 2 is out of range for [2, 3]\n  help: use -2 … 1",
      () => t.flip(grid, { axis: 2 }),
    ],
    [
      "reshape: cannot turn [2, 3] (6 elements) into [4] (4)\n  help: the number of elements stays; -1 stands for the length that is left",
      () => t.reshape(grid, [4]),
    ],
  ])("%s", (text, call) => {
    expect(refusalOf(ShapeError, call)).toBe(text);
  });

  it.each([
    ["reshape", () => t.reshape([1] as never, [1])],
    ["permuteDims", () => t.permuteDims([1] as never)],
    ["broadcastTo", () => t.broadcastTo([1] as never, [1])],
    ["slice", () => t.slice([1] as never, [null])],
  ])("%s of what is no tensor", (name, call) => {
    expect(refusalOf(t.DTypeError, call)).toMatch(new RegExp(`^${name}: `));
  });
});
