/** @file Clipping against PyTorch and its laws; averages of parameters. */
import { test } from "@fast-check/vitest";
import { grad } from "@isograd/autograd";
import { ones, rng, scope, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adam, clipByGlobalNorm, ema, Linear, Parameter } from "../../src/index.js";
import { alive, bits, f64, flat, golden } from "../helpers.js";

installMatchers();

describe("clipByGlobalNorm", () => {
  it.each(["clipped", "free"] as const)("is PyTorch's: %s", (name) => {
    const { limit, norm, after } = golden.clipping[name];
    const before = golden.clipping.before.map(flat);
    const result = clipByGlobalNorm(before, limit);
    expect(result.norm.item()).toBeCloseTo(norm, 12);
    result.grads.forEach((g, i) => {
      expect(g).toBeCloseToTensor(after[i] ?? [], { rtol: 1e-12 });
    });
    expect(before[1]).toBeCloseToTensor(golden.clipping.before[1] ?? []);
  });

  test.prop([
    fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1 }),
    fc.double({ min: 0.01, max: 100, noNaN: true }),
  ])("never exceeds the limit, keeps the direction, and frees what it makes", (values, max) => {
    scope(() => {
      const g = f64(values);
      const before = alive();
      const { grads, norm } = clipByGlobalNorm({ g }, max);
      expect(alive().tensors).toBe(before.tensors + 2);
      const clipped = Array.from(grads.g.dataSync());
      expect(Math.hypot(...clipped)).toBeLessThanOrEqual(max * (1 + 1e-9));
      const scale = Math.min(1, max / (norm.item() + 1e-6));
      clipped.forEach((x, i) => {
        expect(x).toBeCloseTo((values[i] as number) * scale, 6);
      });
    });
  });

  it.each([3e20, 3e38])("clips float32 gradients of %d, whose squares are out of range", (size) => {
    const { grads, norm } = clipByGlobalNorm([tensor([size, 0]), tensor([[-size]])], 1);
    // the norm is √2 g, so each gradient becomes 1/√2; for 3e38 the norm is out of range too
    expect(grads[0]).toBeCloseToTensor([Math.SQRT1_2, 0]);
    expect(grads[1]).toBeCloseToTensor([[-Math.SQRT1_2]]);
    const length = Math.fround(Math.SQRT2 * size);
    if (length < Infinity) expect(norm.item() / length).toBeCloseTo(1, 5);
    else expect(norm.item()).toBe(Infinity);
  });

  it("leaves gradients as they are below the limit, at any size", () => {
    for (const size of [1e-45, 1e-30, 1e-3, 1e20]) {
      const g = tensor([size, -size]);
      const { grads, norm } = clipByGlobalNorm(g, 1e30);
      expect(grads.toArray()).toEqual(g.toArray());
      expect(Math.abs(norm.item() / size - Math.SQRT2)).toBeLessThan(size < 1e-40 ? 1 : 1e-6);
    }
    expect(clipByGlobalNorm(f64([1e300, -1e300]), 1).grads).toBeCloseToTensor([
      Math.SQRT1_2,
      -Math.SQRT1_2,
    ]);
    const none = clipByGlobalNorm([tensor([], { shape: [0] })], 1);
    expect([none.norm.item(), none.grads[0]?.shape]).toEqual([0, [0]]);
  });

  it.each([NaN, Infinity, -Infinity])("makes all gradients NaN where one is %d", (odd) => {
    const { grads, norm } = clipByGlobalNorm([tensor([odd, 1]), tensor([2])], 1);
    expect(Number.isFinite(norm.item())).toBe(false);
    expect(grads.flatMap((g) => g.toArray())).toEqual([NaN, NaN, NaN]);
  });

  it("takes trees of any form and refuses nonsense", () => {
    const { grads } = clipByGlobalNorm({ a: [ones([2])], b: { c: ones([2]) } }, 1);
    expect(grads.b.c).toBeCloseToTensor([0.5, 0.5]);
    expect(() => clipByGlobalNorm([ones([1])], 0)).toThrow(UsageError);
    expect(() => clipByGlobalNorm([], 1)).toThrow("there is no gradient");
  });
});

describe("ema", () => {
  it("follows mean + (1 − decay)(p − mean), starting at the parameters", () => {
    const p = new Parameter(f64([0]));
    const average = ema(p, 0.9);
    let expected = 0;
    for (const value of [1, 5, -2]) {
      p.value = f64([value]);
      average.update();
      expected += 0.1 * (value - expected);
      expect(average.use(() => p.value.item())).toBeCloseTo(expected, 12);
      expect(p.value.item()).toBe(value);
    }
  });

  it("swaps and restores bit for bit, and trains on in place", () => {
    const model = new Linear(3, 2, { rng: rng(0) });
    const average = ema(model, 0.5);
    const optimizer = adam(model, { lr: 0.1 });
    const step = () =>
      scope(() => {
        optimizer.step(
          grad((m: Linear) =>
            m
              .forward(ones([1, 3]))
              .square()
              .sum(),
          )(model),
        );
        average.update();
      });
    step();
    const own = bits(model.stateDict());
    average.swap();
    expect(average.swapped).toBe(true);
    const mean = bits(model.stateDict());
    expect(mean).not.toEqual(own);
    expect(() => average.update()).toThrow("restore() first");
    average.swap();
    expect(bits(average.state().tensors)).toEqual(mean);
    average.restore();
    average.restore();
    expect(bits(model.stateDict())).toEqual(own);
    step();
    step();
    const before = alive();
    step();
    expect(alive().bytes).toBe(before.bytes);
  });

  it("warms up, saves and loads, adopts", () => {
    const p = new Parameter(tensor([0]));
    const average = ema(p, 0.999, { warmup: true });
    p.value = tensor([1]);
    average.update();
    expect(average.use(() => p.value.item())).toBeCloseTo(1 - 2 / 11, 6);
    const other = ema(p, 0.999, { warmup: true });
    other.loadState(average.state());
    const read = (mean: { use<T>(fn: () => T): T }) => mean.use((): number => p.value.item());
    expect(read(other)).toBe(read(average));
    const mean = read(other);
    other.adopt();
    expect(p.value.item()).toBe(mean);
    expect(() => ema(p, 1.5)).toThrow(UsageError);
    expect(() => average.loadState({ count: 1, tensors: {} as Record<string, Tensor> })).toThrow(
      "lacks",
    );
  });
});
