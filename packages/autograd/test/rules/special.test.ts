/**
 * @file First and second derivatives of every elementwise op at zeros, ties, poles and infinities:
 * where the value is a number, each derivative is its limit from nearby points. There are no
 * formulas here, so new ops are checked too.
 */
import { scope, type Tensor } from "@isograd/tensor";
import { allOps, apply, type Op } from "@isograd/tensor/engine";
import { describe, expect, it } from "vitest";
import { grad } from "../../src/index.js";
import { ruleOf } from "../../src/rules/lookup.js";
import { f64 } from "../helpers.js";

const INF = Number.POSITIVE_INFINITY;
const POINTS = [0, -0, 1, -1, 2, 0.5, -0.5, 1e-310, INF, -INF];

type Point = readonly number[];

interface Exception {
  readonly ops: readonly string[];
  readonly at: (point: Point, derivative: string) => boolean;
  readonly why: string;
}

const infinite = (point: Point) => point.some((x) => Math.abs(x) === INF);
const subnormal = (point: Point) => point.some((x) => Math.abs(x) === 1e-310);

const EXCEPTIONS: readonly Exception[] = [
  {
    ops: ["atan", "asinh", "acosh", "erf", "gelu", "geluTanh", "silu"],
    at: (point, derivative) => infinite(point) && derivative === "d00",
    why: "0 · ∞ in the second derivative at ±∞, as PyTorch's",
  },
  {
    ops: ["hypot", "atan2", "pow", "div", "xlogy"],
    at: infinite,
    why: "0 · ∞ or ∞/∞ at an infinite operand, as PyTorch's",
  },
  {
    ops: ["geluGrad", "geluTanhGrad", "siluGrad", "tanhGrad", "sigmoidGrad"],
    at: infinite,
    why: "derivatives of derivatives, whose cotangents are finite",
  },
  {
    ops: ["lgamma"],
    at: ([x = 0], derivative) => x === INF && derivative === "d0",
    why: "log x, which is below 50 at the largest number nearby",
  },
  {
    ops: ["lgamma"],
    at: ([x = 0]) => x === -1 || x === -INF,
    why: "a pole with both signs at its sides, and poles without end, as PyTorch's",
  },
  {
    ops: ["pow"],
    at: ([a = 0], derivative) => Math.abs(a) <= 1e-310 && /d01|d10/.test(derivative),
    why: "at base 0 the logarithm counts as 0",
  },
  {
    ops: ["div"],
    at: ([, b], derivative) => b === 0 && derivative === "d11",
    why: "a pole, as PyTorch's",
  },
  {
    ops: ["hypot", "atan2", "div", "pow"],
    at: subnormal,
    why: "the true second derivative is larger than every number",
  },
];

function excepted(op: Op, point: Point, derivative: string): boolean {
  return EXCEPTIONS.some(({ ops, at }) => ops.includes(op.name) && at(point, derivative));
}

/** Points near a point, one operand moved at a time; near an infinity, a large number. */
function around(point: Point): number[][] {
  return point.flatMap((x, i) => {
    const step = Math.abs(x) < 1e-300 ? Math.abs(x) / 4 || 1e-7 : Math.abs(x) * 1e-7;
    const beside = Number.isFinite(x) ? [x - step, x + step] : [Math.sign(x) * 1e20];
    return beside.map((y) => point.with(i, y));
  });
}

type Table = Readonly<Record<string, readonly number[]>>;

/**
 * Value and derivatives of an op at many points, by name: d1 by the second operand, d10 then by the
 * first.
 */
function derivatives(op: Op, points: readonly Point[]): Table {
  return scope(() => {
    const operands = (points[0] as Point).map((_, i) => f64(points.map((p) => p[i] as number)));
    const run = (xs: readonly Tensor[]) => apply(op, xs, undefined);
    const slope = (i: number, xs: readonly Tensor[]) =>
      grad((x: Tensor) => run(xs.with(i, x)).sum())(xs[i] as Tensor);
    const found: Record<string, readonly number[]> = { value: [...run(operands).dataSync()] };
    operands.forEach((_, i) => {
      found[`d${i}`] = [...slope(i, operands).dataSync()];
      operands.forEach((at, j) => {
        const bend = grad((y: Tensor) => slope(i, operands.with(j, y)).sum())(at);
        found[`d${i}${j}`] = [...bend.dataSync()];
      });
    });
    return found;
  });
}

/**
 * What is wrong with a derivative, compared with those nearby: nothing if it is between them, or
 * infinite like them.
 */
function fault(d: number, nearby: readonly number[]): string | null {
  const known = nearby.filter((x) => !Number.isNaN(x));
  if (known.length === 0) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const slack = 1e-5 * (1 + Math.min(Math.abs(low), Math.abs(high)));
  const right = Number.isFinite(d)
    ? d >= low - slack && d <= high + slack
    : !Number.isNaN(d) && Math.max(-low, high) > 1e3;
  return right ? null : `${d} beside ${low} … ${high}`;
}

const smooth = [...allOps().values()].filter(
  (op) => op.scalar !== undefined && op.scalar.length < 3 && ruleOf(op) !== null,
);

describe("derivatives at special points are the limits of those nearby", () => {
  it.each(smooth)("$name", (op) => {
    const single = (op.scalar as (...x: number[]) => number).length === 1;
    const points = POINTS.flatMap((a) => (single ? [[a]] : POINTS.map((b) => [a, b])));
    const groups = points.map((point) => [point, ...around(point)]);
    const table = derivatives(op, groups.flat());
    const faults: string[] = [];
    let from = 0;
    for (const group of groups) {
      const [start, end] = [from, from + group.length];
      from = end;
      if (Number.isNaN(table.value?.[start])) continue;
      for (const [name, all] of Object.entries(table)) {
        if (name === "value" || excepted(op, group[0] as Point, name)) continue;
        const [d, ...nearby] = all.slice(start, end);
        const wrong = fault(d as number, nearby);
        if (wrong !== null) faults.push(`${name}(${group[0]}): ${wrong}`);
      }
    }
    expect(faults).toEqual([]);
  });
});
