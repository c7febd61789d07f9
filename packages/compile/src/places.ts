/** @file Where the values of a program lie, and which instructions are fused: for texts about it. */

import { nameOf } from "./names.js";
import type { Plan, Work } from "./plan.js";
import type { Instruction, Value } from "./program.js";
import type { Recorder } from "./record.js";
import type { Block } from "./steps.js";

export interface Places {
  /** The groups in which calls of an instruction run, by their numbers from 1. */
  groups(instruction: Instruction): readonly number[];
  /** Where a result of an instruction lies; empty where it takes no memory. */
  where(value: Value): string;
  /** What else there is to say of an instruction. */
  marks(instruction: Instruction): readonly string[];
}

/** What is known of a program in memory. */
export interface Planned {
  readonly recorder: Recorder;
  readonly work: readonly Work[];
  readonly plan: Plan;
}

export function placesOf({ recorder, work, plan }: Planned): Places {
  const groups = new Map<Instruction, Set<number>>();
  /** What a group keeps of a block: one strip of it. */
  const strips = new Map<Block, Block>();
  const fused = work.filter((own) => own.kind === "group");
  for (const [i, { parts }] of fused.entries()) {
    for (const { call, args } of parts) {
      const own = groups.get(call.instruction) ?? new Set();
      groups.set(call.instruction, own.add(i + 1));
      for (const [k, arg] of call.args.entries()) {
        const short = args[k];
        if (typeof arg !== "object" || !("block" in arg)) continue;
        if (typeof short !== "object" || !("block" in short)) continue;
        if (short.block !== arg.block) strips.set(arg.block, short.block);
      }
    }
  }
  const marked = new Map<Instruction, string[]>();
  for (const { kind, instruction } of recorder.steps) {
    if (kind === "call") continue;
    const own = marked.get(instruction) ?? [];
    own.push(kind === "host" ? "on the host" : "indices are checked");
    marked.set(instruction, own);
  }
  const spot = (block: Block): string => {
    const found = plan.spots.get(block);
    if (found?.kind === "arena") return `arena ${found.offset}`;
    if (found?.kind !== "slot") return "";
    const { kind, at } = plan.slots[found.slot] as (typeof plan.slots)[0];
    return kind === "output" ? `result ${at}` : `state${at}`;
  };
  return {
    groups: (instruction) => [...(groups.get(instruction) ?? [])],
    where(value) {
      const block = recorder.blockOf(value);
      if (block === null) return "";
      if (block.value !== null && block.value !== value) return `a view of ${nameOf(block.value)}`;
      const strip = strips.get(block);
      if (strip === undefined) return spot(block);
      return `${spot(strip)}, a strip`;
    },
    marks(instruction) {
      const own = marked.get(instruction) ?? [];
      return instruction.changing ? [...own, "with the numbers of each call"] : own;
    },
  };
}
