/**
 * @file Random programs over the registry as a property: compiled, their values, gradients, steps of
 * an optimiser and writes to the state have the bits of eager runs.
 */
import { compile } from "@isograd/compile";
import { memory, scope } from "@isograd/tensor";
import * as fc from "fast-check";
import { expect } from "vitest";
import { expectSame, outcome, read } from "../same.js";
import { type Plan, plans } from "./plans.js";
import { Random, type Subject, training, writing } from "./program.js";

/** Compares three calls, and the state after each. */
function compare(program: Random, note: string, make: (program: Random) => Subject): void {
  const [a, b] = [make(program), make(program)];
  const fast = compile(b.run, { state: b.all, passes: program.plan.seed % 4 !== 0 });
  let failed = false;
  for (let i = 0; i < 3 && !failed; i++) {
    scope(() => {
      const args = program.args(i);
      const before = read(b.state);
      const wanted = outcome(() => a.run(...args));
      failed = typeof wanted === "string";
      expectSame(
        outcome(() => fast(...args)),
        wanted,
        `${note}, call ${i}`,
      );
      // a call that fails leaves the state as it was, even what was written before the fault
      expectSame(read(b.state), failed ? before : read(a.state), `state of ${note}, call ${i}`);
    });
  }
  fast.dispose();
  for (const { optimizer } of [a, b]) optimizer?.dispose();
}

/** Runs one program both ways. */
function agrees(plan: Plan): void {
  const program = new Random(plan);
  if (program.calls.length === 0) return;
  compare(program, "forward", writing);
  const smooth = scope(() => {
    const { run, optimizer } = training(program);
    const found = outcome(() => run(...program.args(0)));
    optimizer?.dispose();
    return found;
  });
  if (typeof smooth !== "string") compare(program, "gradient", training);
}

/** The property: it holds, and nothing stays in memory. */
function holds(plan: Plan): void {
  const grows = (): number => {
    const before = memory().bytes;
    scope(() => void agrees(plan));
    return memory().bytes - before;
  };
  // a permuted tensor that all programs share is made contiguous by the first that needs it
  if (grows() !== 0) expect(grows()).toBe(0);
}

/** Holds the property for `count` programs of a seed. */
export function checkRandom(count: number, seed: number): void {
  fc.assert(fc.property(plans, holds), { numRuns: count, seed });
}
