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
  /** Bytes that each block moves with an element of work; null where two arguments differ. */
  readonly rates: ReadonlyMap<Block, number | null>;
}

/** Elements below which everything stays in the cache anyway. */
const LEAST = 4096;
/** Elements of a strip. */
const STRIP = 1024;
const LONGEST = 16384;

function candidate(call: Call): Candidate | null {
  const along = alongOf(call);
  if (along === null || along.count * along.unit < LEAST) return null;
  const moves = movesOf(along);
  const rates = new Map<Block, number | null>();
  for (const [i, arg] of call.args.entries()) {
    if (!isPlace(arg)) continue;
    const rate = arg.offset === 0 ? (moves.get(i) ?? 0) / along.unit : null;
    rates.set(arg.block, rates.has(arg.block) && rates.get(arg.block) !== rate ? null : rate);
  }
  return { call, along, rates };
}

/** Fuses what can be. `kept`: blocks that are read when all steps are done. */
export function fuse(
  steps: readonly Step[],
  kept: ReadonlySet<Block>,
  fits: (elements: number) => boolean,
  strip: (bytes: number) => Block,
): (Step | Group)[] {
  const first = new Map<Block, number>();
  const last = new Map<Block, number>();
  steps.forEach((step, i) => {
    for (const { block } of touched(step)) {
      if (!first.has(block)) first.set(block, i);
      last.set(block, i);
    }
  });
  const done: (Step | Group)[] = [];
  let open: Candidate[] = [];
  let begin = 0;
  const close = (): void => {
    const group = grouped(open, begin, first, last, kept, strip);
    if (group === null) done.push(...open.map(({ call }) => call));
    else done.push(group);
    open = [];
  };
  steps.forEach((step, i) => {
    const own = step.kind === "call" ? candidate(step) : null;
    if (own === null || !fits(own.along.count * own.along.unit)) {
      close();
      done.push(step);
      return;
    }
    if (open.length > 0 && !joins(open, own, begin, first)) close();
    if (open.length === 0) begin = i;
    open.push(own);
  });
  close();
  return done;
}

/** Whether a call goes through the same elements at the same pace as those before it. */
function joins(
  open: readonly Candidate[],
  { along, rates }: Candidate,
  begin: number,
  first: ReadonlyMap<Block, number>,
): boolean {
  const [{ along: other }] = open as [Candidate];
  if (other.count * other.unit !== along.count * along.unit) return false;
  if (stripOf([...open.map((own) => own.along), along]) === null) return false;
  for (const [block, rate] of rates) {
    if ((first.get(block) as number) < begin) continue;
    // made inside of the group: read at the pace at which it is written
    for (const { rates: before } of open) {
      if (!before.has(block)) continue;
      const made = before.get(block);
      if (rate === null || rate === 0 || made !== rate) return false;
    }
  }
  return true;
}

/** Elements of a strip: whole steps of all calls; null where there is no such number. */
function stripOf(alongs: readonly Along[]): number | null {
  const units = alongs.map(({ unit, grain }) => unit * grain);
  const largest = Math.max(...units);
  if (largest > LONGEST || units.some((unit) => largest % unit !== 0)) return null;
  return largest * Math.max(1, Math.floor(STRIP / largest));
}

function grainOf({ along }: Candidate): number {
  return along.unit * along.grain;
}

/** The number of strips, and the elements of the last: a short rest joins the one before. */
function stripsOf(total: number, length: number, least: number): [strips: number, last: number] {
  const whole = Math.floor(total / length);
  const rest = total - whole * length;
  if (rest === 0) return [whole, length];
  return rest < least ? [whole, length + rest] : [whole + 1, rest];
}

/** The group of some calls; null where one would gain nothing. */
function grouped(
  open: readonly Candidate[],
  begin: number,
  first: ReadonlyMap<Block, number>,
  last: ReadonlyMap<Block, number>,
  kept: ReadonlySet<Block>,
  strip: (bytes: number) => Block,
): Group | null {
  if (open.length < 2) return null;
  const length = stripOf(open.map(({ along }) => along)) as number;
  const [{ along }] = open as [Candidate];
  const total = along.count * along.unit;
  const [strips, lastLength] = stripsOf(total, length, Math.max(...open.map(grainOf)));
  if (strips < 2 || !shares(open)) return null;
  const end = begin + open.length - 1;
  const short = new Map<Block, Block>();
  const parts = open.map(({ call, along: own, rates }): Part => {
    for (const [block, rate] of rates) {
      const inside = (first.get(block) as number) >= begin && (last.get(block) as number) <= end;
      if (!inside || kept.has(block) || short.has(block) || rate === null) continue;
      if (block.value !== null && block.value.origin.kind !== "made") continue;
      short.set(block, strip(Math.max(length, lastLength) * rate));
    }
    const moves = new Map<number, number>();
    for (const [at, move] of movesOf(own)) {
      const arg = call.args[at] as Arg;
      if (!isPlace(arg) || !short.has(arg.block)) moves.set(at, (move * length) / own.unit);
    }
    const args = call.args.map((arg) => {
      const block = isPlace(arg) ? short.get(arg.block) : undefined;
      return block === undefined ? arg : { block, offset: 0 };
    });
    const steps = length / own.unit;
    const left = lastLength / own.unit;
    return { call, args, at: own.at, steps, last: left, moves, elementwise: own.unit === 1 };
  });
  return { kind: "group", parts, strips };
}

/** Whether two calls touch one block. */
function shares(open: readonly Candidate[]): boolean {
  const seen = new Set<Block>();
  for (const { rates } of open) {
    for (const [block, rate] of rates) {
      if (rate !== 0 && seen.has(block)) return true;
    }
    for (const block of rates.keys()) seen.add(block);
  }
  return false;
}
