/**
 * @file Elementwise functions with first and second derivatives, over the whole range of floats,
 * against mpmath: no intermediate may overflow, underflow or cancel if the result does not.
 */
import { grad } from "@isograd/autograd";
import { scope, type Tensor, tensor } from "@isograd/tensor";
import { allOps } from "@isograd/tensor/engine";
import {
  type FloatDType,
  forEachBuild,
  goldenFunctions,
  type RangeGolden,
  rangeGolden,
} from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import { ruleOf } from "../../src/rules/lookup.js";

/** The allowed difference: below the smallest normal number, devices may give 0. */
const TOLERANCE = {
  float32: { relative: 2e-5, absolute: 2 ** -125, eps: 2 ** -23 },
  float64: { relative: 1e-12, absolute: 2 ** -1021, eps: 2 ** -52 },
} as const;

/** Where more is allowed: for which results, how much at a point, and why. */
interface Exception {
  readonly fn: string;
  readonly columns: readonly number[];
  readonly slack: (point: readonly number[], dtype: FloatDType) => number;
  readonly only?: FloatDType;
  readonly why: string;
}

const EXCEPTIONS: readonly Exception[] = [
  {
    fn: "gelu",
    columns: [0],
    only: "float32",
    slack: ([x = 0]: readonly number[]) =>
      x < -20 ? 0 : 1e-4 * Math.abs(x) * Math.exp((-x * x) / 2),
    why: "the tail of Φ in float32 is good to 10⁻⁷ of the largest values, and to three digits of its own",
  },
  {
    fn: "hypot",
    columns: [3, 5],
    slack: ([a = 0, b = 0], dtype) => (4 * TOLERANCE[dtype].eps) / Math.hypot(a, b),
    why: "b²/y³ is what is left of 1/y − a²/y³, as in PyTorch",
  },
  {
    fn: "pow",
    columns: [3, 4],
    slack: ([a = 0, b = 0], dtype) => {
      const largest = dtype === "float32" ? 2 ** 128 : Number.MAX_VALUE;
      return a ** (b - 2) >= largest || a ** (b - 1) * -Math.log(a) >= largest ? Infinity : 0;
    },
    why: "a^(b − 2) is ∞ before b (b − 1) would bring it back, as in PyTorch",
  },
  {
    fn: "atan2",
    columns: [3, 4, 5],
    slack: ([a = 0, b = 0], dtype) => {
      const square = 1 / Math.hypot(a, b) ** 2;
      const largest = dtype === "float32" ? 2 ** 128 : Number.MAX_VALUE;
      return 4 * square >= largest ? Infinity : 4 * TOLERANCE[dtype].eps * square;
    },
    why: "what is left of two quotients by r² where they cancel; ±∞ or NaN where 1/r² is out of range",
  },
  ...["asinh", "atan"].map((fn) => ({
    fn,
    columns: [2],
    slack: ([x = 0]: readonly number[]) => (Number.isFinite(x) ? 0 : Infinity),
    why: "NaN at ±∞, where x/√(1 + x²) is ∞/∞",
  })),
];

type Columns = readonly ArrayLike<number>[];

/** Values, first derivatives by each input, second derivatives by each pair of inputs. */
function derivatives(f: (...x: Tensor[]) => Tensor, x: Tensor[]): Columns {
  const slopes = (g: (y: Tensor[]) => Tensor) => grad((y: Tensor[]) => g(y).sum());
  const first = slopes((y) => f(...y));
  const second = x.flatMap((_, i) => slopes((y) => first(y)[i] as Tensor)(x).slice(i));
  return [f(...x), ...first(x), ...second].map((y) => y.dataSync());
}

function wrongAt(name: string, { only: dtype, in: points }: RangeGolden, c: number, i: number) {
  const point = points.map((list) => list[i] as number);
  const slack = EXCEPTIONS.filter(
    (e) => e.fn === name && e.columns.includes(c) && (e.only ?? dtype) === dtype,
  ).map((e) => e.slack(point, dtype));
  const { relative, absolute } = TOLERANCE[dtype];
  return (got: number, wanted: number): string | null => {
    if (Object.is(got, wanted) || slack.includes(Infinity)) return null;
    const near = absolute + relative * Math.abs(wanted) + Math.max(0, ...slack);
    if (Math.abs(got - wanted) <= near) return null;
    return `column ${c} at ${point.join(", ")}: received ${got}, expected ${wanted}`;
  };
}

/** Beyond the largest number there is ±∞; one step below, rounding may go up or down. */
function rounded(wanted: number, got: number, dtype: FloatDType): number {
  const value = dtype === "float32" ? Math.fround(wanted) : wanted;
  const edge = dtype === "float32" ? 3.4028e38 : 1.79769e308;
  return Math.abs(value) > edge && Math.abs(got) > edge && got * value > 0 ? got : value;
}

function compare(name: string, table: RangeGolden, got: Columns): string[] {
  return (table.of[name] ?? []).flatMap((column, c) =>
    column.flatMap((wanted, i) => {
      if (wanted === null) return [];
      const received = got[c]?.[i] as number;
      const value = rounded(wanted, received, table.only);
      const problem = wrongAt(name, table, c, i)(received, value);
      return problem === null ? [] : [problem];
    }),
  );
}

const tables = rangeGolden();
const run = (name: string, x: Tensor[]) =>
  derivatives(goldenFunctions[name] as (...x: Tensor[]) => Tensor, x);

forEachBuild((device) => {
  for (const table of tables) {
    it.each(Object.keys(table.of))(`%s in ${table.only}`, (name) => {
      scope(() => {
        const x = table.in.map((list) => tensor([...list], { dtype: table.only, device }));
        expect(compare(name, table, run(name, x))).toEqual([]);
      });
    });
  }
});

describe("coverage", () => {
  it("has values for every elementwise op with a derivative", () => {
    const covered = new Set(tables.flatMap((table) => Object.keys(table.of)));
    // A slope is reached through its function; accumulate is add.
    const functionOf = (name: string) => name.replace(/Grad$/, "");
    const missing = [...allOps().values()].filter(
      (op) => op.scalar !== undefined && ruleOf(op) !== null && !covered.has(functionOf(op.name)),
    );
    expect(missing.map((op) => op.name)).toEqual([]);
  });
});
