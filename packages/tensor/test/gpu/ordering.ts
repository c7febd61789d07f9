/** @file Sorting, searching and bits. */
import {
  argsort,
  bitwiseAnd,
  bitwiseInvert,
  bitwiseLeftShift,
  bitwiseOr,
  bitwiseRightShift,
  bitwiseXor,
  cumulativeProd,
  diagonal,
  permuteDims,
  searchsorted,
  sort,
  topK,
  tril,
} from "@isograd/tensor";
import { type Case, given, ints, numbers } from "./case.js";

const BITS = { x: [6, -6, 0, -1, 1000003, -1000003, 77, 5], y: [3, 3, -4, -1, 65537, 9, -77, 0] };

/** Orders, and integers bit by bit. */
export const ordering: readonly Case[] = [
  {
    name: "argsort, sort and topK",
    ops: ["argsort"],
    inputs: () => [
      numbers([3, 7]),
      numbers([2, 5, 3], -1, 1, 2),
      given([2, NaN, 1, 2, -0, 0, NaN, Infinity, -Infinity]),
    ],
    run: (x, y, z) => [
      argsort(x),
      argsort(x, { descending: true }),
      sort(y, { axis: 1 }),
      sort(permuteDims(x), { axis: 0 }),
      argsort(z),
      argsort(z, { descending: true }),
      ...topK(x, 2),
    ],
  },
  {
    name: "searchsorted",
    ops: ["searchsorted"],
    inputs: () => [given([-1, 0, 0, 2, 5]), given([0, -3, 9, 2, 1, NaN], [2, 3])],
    run: (s, v) => [searchsorted(s, v), searchsorted(s, v, { side: "right" })],
  },
  {
    name: "bits",
    ops: ["bitwiseAnd", "bitwiseOr", "bitwiseXor"],
    inputs: () => [ints(BITS.x), ints(BITS.y)],
    run: (x, y) => [bitwiseAnd(x, y), bitwiseOr(x, y), bitwiseXor(x, y), bitwiseInvert(x)],
  },
  {
    name: "shifts of bits",
    ops: ["bitwiseLeftShift", "bitwiseRightShift"],
    inputs: () => [ints([5, -5, 1, 0, -1, 7, -7, 7, -7]), ints([0, 3, 20, 31, 9, -1, -1, 32, 32])],
    run: (x, n) => [bitwiseLeftShift(x, n), bitwiseRightShift(x, n)],
  },
  {
    name: "what is made of other ops",
    ops: [],
    inputs: () => [numbers([4, 5])],
    run: (x) => [diagonal(x), tril(x), cumulativeProd(x, { axis: 1 })],
    rtol: 1e-5,
  },
];
