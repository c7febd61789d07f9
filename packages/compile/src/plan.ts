/**
 * @file The plan: which blocks are alive at once, and where each lies in one arena. Knows no op.
 */
import { bytesOf, sizeOf } from "@isograd/tensor/engine";
import { alongOf, type Group, movesOf, type Part } from "./fuse.js";
import type { Program, Use, Value } from "./program.js";
import type { Recording } from "./record.js";
import { type Block, type Call, isPlace, type Place, type Step, touched } from "./steps.js";

/** Where a block lies: in the arena, at a fixed address, or at an address that each call gives. */
export type Spot =
  | { readonly kind: "arena"; readonly offset: number }
  | { readonly kind: "fixed"; readonly address: number }
  | { readonly kind: "slot"; readonly slot: number };

/** Numbers that are moved when all steps are done. */
export interface Move {
  readonly from: Spot;
  readonly to: Spot;
  readonly bytes: number;
}

/** What each slot is, in their order. */
export type Slot =
  | { readonly kind: "argument" | "state" | "written"; readonly at: number }
  | { readonly kind: "output"; readonly at: number };

export interface Plan {
  readonly spots: ReadonlyMap<Block, Spot>;
  readonly slots: readonly Slot[];
  readonly moves: readonly Move[];
  /** Where what generators draw is put. */
  readonly drawn: ReadonlyMap<Value, Spot>;
  /** Bytes of the arena. */
  readonly bytes: number;
}

/** A stretch of steps: from the first that touches a block to the last. */
interface Life {
  first: number;
  last: number;
}

/** Blocks begin at multiples of this, and this many bytes after their end may be read. */
const GRAIN = 64;
const NEVER = -1;

/** A step, or steps that run strip by strip. */
export type Work = Step | Group;

/** The blocks that a piece of work touches. */
function touches(work: Work): Place[] {
  return work.kind === "group"
    ? work.parts.flatMap(({ args }) => args.filter(isPlace))
    : touched(work);
}

/** Whether `to` may be written over `from`: no element is read after it was written over. */
function inStep(work: Work, from: Block, to: Block): boolean {
  if (work.kind !== "group" && work.kind !== "call") return false;
  const parts = work.kind === "group" ? work.parts : [partOf(work)];
  let pace = 0;
  let written = false;
  for (const part of parts) {
    if (part === null) return false;
    const found = [...part.args.entries()].filter(
      (entry): entry is [number, Place] => isPlace(entry[1]) && [from, to].includes(entry[1].block),
    );
    for (const [i, { offset }] of found) {
      const own = part.moves.get(i) ?? 0;
      if (offset !== 0 || own === 0 || (pace !== 0 && own !== pace)) return false;
      pace = own;
    }
    const reads = found.some(([, { block }]) => block === from);
    const writes = found.some(([, { block }]) => block === to);
    if (reads && (written || (writes && !part.elementwise))) return false;
    written ||= writes;
  }
  return written;
}

/** A call as a group of one. */
function partOf({ name, args }: Call): Pick<Part, "args" | "moves" | "elementwise"> | null {
  const along = alongOf({ name, args });
  if (along === null) return null;
  return { args, moves: movesOf(along), elementwise: along.unit === 1 };
}

