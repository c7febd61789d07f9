/**
 * @file Plans of memory, checked by the steps alone: blocks whose bytes overlap are never in use at
 * one time.
 */
import { reshape, rng, scope, type Tensor } from "@isograd/tensor";
import { forEachTensor } from "@isograd/tensor/engine";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capture } from "../src/capture.js";
import { fuse } from "../src/fuse.js";
import { optimised } from "../src/passes/index.js";
import { type Plan, planMemory, type Work } from "../src/plan.js";
import { Recorder } from "../src/record.js";
import { type Block, isPlace } from "../src/steps.js";
import { constantsOf, plans, runPlan } from "./programs.js";
import * as registry from "./random/plans.js";
import { Random, training, writing } from "./random/program.js";
import { outcome } from "./same.js";
import { alone } from "./setting.js";

/** When a piece of work touches its blocks: those of one strip in a part of it, others all along. */
function usesOf(work: Work, i: number): [block: Block, from: number, to: number][] {
  const whole = ({ block }: { readonly block: Block }): [Block, number, number] => {
    return [block, i, i + 0.999];
  };
  if (work.kind === "host") return [...work.operands, ...work.results].map(whole);
  if (work.kind !== "group") return work.args.filter(isPlace).map(whole);
  const { parts } = work;
  return parts.flatMap(({ args, call }, k) =>
    args.flatMap((arg, n): [Block, number, number][] => {
      if (!isPlace(arg)) return [];
      const own = call.args[n];
      const isStrip = own === undefined || !isPlace(own) || own.block !== arg.block;
      const now = i + (k + 1) / (parts.length + 1);
      return [isStrip ? [arg.block, now, now] : whole(arg)];
    }),
  );
}

/** Pairs of blocks in the arena that would write over each other. */
function clashes(steps: readonly Work[], { spots, bytes }: Plan): string[] {
  const uses = new Map<Block, number[]>();
  steps.forEach((work, i) => {
    for (const [block, from, to] of usesOf(work, i)) {
      uses.set(block, [...(uses.get(block) ?? []), from, to]);
    }
  });
  const found: string[] = [];
  const inside = [...uses].flatMap(([block, at]) => {
    const spot = spots.get(block);
    if (spot === undefined) found.push(`block ${block.id} has no place`);
    if (spot?.kind !== "arena") return [];
    if (spot.offset < 0 || spot.offset + block.bytes > bytes) found.push(`${block.id} is outside`);
    const drawn = block.value?.origin.kind === "drawn";
    return [
      { block, from: spot.offset, first: drawn ? -1 : Math.min(...at), last: Math.max(...at) },
    ];
  });
  for (const [i, a] of inside.entries()) {
    for (const b of inside.slice(i + 1)) {
      const apart = a.from + a.block.bytes <= b.from || b.from + b.block.bytes <= a.from;
      if (apart || a.last < b.first || b.last < a.first) continue;
      // one takes over from the other in a step that goes through both at one pace
      const [early, late] = a.first < b.first ? [a, b] : [b, a];
      const atOnce = early.last === late.first || Math.floor(early.last) === late.first;
      const takesOver = atOnce && early.from === late.from;
      if (!takesOver || early.block.bytes !== late.block.bytes) {
        found.push(`blocks ${a.block.id} and ${b.block.id} overlap`);
      }
    }
  }
  return found;
}

/** What a plan of a function gets wrong. */
function faultsOf(
  run: (...xs: readonly unknown[]) => unknown,
  args: readonly Tensor[],
  state: readonly Tensor[] = [],
): readonly string[] | undefined {
  return capture(run, alone(args, state), ({ program: whole, trace }) => {
    const { program } = optimised(whole);
    const recorder = new Recorder();
    recorder.record(program);
    const { outputs, writes } = program;
    const ends = [...outputs, ...writes.map(({ value }) => ({ value, shape: [value.size] }))];
    const kept = new Set(ends.map((use) => recorder.locate(use)));
    const steps = fuse(
      recorder.steps,
      kept,
      () => true,
      (n) => recorder.strip(n),
    );
    const result = clashes(steps, planMemory(recorder, program, steps));
    trace.free();
    return { result };
  })?.result;
}

describe("blocks of the arena never overlap while they are in use", () => {
  it("in programs of many steps", () => {
    const property = fc.property(plans, (plan) => {
      const constants = constantsOf(plan);
      const { rows, columns } = plan;
      const random = rng(0);
      const args = [0, 1].map(() => reshape(random.normal([rows * columns]), [rows, columns]));
      const run = (...xs: readonly unknown[]) => {
        const [x, y] = xs as readonly [Tensor, Tensor];
        return runPlan(plan, x, y, constants);
      };
      scope(() => void expect(faultsOf(run, args)).toEqual([]));
    });
    fc.assert(property, { numRuns: 100 });
  });

  it("in programs over all ops, with state and gradients", () => {
    const property = fc.property(registry.plans, (plan) => {
      scope(() => {
        const program = new Random(plan);
        for (const make of [writing, training]) {
          const { run, all, optimizer } = make(program);
          const once = (...xs: readonly unknown[]) => run(...(xs as Tensor[]));
          const refused = typeof outcome(() => run(...program.args(0))) === "string";
          // an optimiser has all of its state after its first step
          const state = new Set<Tensor>();
          forEachTensor(all, (x) => state.add(x));
          if (!refused) expect(faultsOf(once, program.args(0), [...state])).toEqual([]);
          optimizer?.dispose();
        }
      });
    });
    fc.assert(property, { numRuns: 200, seed: 5 });
  });
});
