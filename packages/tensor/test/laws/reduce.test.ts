/**
 * @file Laws of reductions: order and grouping of axes do not matter, and one reduction tells of
 * another.
 */
import { fc, test } from "@fast-check/vitest";
import {
  all,
  any,
  argmax,
  argmin,
  cumulativeSum,
  flip,
  logicalNot,
  logSumExp,
  max,
  mean,
  min,
  mul,
  permuteDims,
  prod,
  reshape,
  slice,
  sub,
  sum,
  type Tensor,
  takeAlongAxis,
  variance,
} from "@isograd/tensor";
import { anyTensor, axesOf, axisOf, forEachDevice, installMatchers } from "@isograd/testkit";
import { expect } from "vitest";

installMatchers();

forEachDevice(["cpu", "reference"], (device) => {
  const options = { dtype: "float64", device } as const;
  const withAxes = (minLength: number) =>
    anyTensor({ minLength }, options).chain((x) => fc.tuple(fc.constant(x), axesOf(x.shape)));
  const full = anyTensor({ minRank: 1, minLength: 1 }, options).chain((x) =>
    fc.tuple(fc.constant(x), axisOf(x.shape)),
  );
  const count = (x: Tensor, axes: readonly number[]) =>
    axes.reduce((n, a) => n * (x.shape.at(a) as number), 1);

  test.prop([withAxes(0)])("a sum over axes is a sum of sums", ([x, axes]) => {
    const rank = x.shape.length;
    const sorted = axes.map((a) => (a + rank) % rank).sort((a, b) => b - a);
    const inTurn = sorted.reduce((y, a) => sum(y, { axis: a }), x);
    expect(sum(x, { axis: axes })).toEqualTensor(inTurn);
    const kept = sum(x, { axis: axes, keepdims: true });
    expect(reshape(kept, inTurn.shape)).toEqualTensor(inTurn);
    expect(kept.shape).toEqual(x.shape.map((n, i) => (sorted.includes(i) ? 1 : n)));
  });

  test.prop([withAxes(0)])("permuting first changes nothing", ([x, axes]) => {
    const rank = x.shape.length;
    const order = x.shape.map((_, i) => rank - 1 - i);
    const mirrored = axes.map((a) => rank - 1 - ((a + rank) % rank));
    for (const f of [sum, prod]) {
      const other = f(permuteDims(x, order), { axis: mirrored, keepdims: true });
      expect(permuteDims(other, order)).toBeCloseToTensor(f(x, { axis: axes, keepdims: true }));
    }
  });

  test.prop([withAxes(1)])("mean, variance and sums fit together", ([x, axes]) => {
    const n = count(x, axes);
    const m = mean(x, { axis: axes, keepdims: true });
    expect(m).toBeCloseToTensor(sum(x, { axis: axes, keepdims: true }).div(n), { rtol: 1e-14 });
    const spread = mean(sub(x, m).square(), { axis: axes });
    expect(variance(x, { axis: axes })).toBeCloseToTensor(spread, { atol: 1e-14 });
    expect(sum(sub(x, m), { axis: axes }).abs().max().item()).toBeLessThan(1e-11);
  });

  test.prop([withAxes(1)])("max and min mirror each other and bound the mean", ([x, axes]) => {
    const top = max(x, { axis: axes });
    expect(top).toEqualTensor(min(x.neg(), { axis: axes }).neg());
    const m = mean(x, { axis: axes });
    expect(top.greaterEqual(m.sub(1e-12)).all().item()).toBe(1);
    const soft = logSumExp(x, { axis: axes });
    expect(soft.greaterEqual(top).all().item()).toBe(1);
    const bound = top.add(Math.log(count(x, axes)) + 1e-12);
    expect(soft.lessEqual(bound).all().item()).toBe(1);
  });

  test.prop([full])("argmax points at max, argmin at min, at the first of equals", ([x, axis]) => {
    const at = argmax(x, { axis, keepdims: true });
    expect(takeAlongAxis(x, at, { axis })).toEqualTensor(max(x, { axis, keepdims: true }));
    expect(argmin(x, { axis })).toEqualTensor(argmax(x.neg(), { axis }));
    const n = x.shape.at(axis) as number;
    const last = argmax(flip(x, { axis }), { axis, keepdims: true });
    expect(
      at
        .add(last)
        .lessEqual(n - 1)
        .all()
        .item(),
    ).toBe(1);
  });

  test.prop([full])("running sums end at the sum and differ by the elements", ([x, axis]) => {
    const at = axis < 0 ? axis + x.shape.length : axis;
    const running = cumulativeSum(x, { axis });
    const part = (t: Tensor, a: number | null, b: number | null) =>
      slice(
        t,
        t.shape.map((_, i) => (i === at ? ([a, b] as const) : null)),
      );
    expect(part(running, -1, null)).toEqualTensor(sum(x, { axis, keepdims: true }));
    const steps = sub(part(running, 1, null), part(running, null, -1));
    expect(steps).toEqualTensor(part(x, 1, null));
  });

  const bools = anyTensor({}, { dtype: "bool", device }).chain((x) =>
    fc.tuple(fc.constant(x), axesOf(x.shape)),
  );
  test.prop([bools])("all and any obey De Morgan, and count", ([x, axes]) => {
    const none = logicalNot(any(x, { axis: axes }));
    expect(all(logicalNot(x), { axis: axes })).toEqualTensor(none);
    const n = sum(x, { axis: axes });
    expect(any(x, { axis: axes })).toEqualTensor(n.greater(0));
    expect(all(x, { axis: axes })).toEqualTensor(n.equal(count(x, axes)));
  });

  test.prop([withAxes(0), fc.integer({ min: -8, max: 8 })])("sums are linear", ([x, axes], k) => {
    const scaled = sum(mul(x, k / 2), { axis: axes });
    expect(scaled).toEqualTensor(sum(x, { axis: axes }).mul(k / 2));
  });
});
