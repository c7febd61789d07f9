/** @file Timing: contenders take turns, so that a slower machine slows all of them equally. */
import type { Contender } from "./contender.js";

/** How long to measure. */
export interface Effort {
  /** Warm-up per contender; like all times here, in milliseconds on a core. */
  readonly warmMs: number;
  /** Calls are repeated until one sample takes about this long. */
  readonly sampleMs: number;
  readonly rounds: number;
  /** Contenders that would take longer than this skip rounds, down to three samples. */
  readonly shareMs: number;
}

export const thorough: Effort = { warmMs: 200, sampleMs: 15, rounds: 15, shareMs: 1500 };
export const quick: Effort = { warmMs: 60, sampleMs: 5, rounds: 7, shareMs: 300 };

const WARM_LIMIT_MS = 2000;

/** V8 compiles in stages: short work must run more often before it reaches full speed. */
function callsToWarm(perCall: number): number {
  if (perCall > 5) return 2;
  return perCall > 0.7 ? 200 : 30_000;
}

/** Milliseconds a call, one entry per round; NaN where a contender skipped it. */
export interface Samples {
  /**
   * The smaller of the process's time on all cores and the time by the clock. Both are at least the
   * thread's own time: the first excludes other programs, the second collectors on other threads.
   */
  readonly cpu: number[];
  readonly wall: number[];
  readonly callsPerSample: number;
}

interface Turn {
  readonly contender: Contender;
  readonly calls: number;
  /** Takes part in every n-th round. */
  readonly every: number;
  readonly samples: Samples;
}

function cpuNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function repeat(contender: Contender, calls: number): Promise<void> {
  for (let i = 0; i < calls; i++) {
    const pending = contender.run();
    if (pending !== undefined) await pending;
  }
}

async function prepare(contender: Contender, effort: Effort): Promise<Turn> {
  const start = cpuNow();
  let calls = 0;
  let perCall = 0;
  const cold = () => {
    const spent = cpuNow() - start;
    return spent < effort.warmMs || (calls < callsToWarm(perCall) && spent < WARM_LIMIT_MS);
  };
  for (let batch = 1; cold(); batch = Math.min(batch * 2, 256)) {
    const from = cpuNow();
    await repeat(contender, batch);
    perCall = Math.max((cpuNow() - from) / batch, 1e-5);
    calls += batch;
  }
  const callsPerSample = Math.max(1, Math.round(effort.sampleMs / perCall));
  const sampleMs = callsPerSample * perCall;
  const wanted = Math.ceil((sampleMs * effort.rounds) / effort.shareMs);
  const every = Math.max(1, Math.min(wanted, Math.floor(effort.rounds / 3)));
  const samples: Samples = { cpu: [], wall: [], callsPerSample };
  return { contender, calls: callsPerSample, every, samples };
}

async function take({ contender, calls, samples }: Turn): Promise<void> {
  const cpu = cpuNow();
  const wall = performance.now();
  await repeat(contender, calls);
  const clock = performance.now() - wall;
  samples.wall.push(clock / calls);
  samples.cpu.push(Math.min(cpuNow() - cpu, clock) / calls);
}

/** The list beginning at its `start`-th entry, then those before it. */
export function rotated<T>(list: readonly T[], start: number): T[] {
  const from = start % list.length;
  return [...list.slice(from), ...list.slice(0, from)];
}

/** Warms every contender up, then times them in turns; the order rotates from round to round. */
export async function measure(
  contenders: readonly Contender[],
  effort: Effort,
): Promise<Samples[]> {
  globalThis.gc?.(); // before warming up: a full collection can throw compiled code away
  const turns: Turn[] = [];
  for (const contender of contenders) turns.push(await prepare(contender, effort));
  // Warming one up may undo another's warm-up: fast ones repeat it in turns, untimed.
  for (const { contender, calls, every } of [...turns, ...turns]) {
    if (every === 1) await repeat(contender, calls);
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (const turn of rotated(turns, round)) {
      if (round % turn.every === 0) await take(turn);
      else {
        turn.samples.cpu.push(Number.NaN);
        turn.samples.wall.push(Number.NaN);
      }
    }
  }
  return turns.map((turn) => turn.samples);
}
