/**
 * @file Schedules against PyTorch's schedulers, warm-up, and schedules that follow the progress of
 * a run.
 */
import { test } from "@fast-check/vitest";
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
      schedules.linear({ warmup, final: 0.1 }),
      schedules.oneCycle({ total: 200 }),
      schedules.step({ every: warmup }),
    ];
    for (const f of all) {
      const factor = f(step, progress);
      expect(factor).toBeGreaterThanOrEqual(0);
      expect(factor).toBeLessThanOrEqual(1);
    }
  });

  it("refuse what makes no sense", () => {
    expect(() => schedules.cosine({ total: 10, warmup: 10 })).toThrow("total must exceed warmup");
    expect(() => schedules.step({ every: 0 })).toThrow("every must be positive");
  });
});
