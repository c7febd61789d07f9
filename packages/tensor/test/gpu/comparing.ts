/** @file Comparisons, signs, choosing and casts: cases that do not follow from a formula. */
import {
  add,
  cast,
  clip,
  div,
  equal,
  greaterEqual,
  isFinite as isFiniteNumber,
  isNaN as isNotNumber,
  less,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  maximum,
  minimum,
  mod,
  mul,
  notEqual,
  pow,
  where,
} from "@isograd/tensor";
import { bools, type Case, given, ints, numbers } from "./case.js";

const PAIRS = { x: [2, -2, 3, 0, -3, 5, 1, NaN], y: [3, 3, -2, 2, 3, 0, NaN, 1] };
const pairs = () => [given(PAIRS.x), given(PAIRS.y)];

/** NaN, signs, bools and integers. */
export const comparing: readonly Case[] = [
  ...[equal, notEqual, less, greaterEqual, maximum, minimum, pow].map(
    (f): Case => ({
      name: `${f.op.name} with NaN, zeros and signs`,
      ops: [f.op.name],
      inputs: pairs,
      run: (x, y) => f(x, y),
    }),
  ),
  {
    name: "mod of either sign",
    ops: ["mod"],
    inputs: () => [given([7, -7, 7, -7, 6, -6, 5.5, 9]), given([3, 3, -3, -3, 3, 3, 2, 3])],
    run: (x, y) => mod(x, y),
  },
  {
    name: "pow to a whole number",
    ops: ["pow"],
    inputs: () => [numbers([4, 6])],
    run: (x) => [pow(x, 3), pow(x, -2), pow(x, 0)],
    rtol: 1e-5,
  },
  {
    name: "isNaN and isFinite",
    ops: [],
    inputs: () => [given([1, NaN, Infinity, -Infinity, 0])],
    run: (x) => [isNotNumber(x), isFiniteNumber(x)],
  },
  {
    name: "where, broadcast",
    ops: ["where"],
    inputs: () => [bools([1, 0, 1]), numbers([2, 3]), given([NaN])],
    run: (c, x, y) => where(c, x, y),
  },
  {
    name: "clip",
    ops: ["clip"],
    inputs: () => [given([-3, 0.5, 3, NaN])],
    run: (x) => [clip(x, { min: -1, max: 1 }), clip(x, { min: 0 })],
  },
  {
    name: "logic on bools",
    ops: ["logicalAnd", "logicalOr", "logicalXor"],
    inputs: () => [bools([1, 1, 0, 0]), bools([1, 0, 1, 0])],
    run: (a, b) => [logicalAnd(a, b), logicalOr(a, b), logicalXor(a, b), logicalNot(a)],
  },
  {
    name: "casts",
    ops: ["cast"],
    inputs: () => [given([1.7, -1.7, 0, NaN, 2]), ints([1, 0, -3]), bools([1, 0])],
    run: (x, i, b) => [
      cast(x, "int32"),
      cast(x, "bool"),
      cast(i, "float32"),
      cast(i, "bool"),
      cast(b, "int32"),
    ],
  },
  {
    name: "casts of what int32 does not hold, to its ends",
    ops: ["cast"],
    inputs: () => [given([3e9, -3e9, 1e30, Infinity, -Infinity, NaN, 2147483520])],
    run: (x) => cast(x, "int32"),
  },
  {
    name: "integers beside numbers that are none",
    ops: [],
    inputs: () => [ints([0, 1, -1, 4095])],
    run: (x) => [
      ...[0.5, -0.5, 3e9, -3e9, NaN, Infinity].flatMap((y) => [
        ...[equal, notEqual, less, greaterEqual].map((f) => f(x, y)),
        less(y, x),
      ]),
      logicalAnd(x, 2 ** 32),
      clip(x, { min: 0.5 }),
    ],
  },
  {
    name: "integers to negative powers",
    ops: ["pow"],
    inputs: () => [ints([2, 1, -1, -1, 0]), ints([-1, -2, -3, -4, -1])],
    run: (x, y) => mul(pow(x, y), 4),
  },
  {
    name: "integer arithmetic",
    ops: ["add", "mul", "sub"],
    inputs: () => [ints([5, -7, 1000, 4095]), ints([3, 2, 1000, 4096])],
    run: (x, y) => [add(x, y), mul(x, y), mod(x, 4), div(x, y)],
  },
];
