/**
 * @file Fusion: calls of kernels that follow each other through the same elements run in turn on
 * one strip after the other, so that what is between them stays in the cache. The kernels are the
 * same, and so are all bits.
 */
import { type Along, CUTS, type Cut } from "@isograd/tensor/cpu";
import { type Arg, type Block, type Call, isPlace, type Step, touched } from "./steps.js";

/** A call as a group makes it for each strip. */
export interface Part {
  readonly call: Call;
  readonly args: readonly Arg[];
  /** Which argument is the number of steps; −1: the first length of the list of axes. */
  readonly at: number;
  /** Steps in a strip, and in the last one. */
  readonly steps: number;
  readonly last: number;
  /** How far each argument moves with a strip. */
  readonly moves: ReadonlyMap<number, number>;
  /** Whether each element of the result depends on its own elements of the operands alone. */
  readonly elementwise: boolean;
}

/** Calls that run strip by strip. */
export interface Group {
  readonly kind: "group";
  readonly parts: readonly Part[];
  readonly strips: number;
}

const cuts: Readonly<Record<string, Cut>> = CUTS;

/** How a call goes on in steps; null where it does not. */
export function alongOf({ name, args }: Pick<Call, "name" | "args">): Along | null {
  const { along } = cuts[name] ?? {};
  if (along === undefined) return null;
  // an address stands for any number but 0, which means none
  const numbers = args.map((arg) => (typeof arg === "number" ? arg : 1));
  const list = args.find((arg): arg is Int32Array => arg instanceof Int32Array) ?? null;
  return along(numbers, list);
}

/** How far each argument moves with a step. */
export function movesOf({ moves }: Along): Map<number, number> {
  const found = new Map<number, number>();
  for (let i = 0; i < moves.length; i += 2) found.set(moves[i] as number, moves[i + 1] as number);
  return found;
}

/** A call that may join a group. */
interface Candidate {
  readonly call: Call;
  readonly along: Along;
  /** Bytes of each block that the call goes through; null where two arguments differ. */
  readonly paces: ReadonlyMap<Block, number | null>;
}

/** Elements below which everything stays in the cache anyway. */
const LEAST = 4096;
/** Elements of a strip. */
const STRIP = 1024;
const LONGEST = 16384;

function candidate(call: Call): Candidate | null {
  const along = alongOf(call);
  if (along === null || elementsOf(along) < LEAST) return null;
  const moves = movesOf(along);
  const paces = new Map<Block, number | null>();
  for (const [i, arg] of call.args.entries()) {
    if (!isPlace(arg)) continue;
    const pace = arg.offset === 0 ? (moves.get(i) ?? 0) * along.count : null;
    paces.set(arg.block, paces.has(arg.block) && paces.get(arg.block) !== pace ? null : pace);
  }
  return { call, along, paces };
}

function elementsOf({ count, unit }: Along): number {
  return count * unit;
}

/** Who touches which block. */
interface Uses {
  /** How many steps touch a block. */
  readonly counts: ReadonlyMap<Block, number>;
  /** Whether a step writes a block: it, or a call of the same instruction, touches it first. */
  writes(step: Step, block: Block): boolean;
}

function usesOf(steps: readonly Step[]): Uses {
  const makers = new Map<Block, Step["instruction"]>();
  const counts = new Map<Block, number>();
  for (const step of steps) {
    for (const block of new Set(touched(step).map((place) => place.block))) {
      const count = counts.get(block) ?? 0;
      counts.set(block, count + 1);
      const given = block.value !== null && block.value.origin.kind !== "made";
      if (count === 0 && !given) makers.set(block, step.instruction);
    }
  }
  return { counts, writes: (step, block) => makers.get(block) === step.instruction };
}

/** Fuses what can be. `kept`: blocks that are read when all steps are done. */
export function fuse(
  steps: readonly Step[],
  kept: ReadonlySet<Block>,
  fits: (elements: number) => boolean,
  strip: (bytes: number) => Block,
): (Step | Group)[] {
  const uses = usesOf(steps);
  const done: (Step | Group)[] = [];
  let open: Candidate[] = [];
  const close = (): void => {
    const group = grouped(open, kept, uses, strip);
    if (group === null) done.push(...open.map(({ call }) => call));
    else done.push(group);
    open = [];
  };
  for (const step of steps) {
    const own = step.kind === "call" ? candidate(step) : null;
    if (own === null || !fits(elementsOf(own.along))) {
      close();
      done.push(step);
      continue;
    }
    if (open.length > 0 && !joins(open, own, uses)) close();
    open.push(own);
  }
  close();
  return done;
}

