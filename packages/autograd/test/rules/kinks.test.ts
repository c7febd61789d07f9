/**
 * @file Values, gradients and Hessians where a formula reads 0 · ∞, 0/0 or ∞ − ∞: at kinks, in rows
 * of infinities only, and where squares overflow or underflow. Expected is the limit, or what the
 * documentation of the function says.
 */
import {
  atan2,
  hypot,
  interpolate,
  logaddexp,
  logSumExp,
  max,
  maxPool1d,
  maxPool2d,
  min,
  mod,
  pow,
  segmentMax,
  segmentMin,
  std,
  type Tensor,
  tensor,
  variance,
  vectorNorm,
  where,
  isFinite as whereFinite,
} from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { grad, hessian } from "../../src/index.js";

const INF = Number.POSITIVE_INFINITY;
type F = (x: Tensor) => Tensor;

const devices = [
  { device: "cpu", dtype: "float64", digits: 1e-12 },
  { device: "cpu", dtype: "float32", digits: 2e-6 },
] as const;

const operands = (f: (a: Tensor, b: Tensor) => Tensor) => (x: Tensor) =>
  f(x.slice([0]), x.slice([1]));
/** The elements; a zero of either sign is 0. */
const flat = (x: Tensor): number[] => Array.from(x.dataSync(), (v) => v + 0);

