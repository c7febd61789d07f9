/** @file Moving elements, and reading and adding at indices. */
import {
  add,
  addAlongAxis,
  broadcastTo,
  concat,
  flip,
  indexAdd,
  oneHot,
  pad,
  permuteDims,
  reshape,
  roll,
  segmentSum,
  slice,
  split,
  stack,
  sub,
  take,
  takeAlongAxis,
} from "@isograd/tensor";
import { cumulativeArgmax, maxAlongAxis, place, setAlongAxis } from "@isograd/tensor/engine";
import { type Case, given, ints, numbers } from "./case.js";

/** Moving without arithmetic. */
export const moving: readonly Case[] = [
  {
    name: "reshape, permuteDims, broadcastTo",
    ops: ["reshape", "permuteDims", "broadcastTo"],
    inputs: () => [numbers([2, 3, 4])],
    run: (x) => [
      reshape(x, [4, 6]),
      permuteDims(x, [2, 0, 1]),
      reshape(permuteDims(x), [-1]),
      broadcastTo(reshape(x, [2, 3, 1, 4]), [2, 3, 2, 4]),
      add(permuteDims(x, [1, 0, 2]), 1),
    ],
  },
  {
    name: "slice and flip",
    ops: ["slice", "flip"],
    inputs: () => [numbers([5, 6, 2])],
    run: (x) => [
      slice(x, [
        [1, 4],
        [null, null, 2],
      ]),
      slice(x, [[null, null, -1], 3]),
      slice(x, [2, [4, 1, -1]]),
      flip(x, { axis: [0, 2] }),
      roll(x, 2, { axis: 1 }),
    ],
  },
  {
    name: "place and pad",
    ops: ["place"],
    inputs: () => [numbers([2, 3])],
    run: (x) => [
      pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        { value: 7 },
      ),
      place(x, { shape: [5, 8], starts: [1, 7], steps: [3, -2], value: 0 }),
    ],
  },
  {
    name: "concat, stack and split",
    ops: ["concat", "split"],
    inputs: () => [
      numbers([2, 3]),
      numbers([2, 1], -2, 2, 1),
      numbers([2, 3], -2, 2, 2),
      numbers([0, 3]),
    ],
    run: (a, b, c, none) => [
      concat([a, b, c], { axis: 1 }),
      concat([a, none, c]),
      stack([a, c], { axis: 2 }),
      concat(Array.from({ length: 20 }, (_, i) => (i % 2 ? a : c))),
      ...split(a, [1, 2], { axis: 1 }),
    ],
  },
];

/** At places given by integers. */
export const placing: readonly Case[] = [
  {
    name: "take",
    ops: ["take"],
    inputs: () => [numbers([3, 4, 2]), ints([2, 0, 1, 1], [2, 2])],
    run: (x, i) => [take(x, i), take(x, i, { axis: 1 })],
  },
  {
    name: "take by indices made on the device",
    ops: [],
    inputs: () => [numbers([4, 3]), ints([2, 0, 1])],
    run: (x, i) => take(x, add(i, 1)),
  },
  {
    name: "takeAlongAxis, addAlongAxis, oneHot",
    ops: ["takeAlongAxis", "addAlongAxis", "oneHot"],
    inputs: () => [numbers([2, 3, 2]), ints([2, 0, 1, 1], [2, 1, 2]), numbers([2, 1, 2])],
    run: (x, i, v) => [
      takeAlongAxis(x, i, { axis: 1 }),
      addAlongAxis(v, i, 3, { axis: 1 }),
      oneHot(i, 3),
    ],
  },
  {
    name: "writing along an axis, running maxima",
    ops: ["setAlongAxis", "maxAlongAxis", "cumulativeArgmax"],
    inputs: () => [
      numbers([2, 3, 2]),
      ints([2, 0, 1, 1, 2, 1, 0, 0], [2, 2, 2]),
      numbers([2, 2, 2]),
      given([1, 3, 3, Number.NaN, 4, Number.NaN, 0, 9], [2, 2, 2]),
    ],
    run: (x, i, v, nans) => [
      setAlongAxis(x, i, v, { axis: 1 }),
      maxAlongAxis(x, i, v, { axis: 1 }),
      maxAlongAxis(x, i, nans, { axis: 1 }),
      cumulativeArgmax(x, 1),
      cumulativeArgmax(reshape(nans, [8]), 0),
    ],
  },
  {
    name: "segmentSum",
    ops: ["segmentSum"],
    inputs: () => [numbers([5, 3]), ints([1, 0, 1, 3, 0]), numbers([2, 5], -2, 2, 1)],
    run: (x, i, y) => [
      segmentSum(x, i, 4),
      segmentSum(y, i, 4, { axis: 1 }),
      segmentSum(x, add(i, 0), 4),
    ],
    rtol: 1e-5,
  },
  {
    name: "indexAdd",
    ops: ["indexAdd"],
    inputs: () => [numbers([4, 3]), ints([1, 3, 1]), numbers([3, 3]), numbers([4, 3])],
    run: (x, i, u, w) => [indexAdd(x, i, u), indexAdd(w, sub(i, 1), u)],
    rtol: 1e-5,
  },
];
