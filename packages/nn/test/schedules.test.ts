/**
 * @file Schedules against PyTorch's schedulers, warm-up, and schedules that follow the progress of
 * a run.
 */
import { test } from "@fast-check/vitest";
import { UsageError } from "@isograd/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Schedule, schedules } from "../src/index.js";
import { golden } from "./helpers.js";

const cases: Record<string, Schedule> = {
  cosine: schedules.cosine({ total: 20, final: 0.1 }),
  step: schedules.step({ every: 4, factor: 0.5 }),
  linear: schedules.linear({ total: 10, final: 0.2 }),
  oneCycle: schedules.oneCycle({ total: 50 }),
};

describe("schedules", () => {
  it.each(Object.keys(golden.schedules))("%s is PyTorch's", (name) => {
    const values = golden.schedules[name] as number[];
    for (const [step, value] of values.entries()) {
      expect(cases[name]?.(step, 0)).toBeCloseTo(value, 10);
    }
  });

  it("climb linearly in the warm-up", () => {
    const f = schedules.cosine({ total: 100, warmup: 4 });
    expect([0, 1, 2, 3, 4].map((step) => f(step, 0))).toEqual([0.25, 0.5, 0.75, 1, 1]);
    expect(f(100, 1)).toBe(0);
    expect(schedules.constant()(7, 0.5)).toBe(1);
  });

  it("follow the progress without a total", () => {
    expect(schedules.linear()(1000, 0.25)).toBe(0.75);
    expect(schedules.cosine()(5, 0.5)).toBeCloseTo(0.5, 12);
    expect(schedules.oneCycle({ rise: 0.5 })(9, 0.5)).toBe(1);
    expect(schedules.oneCycle()(9, 0)).toBeCloseTo(1 / 25, 12);
    expect(schedules.oneCycle()(9, 1)).toBeCloseTo(1 / 25e4, 12);
  });

  test.prop([
    fc.nat(300),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: 1, max: 50 }),
  ])("stay between 0 and 1", (step, progress, warmup) => {
    const all = [
      schedules.cosine({ total: 200, warmup }),
      schedules.linear({ total: 60, warmup, final: 0.1 }),
      schedules.linear({ final: 0.1 }),
      schedules.oneCycle({ total: 200 }),
      schedules.step({ every: warmup }),
    ];
    for (const f of all) {
      const factor = f(step, progress);
      expect(factor).toBeGreaterThanOrEqual(0);
      expect(factor).toBeLessThanOrEqual(1);
    }
  });

  test.prop([
    fc.nat(40),
    fc.integer({ min: 1, max: 200 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ])(
    "decay without a jump, at the end of the warm-up, at the total and beyond",
    (warmup, rest, final) => {
      const total = warmup + rest;
      for (const make of [schedules.linear, schedules.cosine]) {
        const f = make({ total, warmup, final });
        if (warmup > 0) expect([f(0, 0), f(warmup - 1, 0)]).toEqual([1 / warmup, 1]);
        expect(f(warmup, 0)).toBe(1);
        for (const step of [total, total + 1, 10 * total]) {
          expect(f(step, 0)).toBeCloseTo(final, 12);
        }
        // |d cos(πu)/2 / du| ≤ π/2
        const steps = Array.from(
          { length: rest },
          (_, s) => f(warmup + s, 0) - f(warmup + s + 1, 0),
        );
        expect(Math.max(...steps)).toBeLessThanOrEqual(Math.PI / 2 / rest + 1e-12);
        expect(Math.min(...steps)).toBeGreaterThanOrEqual(Math.min(0, 1 - final) - 1e-12);
      }
    },
  );

  it("are those of transformers after the warm-up", () => {
    // get_linear_schedule_with_warmup: (T − s)/(T − w);
    // get_cosine_schedule_with_warmup: (1 + cos π(s − w)/(T − w))/2
    const [T, w] = [50, 7];
    const given = { total: T, warmup: w };
    for (let s = w; s <= T; s++) {
      expect(schedules.linear(given)(s, 0)).toBeCloseTo((T - s) / (T - w), 12);
      const cosine = (1 + Math.cos((Math.PI * (s - w)) / (T - w))) / 2;
      expect(schedules.cosine(given)(s, 0)).toBeCloseTo(cosine, 12);
    }
  });

  it("stay at the last factor of one cycle", () => {
    for (const rise of [0, 0.3, 1]) {
      const f = schedules.oneCycle({ total: 10, rise });
      expect(f(50, 0)).toBe(f(9, 0));
    }
    expect(schedules.oneCycle({ total: 10, rise: 1 })(9, 0)).toBe(1);
    expect(schedules.oneCycle({ total: 10 })(9, 0)).toBeCloseTo(1 / 25e4, 12);
  });

  it("refuse a warm-up without a total: the curve would jump where the climb ends", () => {
    for (const make of [schedules.linear, schedules.cosine]) {
      expect(() => make({ warmup: 10 })).toThrow(UsageError);
      expect(() => make({ warmup: 10 })).toThrow("a warmup of 10 steps needs the total of steps");
      expect(make({ warmup: 0 })(3, 0)).toBe(1);
      for (const warmup of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => make({ total: 100, warmup })).toThrow("warmup is a whole number of steps");
      }
      for (const total of [0, -5, 10.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => make({ total })).toThrow("total is a whole number of steps from 1");
      }
      for (const final of [-0.1, Number.NaN]) {
        expect(() => make({ final })).toThrow("final must be 0 or more");
      }
    }
  });

  it("refuse a progress that nobody knows", () => {
    for (const f of [schedules.linear(), schedules.cosine(), schedules.oneCycle()]) {
      expect(() => f(3, Number.NaN)).toThrow("the progress of the run is NaN");
      expect(() => (f as (step: number) => number)(3)).toThrow(UsageError);
    }
  });

  it("refuse what makes no sense", () => {
    expect(() => schedules.cosine({ total: 10, warmup: 10 })).toThrow("total must exceed warmup");
    expect(() => schedules.step({ every: 0 })).toThrow("every must be positive");
    expect(() => schedules.step({ every: 1, factor: Number.NaN })).toThrow("factor must be");
    const cycles = [{ total: 0 }, { rise: 1.5 }, { startDivisor: 0 }, { finalDivisor: Number.NaN }];
    for (const options of cycles) expect(() => schedules.oneCycle(options)).toThrow(UsageError);
  });
});
