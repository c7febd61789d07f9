/** @file int32 beside integers without bounds: what wraps, what casts make of floats, what is refused, how numbers compare. */

import { fc, test } from "@fast-check/vitest";
import * as t from "@isograd/tensor";
import { forEachBuild } from "@isograd/testkit";
import { describe, expect, it } from "vitest";

const [LOW, HIGH] = [-(2 ** 31), 2 ** 31 - 1];
const edge = fc.constantFrom(LOW, LOW + 1, -65536, -1, 0, 1, 2, 46341, 2 ** 24 + 1, HIGH - 1, HIGH);
const int = fc.oneof(edge, fc.integer({ min: LOW, max: HIGH }));
const vector = fc.array(int, { minLength: 1, maxLength: 9 });
/** Numbers on and around whole ones, far outside of int32, infinite, and none. */
const any = fc.oneof(
  int,
  int.map((n) => n + 0.5),
  fc.double(),
  fc.constantFrom(HIGH + 1, LOW - 1, HIGH + 0.5, LOW - 0.5, 2 ** 32, 2 ** 40, 1e300, NaN, Infinity),
);
const runs = { numRuns: 25 };

/** What stays of an integer modulo 2³², as NumPy keeps it. */
const wrapped = (n: bigint) => Number(BigInt.asIntN(32, n));
const big = (v: readonly number[]) => v.map(BigInt);
const plus = (a: bigint, b: bigint) => a + b;

// 2²² numbers of 2³¹ come to 2⁵³: a double that adds up more drops the last bit
it("wraps sums that a double cannot hold", () => {
  const n = 2 ** 22 + 3;
  const options = { dtype: "int32", device: "reference" } as const;
  const [x, ids] = [t.full([n], HIGH, options), t.zeros([n], options)];
  const want = wrapped(BigInt(n) * BigInt(HIGH));
  expect(t.sum(x).item()).toBe(want);
  expect(t.segmentSum(x, ids, 1).item()).toBe(want);
  for (const y of [x, ids]) y.dispose();
});