/**
 * Whether a call goes through what the group makes at the same pace. One of another size has to
 * read something of the group.
 */
function joins(open: readonly Candidate[], own: Candidate, uses: Uses): boolean {
  const [first] = open as [Candidate];
  const other = elementsOf(first.along) !== elementsOf(own.along);
  if (other && !open.some((before) => sharesBlock(before, own))) return false;
  if (turnsOf([...open, own]) === null) return false;
  for (const [block, pace] of own.paces) {
    for (const { call, paces } of open) {
      if (!paces.has(block) || !uses.writes(call, block)) continue;
      // made inside of the group: read at the pace at which it is written
      if (pace === null || pace === 0 || paces.get(block) !== pace) return false;
    }
    if (!uses.writes(own.call, block)) continue;
    for (const { paces } of open) {
      if (paces.has(block) && (pace === null || pace === 0 || paces.get(block) !== pace)) {
        return false;
      }
    }
  }
  return true;
}

function sharesBlock(a: Candidate, b: Candidate): boolean {
  for (const [block, pace] of a.paces) if (pace && b.paces.get(block) === pace) return true;
  return false;
}

/** How a group is cut: into `parts` that no call divides, so many of which are a turn. */
interface Turns {
  readonly parts: number;
  readonly turn: number;
  /** Parts that may not be a turn of their own at the end. */
  readonly least: number;
}

/** The turns of some calls; null where a turn would be too long. */
function turnsOf(open: readonly Candidate[]): Turns | null {
  const parts = open.map(({ along }) => along.count).reduce(gcd);
  // each turn has whole grains of all calls
  const least = open
    .map(({ along: { count, grain } }) => grain / gcd(grain, count / parts))
    .reduce((a, b) => (a / gcd(a, b)) * b);
  const elements = Math.max(...open.map(({ along }) => elementsOf(along))) / parts;
  if (least * elements > LONGEST || least > parts) return null;
  return { parts, turn: least * Math.max(1, Math.floor(STRIP / (least * elements))), least };
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** The number of strips, and the parts in the last: a short rest joins the one before. */
function stripsOf({ parts, turn, least }: Turns): [strips: number, last: number] {
  const whole = Math.floor(parts / turn);
  const rest = parts - whole * turn;
  if (rest === 0) return [whole, turn];
  return rest < least ? [whole, turn + rest] : [whole + 1, rest];
}

/** The group of some calls; null where one would gain nothing. */
function grouped(
  open: readonly Candidate[],
  kept: ReadonlySet<Block>,
  uses: Uses,
  strip: (bytes: number) => Block,
): Group | null {
  if (open.length < 2) return null;
  const turns = turnsOf(open) as Turns;
  const { parts: all, turn } = turns;
  const [strips, last] = stripsOf(turns);
  if (strips < 2 || !shares(open)) return null;
  const within = new Map<Block, number>();
  for (const { paces } of open) {
    for (const block of paces.keys()) within.set(block, (within.get(block) ?? 0) + 1);
  }
  const short = new Map<Block, Block>();
  const parts = open.map(({ call, along, paces }): Part => {
    for (const [block, pace] of paces) {
      const inside = uses.counts.get(block) === within.get(block);
      if (!inside || kept.has(block) || short.has(block) || pace === null) continue;
      if (block.value !== null && block.value.origin.kind !== "made") continue;
      short.set(block, strip((Math.max(turn, last) * pace) / all));
    }
    const own = along.count / all; // steps in a part
    const moves = new Map<number, number>();
    for (const [at, move] of movesOf(along)) {
      const arg = call.args[at] as Arg;
      if (!isPlace(arg) || !short.has(arg.block)) moves.set(at, move * turn * own);
    }
    const args = call.args.map((arg) => {
      const block = isPlace(arg) ? short.get(arg.block) : undefined;
      return block === undefined ? arg : { block, offset: 0 };
    });
    const elementwise = along.unit === 1;
    return { call, args, at: along.at, steps: turn * own, last: last * own, moves, elementwise };
  });
  return { kind: "group", parts, strips };
}

/** Whether two calls touch one block. */
function shares(open: readonly Candidate[]): boolean {
  const seen = new Set<Block>();
  for (const { paces } of open) {
    for (const [block, pace] of paces) if (pace !== 0 && seen.has(block)) return true;
    for (const block of paces.keys()) seen.add(block);
  }
  return false;
}
