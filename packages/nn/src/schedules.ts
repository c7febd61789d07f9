/** @file Learning-rate schedules: pure functions from the step to a factor of the base rate. */
import { UsageError } from "@isograd/tensor";
import { given, shown } from "@isograd/tensor/engine";
import { isNumber, isWhole } from "./expect.js";

/**
 * The factor of the learning rate at a step, from 0. `progress` is the part of the run that is
 * done, from 0 to 1, or NaN if it is unknown; schedules without a `total` use it, for example in
 * runs limited by time.
 */
export type Schedule = (step: number, progress: number) => number;

export interface DecayOptions {
  /**
   * Number of steps; afterwards the factor stays at `final`. Default: the schedule follows the
   * progress of the run, without a warm-up.
   */
  readonly total?: number | undefined;
  /**
   * Steps in which the factor rises linearly from 1/warmup to 1; default: 0. Needs a `total`, as
   * the curve begins after the warm-up.
   */
  readonly warmup?: number | undefined;
  /** Factor at the end; default: 0. */
  readonly final?: number | undefined;
}

/** The factor 1 at every step. */
export function constant(): Schedule {
  return () => 1;
}

/** @throws UsageError unless x is a whole number, `least` or more. */
function checkSteps(name: string, option: string, x: number, least: number): void {
  if (isWhole(x, least)) return;
  const problem = `${option} is a whole number of steps from ${least}: got ${x}`;
  throw new UsageError(name, problem, "steps are those of the optimiser, not epochs");
}

/** @throws UsageError unless x is finite and `holds` is true. */
function checkNumber(name: string, option: string, x: number, what: string, holds: boolean): void {
  if (Number.isFinite(x) && holds) return;
  throw new UsageError(name, `${option} must be ${what}: got ${x}`, "leave it out for its default");
}

/** A schedule that checks what it is called with. */
function checked(name: string, factor: Schedule): Schedule {
  return (step, progress) => {
    if (!isNumber(step, (n) => n >= 0)) {
      throw new UsageError(name, `the step is ${shown(step)}`, "steps are numbers from 0");
    }
    return factor(step, progress);
  };
}

/** The progress of a run, at most 1. @throws UsageError if it is unknown. */
function known(name: string, progress: number): number {
  if (isNumber(progress, (part) => part >= 0)) return Math.min(1, progress);
  const problem = `the progress of the run is ${shown(progress)}`;
  throw new UsageError(name, problem, "give the total of steps");
}

function decay(
  name: string,
  options: DecayOptions | undefined,
  shape: (u: number) => number,
): Schedule {
  const { total, warmup = 0, final = 0 } = given(name, options, "total# warmup# final#");
  checkSteps(name, "warmup", warmup, 0);
  checkNumber(name, "final", final, "0 or more", final >= 0);
  if (total === undefined && warmup > 0) {
    throw new UsageError(
      name,
      `a warmup of ${warmup} steps needs the total of steps`,
      "give total, or multiply by a warm-up: " +
        "(step, progress) => Math.min(1, (step + 1) / 30) * f(step, progress)",
    );
  }
  if (total !== undefined) {
    checkSteps(name, "total", total, 1);
    if (total <= warmup) {
      const problem = `total must exceed warmup: got total ${total}, warmup ${warmup}`;
      throw new UsageError(name, problem, "total counts the steps of the warm-up, too");
    }
  }
  return checked(name, (step, progress) => {
    if (step < warmup) return (step + 1) / warmup;
    const part = total === undefined ? known(name, progress) : (step - warmup) / (total - warmup);
    return final + (1 - final) * shape(Math.min(1, part));
  });
}

/**
 * Linear warm-up, then half a cosine: `final + (1 − final)(1 + cos πu)/2`, u from 0 to 1. Source:
 * arXiv 1608.03983.
 *
 * @throws UsageError for numbers out of range, or a `warmup` without a `total`.
 * @example
 * const f = cosine({ total: 100 });
 * [f(0, 0), f(50, 0.5), f(100, 1)].map((x) => x.toFixed(2)).join(); // 1.00,0.50,0.00
 */
export function cosine(options?: DecayOptions): Schedule {
  return decay("cosine", options, (u) => (1 + Math.cos(Math.PI * u)) / 2);
}

/**
 * Linear warm-up, then a straight line down to `final`.
 *
 * @throws UsageError for numbers out of range, or a `warmup` without a `total`.
 * @example
 * linear({ total: 10, warmup: 2 })(0, 0); // 0.5
 */
export function linear(options?: DecayOptions): Schedule {
  return decay("linear", options, (u) => 1 - u);
}

/**
 * Multiplies the rate by `factor` (default: 0.1) after every `every` steps.
 *
 * @throws UsageError unless `every` is positive and `factor` 0 or more.
 * @example
 * step({ every: 10, factor: 0.5 })(25, 0); // 0.25
 */
export function step(options: {
  readonly every: number;
  readonly factor?: number | undefined;
}): Schedule {
  const { every, factor = 0.1 } = given(
    "step",
    options,
    "every# factor#",
    new Map([["gamma", ["factor"]]]),
  );
  if (!(every > 0)) {
    throw new UsageError("step", `every must be positive, got ${every}`, "write { every: 30 }");
  }
  checkNumber("step", "factor", factor, "0 or more", factor >= 0);
  return checked("step", (at) => factor ** Math.floor(at / every));
}

export interface OneCycleOptions {
  /**
   * Number of steps; afterwards the factor stays at its last value. Default: the schedule follows
   * the progress of the run.
   */
  readonly total?: number | undefined;
  /** Part of the run in which the factor rises; default: 0.3. */
  readonly rise?: number | undefined;
  /** The first factor is `1 / startDivisor`; default: 25. */
  readonly startDivisor?: number | undefined;
  /** The last factor is the first one divided by this; default: 10⁴. */
  readonly finalDivisor?: number | undefined;
}

/**
 * One cycle: half a cosine up from `1/startDivisor` to 1, half a cosine down to almost 0. Source:
 * arXiv 1708.07120.
 *
 * @throws UsageError for numbers out of range.
 * @example
 * oneCycle({ total: 101 })(30, 0).toFixed(2); // 1.00
 */
export function oneCycle(options?: OneCycleOptions): Schedule {
  const {
    total,
    rise = 0.3,
    startDivisor = 25,
    finalDivisor = 1e4,
  } = given("oneCycle", options, "total# rise# startDivisor# finalDivisor#");
  if (total !== undefined) checkSteps("oneCycle", "total", total, 1);
  checkNumber("oneCycle", "rise", rise, "between 0 and 1", rise >= 0 && rise <= 1);
  checkNumber("oneCycle", "startDivisor", startDivisor, "positive", startDivisor > 0);
  checkNumber("oneCycle", "finalDivisor", finalDivisor, "positive", finalDivisor > 0);
  const first = 1 / startDivisor;
  const last = first / finalDivisor;
  const between = (a: number, b: number, u: number) =>
    b + ((a - b) * (1 + Math.cos(Math.PI * u))) / 2;
  const steps = total === undefined ? 1 : total - 1;
  const peak = total === undefined ? rise : rise * total - 1;
  return checked("oneCycle", (at, progress) => {
    const place = total === undefined ? known("oneCycle", progress) : Math.min(at, steps);
    if (place <= peak) return between(first, 1, peak > 0 ? place / peak : 1);
    return between(1, last, Math.min(1, (place - peak) / Math.max(steps - peak, 1e-12)));
  });
}
