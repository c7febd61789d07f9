/** @file One row on all pages: check that they agree, then time them in turns. */
import { difference } from "../harness/compare.js";
import { type Effort, rotated, type Samples } from "../harness/measure.js";
import { type Result, summarize } from "../harness/run.js";
import type { Caller } from "./browser.js";
import type { Peaks } from "./page/peaks/measure.js";
import { type GpuMode, modes } from "./protocol.js";
import type { GpuRow } from "./rows.js";

/** How long to measure; milliseconds by the clock: the work of a GPU is in no process's time. */
export const thorough: Effort = { warmMs: 300, sampleMs: 80, rounds: 11, shareMs: 6000 };
export const quick: Effort = { warmMs: 100, sampleMs: 30, rounds: 3, shareMs: 1000 };

const FEWEST = 3;

/** Results of a row in one mode. */
export interface GpuResult extends Result {
  readonly mode: GpuMode;
  /** Kernels that Isograd launched per run, with the one that reads the first number. */
  readonly launches: number;
  /** Part of the measured peak that Isograd reached: of memory, or of arithmetic. */
  readonly share?: { readonly of: "bandwidth" | "arithmetic"; readonly reached: number };
}

interface Turn {
  readonly caller: Caller;
  readonly calls: number;
  readonly every: number;
  readonly samples: Samples;
}

/** Warms a contender up until the time of one run is known. */
async function prepare(caller: Caller, effort: Effort): Promise<Turn> {
  let perCall = 0;
  let spent = 0;
  for (let calls = 1; spent < effort.warmMs; calls *= 2) {
    const ms = await caller.sample(calls);
    perCall = ms / calls;
    spent += ms;
  }
  const calls = Math.max(1, Math.round(effort.sampleMs / perCall));
  const wanted = Math.ceil((calls * perCall * effort.rounds) / effort.shareMs);
  const every = Math.max(1, Math.min(wanted, Math.floor(effort.rounds / FEWEST)));
  return { caller, calls, every, samples: { cpu: [], wall: [], callsPerSample: calls } };
}

async function takeTurns(turns: readonly Turn[], effort: Effort): Promise<void> {
  for (let round = 0; round < effort.rounds; round++) {
    for (const { caller, calls, every, samples } of rotated(turns, round)) {
      const ms = round % every === 0 ? (await caller.sample(calls)) / calls : Number.NaN;
      samples.wall.push(ms);
      samples.cpu.push(ms);
    }
  }
}

/** Times a row; gives one result per mode. */
export async function runGpuRow(
  row: GpuRow,
  callers: readonly Caller[],
  effort: Effort,
  peaks: Partial<Record<GpuMode, Peaks>>,
): Promise<GpuResult[]> {
  const notes = new Map<Caller, string>();
  const wrong: Caller[] = [];
  const ready: Caller[] = [];
  let judge: readonly number[] | undefined;
  for (const caller of callers) {
    try {
      const got = await caller.prepare(row.name);
      if (got === null) continue;
      judge ??= got;
      const differs = difference(judge, got, row.tolerance);
      if (differs === null) ready.push(caller);
      else {
        wrong.push(caller);
        notes.set(caller, `differs: ${differs}`);
      }
    } catch (error) {
      notes.set(caller, error instanceof Error ? error.message : String(error));
    }
  }
  const turns: Turn[] = [];
  for (const caller of ready) turns.push(await prepare(caller, effort));
  await takeTurns(turns, effort);
  const results: GpuResult[] = [];
  for (const mode of modes.filter((m) => callers.some((c) => c.mode === m))) {
    const here = turns.filter(({ caller }) => caller.mode === mode);
    const names = here.map(({ caller }) => caller.contestant);
    const entries = summarize(
      row,
      names,
      here.map(({ samples }) => samples),
    );
    const own = here.find(({ caller }) => caller.contestant === "isograd");
    const share = shareOf(row, entries.isograd?.ms, peaks[mode]);
    results.push({
      mode,
      name: row.name,
      unit: row.unit,
      entries,
      notes: Object.fromEntries(
        [...notes].filter(([c]) => c.mode === mode).map(([c, why]) => [c.contestant, why]),
      ),
      wrong: wrong.filter((c) => c.mode === mode).map((c) => c.contestant),
      launches: own === undefined ? Number.NaN : await own.caller.launches(),
      ...(share !== undefined && { share }),
    });
  }
  for (const caller of ready) await caller.free();
  return results;
}

function shareOf(row: GpuRow, ms?: number, peaks?: Peaks): GpuResult["share"] {
  if (ms === undefined || peaks === undefined) return undefined;
  if (row.flops !== undefined) {
    return { of: "arithmetic", reached: row.flops / ms / 1e6 / peaks.gigaflops };
  }
  if (row.bytes === undefined) return undefined;
  return { of: "bandwidth", reached: row.bytes / ms / 1e6 / peaks.gigabytesPerSecond };
}
