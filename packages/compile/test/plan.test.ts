/**
 * @file Plans of memory, checked by the steps alone: blocks whose bytes overlap are never in use at
 * one time.
 */
import { reshape, rng, scope, type Tensor } from "@isograd/tensor";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { capture } from "../src/capture.js";
import { fuse } from "../src/fuse.js";
import { optimised } from "../src/passes/index.js";
import { type Plan, planMemory, type Work } from "../src/plan.js";
import { Recorder } from "../src/record.js";
import { type Block, isPlace } from "../src/steps.js";
import { constantsOf, plans, runPlan } from "./programs.js";

/** The blocks of a piece of work, from its arguments. */
function blocksOf(work: Work): Block[] {
  if (work.kind === "host") return [...work.operands, ...work.results].map(({ block }) => block);
  const args = work.kind === "group" ? work.parts.flatMap((part) => part.args) : work.args;
  return args.filter(isPlace).map(({ block }) => block);
}

/** Pairs of blocks in the arena that would write over each other. */
function clashes(steps: readonly Work[], { spots, bytes }: Plan): string[] {
  const uses = new Map<Block, number[]>();
  steps.forEach((work, i) => {
    for (const block of blocksOf(work)) uses.set(block, [...(uses.get(block) ?? []), i]);
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
      const takesOver = early.last === late.first && early.from === late.from;
      if (!takesOver || early.block.bytes !== late.block.bytes) {
        found.push(`blocks ${a.block.id} and ${b.block.id} overlap`);
      }
    }
  }
  return found;
}

it("blocks of the arena never overlap while they are in use", () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const constants = constantsOf(plan);
      const { rows, columns } = plan;
      const random = rng(0);
      const args = [0, 1].map(() => reshape(random.normal([rows * columns]), [rows, columns]));
      const run = (...xs: readonly unknown[]) => {
        const [x, y] = xs as readonly [Tensor, Tensor];
        return runPlan(plan, x, y, constants);
      };
      scope(() => {
        const found = capture(run, args, [], ({ program: whole, trace }) => {
          const { program } = optimised(whole);
          const recorder = new Recorder();
          recorder.record(program);
          const kept = new Set(program.outputs.map((use) => recorder.locate(use)));
          const steps = fuse(
            recorder.steps,
            kept,
            () => true,
            (n) => recorder.strip(n),
          );
          const result = clashes(steps, planMemory(recorder, program, steps));
          trace.free();
          return { result };
        });
        expect(found?.result).toEqual([]);
      });
    }),
    { numRuns: 100 },
  );
});