/** Places all blocks that some work touches. */
export function planMemory(
  recording: Recording,
  { outputs, writes }: Program,
  steps: readonly Work[],
): Plan {
  const ends = outputs.map((use) => recording.locate(use));
  const last = writes.map(({ value }) => recording.locate({ value, shape: [value.size] }));
  const lives = livesOf(steps);
  const spots = new Map<Block, Spot>();
  const slots: Slot[] = [];
  const moves: { readonly from: Block; readonly to: Spot; readonly bytes: number }[] = [];
  const slot = (own: Slot): Spot => ({ kind: "slot", slot: slots.push(own) - 1 });

  const states = new Map<number, Block>();
  for (const block of recording.blocks) {
    const { origin } = block.value ?? {};
    if (origin?.kind === "argument") spots.set(block, slot({ kind: "argument", at: origin.at }));
    if (origin?.kind === "state") {
      spots.set(block, slot({ kind: "state", at: origin.at }));
      states.set(origin.at, block);
    }
    if (origin?.kind === "constant") {
      spots.set(block, { kind: "fixed", address: origin.storage.ptr });
    }
    if (origin?.kind === "drawn")
      lives.set(block, { first: NEVER, last: lives.get(block)?.last ?? NEVER });
  }

  const read = new Set<Block>(ends); // what is read once all steps are done
  // a run that fails leaves the state as it was
  const lastRefusal = steps.findLastIndex(({ kind }) => kind === "check" || kind === "host");
  for (const [i, { at }] of writes.entries()) {
    const block = last[i] as Block;
    const own = slot({ kind: "written", at });
    const state = states.get(at);
    const direct =
      !spots.has(block) &&
      block.value?.origin.kind === "made" &&
      (lives.get(block)?.first ?? steps.length) > lastRefusal &&
      (state === undefined || (!read.has(state) && !last.includes(state) && after(block, state)));
    if (direct) spots.set(block, own);
    else moves.push({ from: block, to: own, bytes: block.bytes });
  }
  for (const [at, block] of ends.entries()) {
    const own = slot({ kind: "output", at });
    const { value, shape } = outputs[at] as Use;
    if (!spots.has(block) && block.value?.origin.kind === "made") spots.set(block, own);
    else moves.push({ from: block, to: own, bytes: sizeOf(shape) * bytesOf(value.dtype) });
  }
  for (const { from } of moves) {
    const life = lives.get(from);
    if (life !== undefined) life.last = steps.length;
    else lives.set(from, { first: NEVER, last: steps.length });
  }

  /** Whether a block is first written when nobody reads the state any more. */
  function after(block: Block, state: Block): boolean {
    const [a, b] = [lives.get(state), lives.get(block)];
    if (a === undefined || b === undefined || a.last < b.first) return true;
    return a.last === b.first + LONG && inStep(steps[b.first] as Work, state, block);
  }

  let bytes = place(steps, lives, spots);
  // what a state held before is read before any state is written, by way of the arena
  const first: Move[] = [];
  const then = moves.map(({ from, to, bytes: own }): Move => {
    const spot = spots.get(from) as Spot;
    if (from.value?.origin.kind !== "state") return { from: spot, to, bytes: own };
    const between: Spot = { kind: "arena", offset: bytes };
    bytes += rounded(own);
    first.push({ from: spot, to: between, bytes: own });
    return { from: between, to, bytes: own };
  });
  const drawn = new Map<Value, Spot>();
  for (const [block, spot] of spots) {
    if (block.value?.origin.kind === "drawn") drawn.set(block.value, spot);
  }
  return { spots, slots, moves: [...first, ...then], drawn, bytes };
}

/** Bytes that a block takes in the arena. */
function rounded(bytes: number): number {
  return (Math.ceil(bytes / GRAIN) + 1) * GRAIN;
}

/** A step lasts from its number to almost the next; in a group, each part has its share. */
const LONG = 1 - 2 ** -20;

function livesOf(steps: readonly Work[]): Map<Block, Life> {
  const lives = new Map<Block, Life>();
  const touch = (block: Block, first: number, last: number): void => {
    const life = lives.get(block);
    if (life === undefined) lives.set(block, { first, last });
    else life.last = Math.max(life.last, last);
  };
  steps.forEach((step, i) => {
    if (step.kind !== "group") {
      for (const { block } of touches(step)) touch(block, i, i + LONG);
      return;
    }
    const strips = stripsOf(step);
    step.parts.forEach(({ args }, p) => {
      const now = timeOf(i, p, step);
      for (const { block } of args.filter(isPlace)) {
        if (strips.has(block)) touch(block, now, now);
        else touch(block, i, i + LONG);
      }
    });
  });
  return lives;
}

/** When a part of a group runs, in each turn. */
function timeOf(step: number, part: number, { parts }: Group): number {
  return step + (part + 1) / (parts.length + 1);
}