forEachBuild((device) => {
  const ints = (v: readonly number[]) => t.tensor([...v], { dtype: "int32", device });
  const one = (x: number) => ints([x]);

  describe("wraps", () => {
    test.prop([int, int], runs)("arithmetic modulo 2³²", (a, b) => {
      const [x, y] = [BigInt(a), BigInt(b)];
      for (const other of [one(b), b]) {
        expect(t.add(one(a), other).item()).toBe(wrapped(x + y));
        expect(t.sub(one(a), other).item()).toBe(wrapped(x - y));
        expect(t.mul(one(a), other).item()).toBe(wrapped(x * y));
      }
      expect(t.neg(one(a)).item()).toBe(wrapped(-x) + 0);
      expect(t.abs(one(a)).item()).toBe(wrapped(x < 0n ? -x : x));
      expect(t.square(one(a)).item()).toBe(wrapped(x * x));
      expect(t.bitwiseInvert(one(a)).item()).toBe(~a);
    });

    test.prop([int, fc.integer({ min: 0, max: 40 })], runs)("powers", (a, n) => {
      expect(t.pow(one(a), n).item()).toBe(wrapped(BigInt(a) ** BigInt(n)));
      expect(t.pow(one(a), one(n)).item()).toBe(wrapped(BigInt(a) ** BigInt(n)));
    });

    // a = q b + r with 0 ≤ r < |b| of the sign of b; what a division by 0 gives is 0, as NumPy's
    test.prop([int, int], runs)("quotients and remainders fit together, −2³¹ / −1 too", (a, b) => {
      const [q, r] = [t.floorDivide(one(a), one(b)).item(), t.mod(one(a), one(b)).item()];
      if (b === 0) expect([q, r]).toEqual([0, 0]);
      else {
        const rest = ((BigInt(a) % BigInt(b)) + BigInt(b)) % BigInt(b);
        expect([q, r]).toEqual([wrapped((BigInt(a) - rest) / BigInt(b)), Number(rest)]);
      }
    });

    test.prop([vector], runs)("sums, products and what is made of them", (v) => {
      const x = ints(v);
      const [total, squares] = [big(v).reduce(plus), big(v).reduce((s, n) => s + n * n, 0n)];
      expect(t.sum(x).item()).toBe(wrapped(total));
      expect(t.prod(x).item()).toBe(wrapped(big(v).reduce((a, b) => a * b)));
      expect(t.cumulativeSum(x).toArray()).toEqual(
        v.map((_, i) => wrapped(big(v.slice(0, i + 1)).reduce(plus))),
      );
      expect(t.cumulativeProd(x).toArray()).toEqual(
        v.map((_, i) => wrapped(big(v.slice(0, i + 1)).reduce((a, b) => a * b))),
      );
      for (const dot of [t.matmul(x, x), t.vecdot(x, x), t.einsum("i,i->", x, x)]) {
        expect(dot.item()).toBe(wrapped(squares));
      }
      const ids = ints(v.map(() => 0));
      expect(t.segmentSum(x, ids, 1).item()).toBe(wrapped(total));
      expect(t.indexAdd(one(HIGH), ids, x).item()).toBe(wrapped(BigInt(HIGH) + total));
      expect(t.addAlongAxis(x, ids, 1).item()).toBe(wrapped(total));
      expect(t.putAlongAxis(one(LOW), ids, x, { mode: "add" }).item()).toBe(
        wrapped(BigInt(LOW) + total),
      );
    });

    test.prop([int, fc.integer({ min: -40, max: 70 })], runs)("shifts of any number", (a, n) => {
      const inside = n >= 0 && n < 32;
      for (const by of [one(n), n]) {
        expect(t.bitwiseLeftShift(one(a), by).item()).toBe(inside ? a << n : 0);
        expect(t.bitwiseRightShift(one(a), by).item()).toBe(inside ? a >> n : a < 0 ? -1 : 0);
      }
      expect(t.bitwiseLeftShift(a, 3).item()).toBe(a << 3);
      expect(t.bitwiseInvert(a).dtype).toBe("int32");
    });
  });

  describe("compares exact values", () => {
    const COMPARISONS = [
      [t.equal, (x: number, y: number) => x === y],
      [t.notEqual, (x: number, y: number) => x !== y],
      [t.less, (x: number, y: number) => x < y],
      [t.lessEqual, (x: number, y: number) => x <= y],
      [t.greater, (x: number, y: number) => x > y],
      [t.greaterEqual, (x: number, y: number) => x >= y],
    ] as const;

    test.prop([int, any], runs)("with any JavaScript number, on either side", (a, y) => {
      for (const [f, holds] of COMPARISONS) {
        expect(f(one(a), y).item(), `${f.op.name}(${a}, ${y})`).toBe(Number(holds(a, y)));
        expect(f(y, one(a)).item(), `${f.op.name}(${y}, ${a})`).toBe(Number(holds(y, a)));
        const bit = t.tensor([a % 2 !== 0], { device });
        expect(f(bit, y).item()).toBe(Number(holds(Math.abs(a % 2), y)));
      }
    });

    test.prop([int, any], runs)("with float32 and float64 tensors", (a, y) => {
      for (const dtype of ["float32", "float64"] as const) {
        const other = t.tensor([y], { dtype, device });
        for (const [f, holds] of COMPARISONS) {
          expect(f(one(a), other).item()).toBe(Number(holds(a, other.item())));
          expect(f(other, one(a)).item()).toBe(Number(holds(other.item(), a)));
        }
      }
    });

    test.prop([int, any], runs)("of logic, whether numbers are 0", (a, y) => {
      const [p, q] = [a !== 0, y !== 0];
      expect(t.logicalAnd(one(a), y).item()).toBe(Number(p && q));
      expect(t.logicalOr(y, one(a)).item()).toBe(Number(p || q));
      expect(t.logicalXor(one(a), y).item()).toBe(Number(p !== q));
      expect(t.isFinite(one(a)).item()).toBe(1);
      expect(t.isInf(one(a)).item()).toBe(0);
    });

    // 16777217 is 2²⁴ + 1, which float32 rounds to 2²⁴
    it("where values are searched for", () => {
      const sorted = ints([16777216, 16777217, 16777218]);
      const found = t.searchsorted(sorted, t.tensor([16777216, 16777218], { device }));
      expect(found.toArray()).toEqual([0, 2]);
    });
  });

  describe("casts", () => {
    // towards zero; the nearest int32 of what does not fit; 0 for NaN
    test.prop([any, fc.boolean()], runs)("floats to the nearest int32", (y, wide) => {
      const x = t.tensor([y], { dtype: wide ? "float64" : "float32", device });
      const v = x.item();
      const want = Number.isNaN(v) ? 0 : Math.max(LOW, Math.min(Math.trunc(v), HIGH)) + 0;
      expect(t.cast(x, "int32").item()).toBe(want);
      expect(t.tensor(x, { dtype: "int32" }).item()).toBe(want);
      expect(t.cast(x, "bool").item()).toBe(Number(v !== 0));
    });

    it("in whole vectors of kernels, and behind them", () => {
      const values = [3e9, -3e9, NaN, Infinity, -Infinity, 1.9, -1.9];
      const x = t.tensor(values, { device });
      expect(t.cast(x, "int32").toArray()).toEqual([HIGH, LOW, 0, HIGH, LOW, 1, -1]);
      expect(t.cast(x, "bool").toArray()).toEqual(values.map(() => true));
    });
  });

  describe("takes no number that it does not hold", () => {
    const outside = fc.constantFrom(HIGH + 1, LOW - 1, 3e9, 2 ** 32, 2 ** 40, 1e300);
    const x = ints([1, 2, 3]);
    const bools = t.tensor([true, false, true], { device });
    const options = { dtype: "int32", device } as const;
    const says = (op: string, y: number) => `${op}: int32 does not hold ${y}`;

    test.prop([outside], { numRuns: 6 })("in arithmetic", (y) => {
      const { add, sub, mul, maximum, minimum, mod, floorDivide, pow } = t;
      const { bitwiseAnd, bitwiseOr, bitwiseXor, bitwiseLeftShift, bitwiseRightShift } = t;
      const bits = [bitwiseAnd, bitwiseOr, bitwiseXor, bitwiseLeftShift, bitwiseRightShift];
      for (const f of [add, sub, mul, maximum, minimum, mod, floorDivide, ...bits]) {
        for (const own of [x, bools]) {
          expect(() => f(own, y)).toThrow(says(f.op.name, y));
          expect(() => f(y, own)).toThrow(says(f.op.name, y));
        }
      }
      expect(() => pow(y, x)).toThrow(says("pow", y));
      expect(() => bitwiseOr(y, 1)).toThrow(says("bitwiseOr", y));
      expect(() => t.where(bools, x, y)).toThrow(says("where", y));
      expect(() => t.clip(x, { min: y })).toThrow(says("clip", y));
      expect(() => t.clip(x, { min: 0, max: y })).toThrow(says("clip", y));
    });

    test.prop([outside], { numRuns: 6 })("where tensors are made and written to", (y) => {
      expect(() => t.tensor(y, options)).toThrow(says("tensor", y));
      expect(() => t.tensor([[0, y]], options)).toThrow(says("tensor", y));
      expect(() => t.tensor(Float64Array.of(1, y), options)).toThrow(says("tensor", y));
      expect(() => t.full([2], y, options)).toThrow(says("full", y));
      expect(() => t.full([], y, options)).toThrow(says("full", y));
      expect(() => t.fullLike(x, y)).toThrow(says("fullLike", y));
      expect(() => t.arange(y, y + 1e300, 1e300, options)).toThrow(says("arange", y));
      expect(() => t.linspace(0, y, 2, options)).toThrow(says("linspace", y));
      expect(() => t.pad(x, [[1, 0]], { value: y })).toThrow(says("pad", y));
      expect(() => t.putAlongAxis(x, ints([0]), y)).toThrow(says("putAlongAxis", y));
      expect(() => t.indexPut(x, ints([0]), y)).toThrow(says("indexPut", y));
    });

    it("among the values of an unsigned array, or as no number at all", () => {
      expect(() => t.tensor(Uint32Array.of(1, 2 ** 31), { device })).toThrow(
        says("tensor", 2 ** 31),
      );
      expect(t.tensor(Uint32Array.of(HIGH), { device }).toArray()).toEqual([HIGH]);
      for (const y of [NaN, Infinity, -Infinity]) {
        expect(() => t.tensor([y], options)).toThrow(says("tensor", y));
        expect(() => t.full([2], y, options)).toThrow(says("full", y));
      }
    });

    it("but floats made of it do", () => {
      expect(t.div(x, 4e9).toArray()).toEqual(t.div(x.cast("float32"), 4e9).toArray());
      expect(t.hypot(x, 3e9).toArray()).toEqual(t.hypot(x.cast("float32"), 3e9).toArray());
      expect(t.add(x, Infinity).toArray()).toEqual([Infinity, Infinity, Infinity]);
      expect(t.add(x, 0.5).toString()).toBe("Tensor(float32, [3]) [1.5, 2.5, 3.5]");
      expect(t.add(x.cast("float64"), 2 ** 40).toArray()).toEqual(
        [1, 2, 3].map((n) => n + 2 ** 40),
      );
      expect(t.tensor([3e9], { dtype: "float64", device }).item()).toBe(3e9);
    });

    it("as bigints, whichever function takes them", () => {
      const five = 5n as never;
      const calls = [
        () => t.tensor(five),
        () => t.tensor([1, five]),
        () => t.tensor(BigInt64Array.of(1n)),
        () => t.tensor(BigUint64Array.of(1n)),
        () => t.full([2], five),
        () => t.fullLike(x, five),
        () => t.add(x, five),
        () => t.less(five, x),
        () => t.where(bools, x, five),
        () => t.clip(x, { min: five }),
        () => t.bitwiseAnd(x, five),
      ];
      for (const call of calls) expect(call).toThrow(t.DTypeError);
      for (const call of [
        () => t.arange(five),
        () => t.arange(0, five),
        () => t.linspace(0, five, 2),
        () => t.pad(x, [[1, 1]], { value: five }),
      ]) {
        expect(call).toThrow(t.UsageError);
      }
      expect(() => t.tensor(five)).toThrow("tensor: cannot hold the bigint 5");
    });
  });

  // In PyTorch and NumPy too: integers to negative integer powers are not allowed.
  it("has no powers of negative whole numbers, but of fractions", () => {
    const x = ints([4, 1, -1, 0]);
    expect(() => t.pow(x, -1)).toThrow("pow: int32 to the power of -1 is not whole");
    expect(t.pow(x, 0.5).toArray()).toEqual([2, 1, NaN, 0]);
    expect(t.pow(x, ints([-1, -1, -3, -1])).toArray()).toEqual([0, 1, -1, 0]);
  });

  // np.clip gives float64 there, and float32 is what int32 and a fraction promote to here
  it("becomes float where a bound is no whole number", () => {
    const x = ints([-3, 0, 3]);
    expect(t.clip(x, { min: 0.5 }).toString()).toBe("Tensor(float32, [3]) [0.5, 0.5, 3]");
    expect(t.clip(x, { min: -1, max: 2.5 }).toArray()).toEqual([-1, 0, 2.5]);
    expect(t.clip(x, { min: NaN }).toArray()).toEqual([NaN, NaN, NaN]);
    expect(t.clip(x, { min: -Infinity, max: 2 }).toString()).toBe("Tensor(int32, [3]) [-3, 0, 2]");
    const bools = t.tensor([true, false], { device });
    expect(t.clip(bools, { min: 2 }).toString()).toBe("Tensor(int32, [2]) [2, 2]");
  });

  // means of [2³¹ − 1, 2³¹ − 1] and [2²⁴ + 1, −2²⁴]
  it("has means that no sum has wrapped", () => {
    const x = ints([HIGH, HIGH, 2 ** 24 + 1, -(2 ** 24)]);
    const means = t.segmentMean(x, ints([0, 0, 1, 1]), 3);
    expect([means.dtype, means.toArray()]).toEqual(["float32", [2 ** 31, 0.5, 0]]);
    expect(t.mean(ints([HIGH, HIGH])).item()).toBe(2 ** 31);
    expect(() => t.rmsNorm(x)).toThrow("rmsNorm: needs floats, got int32");
  });

  // 16777217 = 2²⁴ + 1 is no float32: det [[16777217, 16777216], [1, 1]] = 1, and the first is halfway to 16777218
  it("keeps its last bits in linear algebra and between points", () => {
    const x = t.reshape(ints([16777217, 16777216, 1, 1]), [2, 2]);
    const [det, solved, { logabsdet }] = [t.det(x), t.solve(x, ints([1, 0])), t.slogdet(x)];
    expect([det.dtype, solved.dtype, logabsdet.dtype]).toEqual(["float32", "float32", "float32"]);
    expect([det.item(), solved.toArray()]).toEqual([1, [1, -1]]);
    expect(logabsdet.item()).toBeCloseTo(0, 8);
    const between = t.interp(ints([16777217]), ints([16777216, 16777218]), ints([0, 2]));
    expect([between.dtype, between.item()]).toEqual(["float32", 1]);
  });

  it("counts bools where they are added, and keeps them 0 and 1 where they are stored", () => {
    const yes = t.tensor([true, true, true], { device });
    const ids = ints([0, 0, 1]);
    expect(t.segmentSum(yes, ids, 2).toString()).toBe("Tensor(int32, [2]) [2, 1]");
    expect(t.addAlongAxis(yes, ids, 2).toString()).toBe("Tensor(int32, [2]) [2, 1]");
    expect(t.indexAdd(yes, ids, yes).toString()).toBe("Tensor(int32, [3]) [3, 2, 1]");
    const edged = t.pad(yes, [[1, 1]], { value: 256 });
    expect(edged.sum().item()).toBe(5);
    expect(t.full([2], NaN, { dtype: "bool", device }).sum().item()).toBe(2);
    expect(t.arange(0, 512, 256, { dtype: "bool", device }).toArray()).toEqual([false, true]);
    for (const draw of ["integers", "choice"] as const) {
      const call = () =>
        draw === "integers"
          ? t.rng(0).integers([2], { high: 5, dtype: "bool" })
          : t.rng(0).choice(5, 2, { dtype: "bool" });
      expect(call).toThrow(`${draw}: makes whole numbers, not bool`);
    }
  });
});
