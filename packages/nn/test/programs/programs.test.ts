/**
 * @file Random programs leave nothing behind: no tensor, no open scope, no memory that two tensors
 * share; and their results do not depend on checkpoints. ISOGRAD_PROGRAMS sets the number of
 * programs; default: 1,000.
 */
import { isTracked } from "@isograd/autograd";
import { IsogradError, memory, scope, type Tensor, tensor } from "@isograd/tensor";
import { scopeDepth, storageOf } from "@isograd/tensor/engine";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { programs, type Step, show } from "./program.js";
import { makeWorld, reset, runProgram, stateOf, type World } from "./world.js";

const numRuns = Number(process.env["ISOGRAD_PROGRAMS"] ?? 1000);
const double = { dtype: "float64" } as const;
const worlds = [makeWorld(true), makeWorld(false)];
const canaries = Array.from({ length: 8 }, (_, i) => tensor([i, i / 2], double));

interface Outcome {
  /** The numbers, or the message of the error. */
  readonly result: readonly number[] | string;
  /** The state of the layers afterwards. */
  readonly state: unknown;
}

/** The outcome of a program in a world in its initial state. */
function outcome(world: World, program: Step): Outcome {
  reset(world);
  const before = memory();
  const variables = [tensor([0.25, -0.5], double), tensor([1.25, 0.75], double)];
  const result = attempt(world, program, variables);
  for (const x of variables) x.dispose();
  expectNothingLeft(world, before);
  return { result, state: stateOf(world) };
}

function attempt(world: World, program: Step, variables: readonly Tensor[]) {
  try {
    // tensors that the program keeps outlive the inner scope
    const y = scope(() => scope(() => runProgram(world, program, variables)));
    const values = Array.from(y.dataSync());
    if (![world.weight, world.captured, ...variables].includes(y)) y.dispose();
    return values;
  } catch (error) {
    return error instanceof IsogradError ? error.name : (error as Error).message;
  }
}

function expectNothingLeft(world: World, before: ReturnType<typeof memory>): void {
  const after = memory();
  expect([after.tensors, after.bytes]).toEqual([before.tensors, before.bytes]);
  expect(scopeDepth()).toBe(0);
  const fresh = Array.from({ length: 6 }, () => tensor([9, 9], double));
  const places = [...canaries, world.weight, world.captured, ...fresh].map((x) => storageOf(x).ptr);
  expect(new Set(places).size).toBe(places.length);
  expect(isTracked(fresh[0] as Tensor)).toBe(false);
  const product = (fresh[0] as Tensor).mul(2);
  expect(isTracked(product)).toBe(false);
  for (const x of [...fresh, product]) x.dispose();
  for (const [i, x] of canaries.entries()) expect(Array.from(x.dataSync())).toEqual([i, i / 2]);
}

describe("random programs", () => {
  it(`leave nothing behind, and come out the same without checkpoints (${numRuns})`, () => {
    fc.assert(
      fc.property(programs, (program) => {
        const [first, second] = worlds.map((world) => outcome(world, program));
        // whether a program fails does not depend on checkpoints; the message may
        if (typeof first?.result === "string" && typeof second?.result === "string") return;
        const text = show(program);
        // a checkpoint refuses promises, and passes its arguments as new handles
        if (/promise|disposeVariable/.test(text)) return;
        expect(first, text).toEqual(second);
      }),
      { numRuns },
    );
  });
});
