import { describe, expect, it } from "vitest";
import * as t from "../../src/api/index.js";
import { agree } from "./agree.js";
import { noise } from "./harness.js";

const SHAPES: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[1], [1]],
  [[5], [5]],
  [[67], []],
  [[], [67]],
  [[67], [1]],
  [[3, 5], [5]],
  [[5], [3, 5]],
  [[40, 3], [3]],
  [
    [40, 3],
    [40, 1],
  ],
  [
    [40, 1],
    [1, 7],
  ],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [
    [2, 1, 4],
    [5, 1],
  ],
  [[100, 16], [16]],
  [[33, 67], [67]],
  [
    [7, 1, 3, 1, 5],
    [4, 1, 6, 1],
  ],
  [
    [300, 1],
    [300, 2],
  ],
  [
    [17, 64],
    [17, 1],
  ],
  [[0, 3], [3]],
  [[2, 0], [1]],
];

describe("operands of two shapes", () => {
  it.each(SHAPES)("%j and %j", (a, b) => {
    for (const f of [
      t.add,
      t.sub,
      t.mul,
      t.div,
      t.maximum,
      t.minimum,
      t.atan2,
      t.mod,
      t.equal,
      t.less,
      t.lessEqual,
      t.greater,
    ]) {
      agree((x) => f(x(a), x(b, 2)), f === t.div || f === t.mod ? 1e-4 : 1e-6);
    }
    agree((x) => t.pow(t.abs(x(a)), x(b, 2)));
    for (const y of [2, 0.5, -1, 3]) agree((x) => t.pow(t.add(t.abs(x(a)), 0.5), y));
    agree((x, _, mask) => t.where(mask(a), x(b, 2), x(a, 3)));
    agree((x, _, mask) => t.where(mask(b), x(a, 2), 0));
    agree((x) => t.add(x(a).cast("int32"), x(b, 2).cast("int32")));
    agree((x) => t.mul(x(a).cast("float64"), x(b, 2).cast("float64")));
    agree((_, __, mask) => t.logicalAnd(mask(a), mask(b, 2)));
    agree((_, __, mask) => t.logicalXor(mask(a), mask(b, 2)));
    agree((x) => t.less(x(a).cast("int32"), x(b, 2).cast("int32")));
  });

  it("walks remembered permutations and broadcasts", () => {
    agree((x) => t.add(t.permuteDims(x([5, 7])), x([7, 5], 2)));
    agree((x) => t.mul(t.permuteDims(x([3, 4, 5]), [1, 0, 2]), x([5], 2)));
    agree((x) => t.sub(t.broadcastTo(x([3, 1]), [3, 9]), t.broadcastTo(x([9], 2), [3, 9])));
    agree((x, _, mask) =>
      t.where(t.permuteDims(mask([6, 5])), x([5, 6]), t.permuteDims(x([6, 5], 3))),
    );
    agree((x) => t.equal(t.broadcastTo(x([1]), [4, 20]), x([4, 20])));
  });

  it("handles NaN and infinities like the reference", () => {
    const a = [NaN, 1, Infinity, -Infinity, 0, -0, 5, -5, 5, -5, 0, 7];
    const b = [1, NaN, Infinity, 2, -0, 0, 3, 3, -3, -3, NaN, Infinity];
    for (const f of [
      t.add,
      t.mul,
      t.div,
      t.maximum,
      t.minimum,
      t.pow,
      t.mod,
      t.atan2,
      t.equal,
      t.notEqual,
      t.lessEqual,
    ]) {
      const [x, y] = ["cpu", "reference"].map((device) =>
        f(t.tensor(a, { device }), t.tensor(b, { device })).dataSync(),
      );
      a.forEach((_, i) => {
        const [got, want] = [x?.[i] as number, y?.[i] as number];
        const close = Object.is(got, want) || Math.abs(got - want) <= 1e-6 * Math.abs(want);
        expect(close, `${f.op.name}(${a[i]}, ${b[i]}) = ${got}, not ${want}`).toBe(true);
      });
    }
  });
});

const REDUCED: readonly (readonly [readonly number[], number | readonly number[] | undefined])[] = [
  [[], undefined],
  [[1], 0],
  [[67], 0],
  [[3, 5], 0],
  [[3, 5], 1],
  [[3, 5], undefined],
  [[2, 3, 4], 1],
  [
    [2, 3, 4],
    [0, 2],
  ],
  [
    [2, 3, 4],
    [1, 2],
  ],
  [[300, 3], 0],
  [
    [1, 7, 1],
    [0, 2],
  ],
  [
    [2, 3, 2, 5, 3],
    [0, 2, 4],
  ],
  [[3000, 5], 0],
  [[2500, 33], 0],
  [[9, 2100], 0],
  [[65, 2], 0],
  [[4, 100, 7], 1],
  [[0, 4], 0],
  [[0, 4], 1],
  [[5000], 0],
];

describe("reductions", () => {
  it.each(REDUCED)("%j over %j", (shape, axis) => {
    const options = axis === undefined ? {} : { axis };
    const empty = shape.includes(0);
    agree((x) => t.sum(x(shape), options), 2e-5);
    agree((x) => t.sum(x(shape), { ...options, keepdims: true }), 2e-5);
    agree((x) => t.mean(x(shape), options));
    agree((x) => t.variance(x(shape), options));
    agree((x) => t.variance(x(shape), { ...options, correction: 1 }));
    agree((x) => t.sum(x(shape).cast("int32"), options));
    agree((_, __, mask) => t.sum(mask(shape), options));
    agree((_, __, mask) => t.all(mask(shape), options));
    agree((_, __, mask) => t.any(mask(shape), options));
    agree((x) => t.prod(t.add(t.mul(x(shape), 1e-3), 1), options), 1e-5);
    if (empty) return;
    agree((x) => t.max(x(shape), options));
    agree((x) => t.min(x(shape), options));
    if (typeof axis !== "number") return;
    agree((x) => t.argmax(x(shape), { axis }));
    agree((x) => t.argmin(t.round(x(shape)), { axis }));
    agree((x) => t.cumulativeSum(x(shape), { axis }), 1e-4);
  });

  it("lets NaN win", () => {
    const x = Float32Array.from({ length: 35 }, (_, i) =>
      i === 17 || i === 20 ? NaN : (i * 13) % 7,
    );
    for (const axis of [0, 1]) {
      const [cpu, ref] = ["cpu", "reference"].map((device) => {
        const y = t.tensor(x, { shape: [5, 7], device });
        return [t.max, t.min, t.argmax, t.argmin, t.sum].map((f) =>
          Array.from(f(y, { axis }).dataSync()),
        );
      });
      expect(cpu).toEqual(ref);
    }
  });

  it("adds a million numbers to 1e-6, which one after the other do not reach", () => {
    const x = noise(1e6).map((v) => v + 1);
    const want = x.reduce((s, v) => s + v, 0);
    const naive = x.reduce((s, v) => Math.fround(s + v), 0);
    expect(Math.abs(naive / want - 1)).toBeGreaterThan(1e-6);
    expect(Math.abs(t.sum(t.tensor(x)).item() / want - 1)).toBeLessThan(1e-6);
    const columns = t.sum(t.tensor(x, { shape: [1e6 / 4, 4] }), { axis: 0 }).dataSync();
    expect(Math.abs(Array.from(columns).reduce((s, v) => s + v, 0) / want - 1)).toBeLessThan(1e-6);
  });
});