/** Blocks of a group that hold one strip: each turn begins anew with them. */
function stripsOf({ parts }: Group): Set<Block> {
  const strips = new Set<Block>();
  for (const { call, args } of parts) {
    for (const [i, arg] of args.entries()) {
      const own = call.args[i];
      if (isPlace(arg) && own !== undefined && isPlace(own) && own.block !== arg.block) {
        strips.add(arg.block);
      }
    }
  }
  return strips;
}

/** Gives each block that has no spot one in the arena; returns the bytes of the arena. */
function place(
  steps: readonly Work[],
  lives: ReadonlyMap<Block, Life>,
  spots: Map<Block, Spot>,
): number {
  const inside = new Map([...lives].filter(([block]) => !spots.has(block)));
  const groups = merged(steps, inside);
  const sorted = [...groups.values()].sort((a, b) => b.bytes - a.bytes);
  // those that are placed, by their offsets: first, last, offset and bytes of each
  const placed = new Float64Array(4 * sorted.length);
  let count = 0;
  let end = 0;
  for (const group of sorted) {
    let [best, room] = [-1, Number.POSITIVE_INFINITY];
    let at = 0;
    for (let i = 0; i < count; i += 4) {
      if ((placed[i] as number) > group.last || (placed[i + 1] as number) < group.first) continue;
      const offset = placed[i + 2] as number;
      const gap = offset - at;
      if (gap >= group.bytes && gap < room) [best, room] = [at, gap];
      at = Math.max(at, offset + (placed[i + 3] as number));
    }
    const offset = best >= 0 ? best : at;
    let next = count;
    while (next > 0 && (placed[next - 2] as number) > offset) next -= 4;
    placed.copyWithin(next + 4, next, count);
    placed.set([group.first, group.last, offset, group.bytes], next);
    count += 4;
    end = Math.max(end, offset + group.bytes);
    for (const block of group.blocks) spots.set(block, { kind: "arena", offset });
  }
  return end;
}

/** Blocks that lie at one place, one after the other. */
interface Cluster extends Life {
  readonly blocks: Block[];
  readonly bytes: number;
}

/** Blocks in groups: a kernel over elements writes where it last reads an operand. */
function merged(steps: readonly Work[], lives: ReadonlyMap<Block, Life>): Set<Cluster> {
  const groupOf = new Map<Block, Cluster>();
  for (const [block, { first, last }] of lives) {
    groupOf.set(block, { blocks: [block], bytes: rounded(block.bytes), first, last });
  }
  const join = (from: Block, to: Block): void => {
    const group = groupOf.get(from) as Cluster;
    const made = groupOf.get(to) as Cluster;
    group.blocks.push(...made.blocks);
    group.last = made.last;
    for (const block of made.blocks) groupOf.set(block, group);
  };
  /** Joins a block that is made at a time with one that is read for the last time then. */
  const joinAt = (
    blocks: readonly Block[],
    [first, last]: readonly [number, number],
    fits: (from: Block, to: Block) => boolean,
  ): void => {
    for (const to of blocks) {
      const made = groupOf.get(to);
      if (made === undefined || lives.get(to)?.first !== first || made.first !== first) continue;
      const from = blocks.find((x) => {
        const group = groupOf.get(x);
        return (
          group !== undefined &&
          group !== made &&
          group.last === last &&
          group.first < first &&
          lives.get(group.blocks.at(-1) as Block)?.first !== first && // another result of this step
          x.bytes === to.bytes &&
          fits(x, to)
        );
      });
      if (from !== undefined) join(from, to);
    }
  };
  steps.forEach((step, i) => {
    const blocks = [...new Set(touches(step).map(({ block }) => block))];
    joinAt(blocks, [i, i + LONG], (from, to) => inStep(step, from, to));
    if (step.kind !== "group") return;
    const strips = stripsOf(step);
    step.parts.forEach(({ args, elementwise }, p) => {
      if (!elementwise) return;
      const own = args.filter(isPlace).map(({ block }) => block);
      const now = timeOf(i, p, step);
      const short = [...new Set(own)].filter((block) => strips.has(block));
      joinAt(short, [now, now], () => true);
    });
  });
  return new Set(groupOf.values());
}