describe.each(devices)("on $device in $dtype", ({ device, dtype, digits }) => {
  const make = (values: readonly number[]) => tensor([...values], { device, dtype });
  const close = (got: readonly number[], wanted: readonly number[], factor = 1) => {
    const size = Math.max(...wanted.map(Math.abs).filter(Number.isFinite), 1e-300);
    const off = got.map((x, i) =>
      Object.is(x, wanted[i]) || x === wanted[i] ? 0 : Math.abs(x - (wanted[i] as number)) / size,
    );
    expect({ got, off: off.every((d) => d <= digits * factor) }).toEqual({ got, off: true });
    expect(got.length).toBe(wanted.length);
  };
  const slope = (f: F, x: readonly number[]) => flat(grad((y: Tensor) => f(y).sum())(make(x)));
  const bend = (f: F, x: readonly number[]) => flat(hessian((y: Tensor) => f(y).sum())(make(x)));
  const value = (f: F, x: readonly number[]) => flat(f(make(x)));

  it("powers have all derivatives at base 0, by numbers and by tensors", () => {
    // (xᵖ)' and (xᵖ)'' at 0 and at −2
    const known = { 0: [0, 0, 0, 0], 1: [1, 0, 1, 0], 2: [0, 2, -4, 2], 3: [0, 0, 12, -12] };
    for (const [p, [d, dd, e, ee]] of Object.entries(known)) {
      for (const exponent of [Number(p), make([Number(p)])]) {
        const f: F = (x) => pow(x, exponent);
        close([...slope(f, [0]), ...bend(f, [0])], [d, dd] as number[]);
        close([...slope(f, [-2]), ...bend(f, [-2])], [e, ee] as number[]);
        close([...slope(f, [-0]), ...bend(f, [-0])], [d, dd] as number[]);
      }
    }
  });

  it("the Hessian of a power by base and exponent: that of b a^(b−1) and aᵇ log a, with log 0 as 0", () => {
    const f = operands(pow);
    const mixed = (a: number, b: number) => a ** (b - 1) * (1 + b * Math.log(a));
    close(bend(f, [0, 2]), [2, 0, 0, 0]);
    close(bend(f, [0, 1]), [0, 1, 1, 0]);
    close(bend(f, [0, 0]), [0, 0, 0, 0]);
    // the mixed derivative at exponent 0 is 1/a
    close(bend(f, [2, 0]), [0, 0.5, 0.5, Math.LN2 ** 2]);
    close(bend(f, [3, 1]), [0, mixed(3, 1), mixed(3, 1), 3 * Math.log(3) ** 2], 4);
    // log of a negative base
    expect(slope(f, [-2, 2])).toEqual([-4, Number.NaN]);
  });

  it.each([2, 3, 4, 1.5, 0.5, -1, -2])("the norm of order %d as its formulas", (ord) => {
    const f: F = (x) => vectorNorm(x, { ord });
    const x = [3, -4, 2];
    const n = x.reduce((s, v) => s + Math.abs(v) ** ord, 0) ** (1 / ord);
    const unit = x.map((v) => Math.sign(v) * (Math.abs(v) / n) ** (ord - 1));
    close(value(f, x), [n], 4);
    close(slope(f, x), unit, 8);
    // (ord − 1)/n (|xᵢ/n|^(ord−2) δᵢⱼ − uᵢ uⱼ)
    const curvature = x.flatMap((v, i) =>
      x.map((_, j) => {
        const own = i === j ? (Math.abs(v) / n) ** (ord - 2) : 0;
        return ((ord - 1) / n) * (own - (unit[i] as number) * (unit[j] as number));
      }),
    );
    close(bend(f, x), curvature, 20);
  });

  it.each([1, 2, 3, 1.5, 0.5, -1, 0, INF, -INF])("the norm of order %d at zeros", (ord) => {
    const f: F = (x) => vectorNorm(x, { ord });
    expect([value(f, [0, 0]), slope(f, [0, 0]), bend(f, [0, 0])]).toEqual([
      [0],
      [0, 0],
      [0, 0, 0, 0],
    ]);
    const [with0, without] = [slope(f, [0, 3, -4]), slope(f, [3, -4])];
    // PyTorch masks elements that are 0
    expect(with0[0]).toBe(0);
    if (ord > 0) close(with0.slice(1), without);
    else expect(with0.slice(1)).toEqual([0, 0]);
    expect(bend(f, [0, 3, -4]).every(Number.isFinite)).toBe(true);
  });

  const scales = dtype === "float32" ? [1e-25, 1e25, 3e20] : [1e-200, 1e200, 1e-25, 3e20];
  it.each(scales)("norms and angles of numbers near %d", (s) => {
    for (const ord of [1, 2, 3, 0.5, -1]) {
      const f: F = (x) => vectorNorm(x, { ord });
      close(
        value(f, [3 * s, 4 * s]).map((v) => v / s),
        value(f, [3, 4]),
        4,
      );
      close(slope(f, [3 * s, 4 * s]), slope(f, [3, 4]), 4);
    }
    // ∂ atan2(a, b) = (b, −a) / (a² + b²)
    const f = operands(atan2);
    close(value(f, [s, s]), [Math.PI / 4]);
    close(
      slope(f, [s, s]).map((v) => v * s),
      [0.5, -0.5],
      2,
    );
    close(
      slope(f, [3 * s, -4 * s]).map((v) => v * s),
      [-0.16, -0.12],
      2,
    );
  });

  it.each(scales)("standard deviations of numbers near %d", (s) => {
    close(
      [...value(std, [s, 3 * s]).map((v) => v / s), ...slope(std, [s, 3 * s])],
      [1, -0.5, 0.5],
      4,
    );
    const columns: F = (x) => std(x.reshape([2, 2]), { axis: 0, correction: 1, keepdims: true });
    close(
      value(columns, [s, 1, 3 * s, 5]).map((v, i) => (i === 0 ? v / s : v)),
      [Math.SQRT2, 2 * Math.SQRT2],
      4,
    );
  });

  it("the angle and the length of (0, 0) have derivatives of 0", () => {
    for (const f of [operands(atan2), operands(hypot)]) {
      for (const zero of [
        [0, 0],
        [-0, 0],
        [0, -0],
        [-0, -0],
      ]) {
        expect([slope(f, zero), bend(f, zero)]).toEqual([
          [0, 0],
          [0, 0, 0, 0],
        ]);
      }
    }
    close(bend(operands(atan2), [0, 2]), [0, -0.25, -0.25, 0]);
    close(bend(operands(hypot), [0, 2]), [0.5, 0, 0, 0]);
  });

  it("standard deviations of equal numbers and of a single one have the gradient 0", () => {
    for (const x of [[2, 2, 2], [5]]) {
      expect(new Set([...value(std, x), ...slope(std, x), ...bend(std, x)])).toEqual(new Set([0]));
    }
    // n − c = 0: 0/0, as NumPy and PyTorch
    expect(value((x) => std(x, { correction: 1 }), [5])).toEqual([Number.NaN]);
    expect(value((x) => variance(x, { correction: 3 }), [1, 3])).toEqual([INF]);
  });

  it("log Σ eˣ: no gradient where all are −∞, a share for each +∞", () => {
    const sums: F = (x) => logSumExp(x);
    const both = operands(logaddexp);
    for (const f of [sums, both]) {
      expect([value(f, [-INF, -INF]), slope(f, [-INF, -INF])]).toEqual([[-INF], [0, 0]]);
      expect([value(f, [-INF, 1]), slope(f, [-INF, 1])]).toEqual([[1], [0, 1]]);
      expect([value(f, [INF, 1]), slope(f, [INF, 1])]).toEqual([[INF], [1, 0]]);
      expect(slope(f, [INF, INF])).toEqual([0.5, 0.5]);
      for (const x of [
        [-INF, -INF],
        [-INF, 1],
        [INF, 1],
        [INF, INF],
      ]) {
        expect(bend(f, x)).toEqual([0, 0, 0, 0]);
      }
      const p = 1 / (1 + Math.E); // softmax of (1, 2)
      close(slope(f, [1, 2]), [p, 1 - p], 4);
      close(
        bend(f, [1, 2]),
        [1, -1, -1, 1].map((sign) => sign * p * (1 - p)),
        4,
      );
    }
  });

  it("the derivative of a remainder by the divisor is minus the quotient that belongs to it", () => {
    const f = operands(mod);
    for (const [a, b] of [
      [1, 0.1],
      [-1, 0.1],
      [3, -0.3],
      [0.3, 0.1],
      [7.5, 2.5],
      [1e6, 3],
      [5, -3],
    ] as const) {
      const [x, y] = flat(make([a, b])) as [number, number];
      const [r] = value(f, [a, b]) as [number];
      const quotient = Math.round((x - r) / y);
      close(slope(f, [a, b]), [1, -quotient]);
    }
    // −1 mod ∞ = −1 + ∞
    expect(slope(f, [-1, INF])).toEqual([1, 1]);
  });

  it("extremes of infinities and NaN have gradients that are numbers", () => {
    expect(slope(max, [-INF, -INF])).toEqual([0.5, 0.5]);
    expect(slope(min, [INF, INF, 1])).toEqual([0, 0, 1]);
    // NaN counts as a tie of all; a where can hide it
    const known: F = (x) => where(whereFinite(max(x)), max(x), 0);
    expect(slope(max, [Number.NaN, 1])).toEqual([0.5, 0.5]);
    expect(slope(known, [Number.NaN, 1])).toEqual([0, 0]);
    const ids = tensor([0, 0, 2], { dtype: "int32", device });
    // −∞ is the result of an empty segment; in a segment of −∞ it gets no gradient
    expect(value((x) => segmentMax(x, ids, 3), [-INF, -INF, 1])).toEqual([-INF, -INF, 1]);
    expect(slope((x) => segmentMax(x, ids, 3), [-INF, -INF, 1])).toEqual([0.5, 0.5, 1]);
    expect(slope((x) => segmentMin(x, ids, 3), [INF, INF, 1])).toEqual([0.5, 0.5, 1]);
    const finite: F = (x) => {
      const most = segmentMax(x, ids, 3);
      return where(whereFinite(most), most, 0);
    };
    expect(slope(finite, [Number.NaN, 1, 2])).toEqual([0, 0, 1]);
  });

  it("a window of −∞ gives its gradient to its first place, not to the padding", () => {
    // like max_pool1d and max_pool2d of PyTorch 1.13
    const line: F = (x) => maxPool1d(x.reshape([1, 1, 4]), 2, { padding: 1 });
    expect(slope(line, [-INF, -INF, -INF, -INF])).toEqual([1, 1, 0, 1]);
    expect(slope(line, [Number.NaN, 1, 2, 3])).toEqual([1, 0, 1, 1]);
    const plane: F = (x) =>
      maxPool2d(x.reshape([1, 1, 3, 2]), [3, 2], { padding: 1, stride: [2, 1] });
    expect(slope(plane, [-INF, -INF, -INF, -INF, -INF, -INF])).toEqual([2, 1, 2, 1, 0, 0]);
  });

  it("an infinite element stays out of means it has no part in", () => {
    const resized =
      (size: number, mode: "area" | "linear"): F =>
      (x) =>
        interpolate(x.reshape([1, 1, 4]), {
          size,
          mode,
          ...(mode === "linear" && { alignCorners: true }),
        });
    expect(value(resized(2, "area"), [1, INF, 2, 3])).toEqual([INF, 2.5]);
    close(value(resized(3, "area"), [1, 2, 3, 6]), [1.5, 2.5, 4.5]);
    expect(value(resized(7, "linear"), [1, INF, 2, 3])).toEqual([1, INF, INF, INF, 2, 2.5, 3]);
  });
});
