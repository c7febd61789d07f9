/** @file One row: make the contenders, check that they agree, time them, free them. */
import { difference } from "./compare.js";
import type { Contender, Library, Row, Unit } from "./contender.js";
import { type Effort, measure, type Samples } from "./measure.js";
import { median, quantile } from "./stats.js";

/** Results of one library in one row. */
export interface Entry {
  /**
   * Milliseconds per call: median, first and last decile (see Samples), and median by the clock.
   */
  readonly ms: number;
  readonly low: number;
  readonly high: number;
  readonly wall: number;
  readonly samples: number;
  readonly callsPerSample: number;
  /** GFLOP/s, for rows that count them. */
  readonly gflops?: number;
  /** How many times the time of Isograd: median over the rounds in which both ran. */
  readonly ratio: number;
}

export interface Result {
  readonly name: string;
  readonly unit: Unit;
  readonly entries: Partial<Record<Library, Entry>>;
  /** The time of the baseline as a multiple of Isograd's: above 1, the row is faster. */
  readonly baseline?: { readonly name: string; readonly ratio: number };
  /** Why a library is absent or was not timed. */
  readonly notes: Partial<Record<Library, string>>;
  /** Contenders whose numbers differ. */
  readonly wrong: Library[];
}

/** The contender that the others must agree with: the plain loop, else Isograd. */
const judges: readonly Library[] = ["plain", "isograd"];

export async function runRow(
  row: Row,
  libraries: readonly Library[],
  effort: Effort,
): Promise<Result> {
  const notes: Partial<Record<Library, string>> = { ...row.absent };
  const ready = new Map<Library, Contender>();
  const numbers = new Map<Library, ArrayLike<number>>();
  for (const library of libraries) {
    try {
      const contender = await row.contenders[library]?.();
      if (contender === undefined) continue;
      ready.set(library, contender);
      numbers.set(library, await contender.values());
    } catch (error) {
      ready.delete(library);
      notes[library] = error instanceof Error ? error.message : String(error);
    }
  }
  const wrong: Library[] = [];
  const judge = judges
    .map((library) => numbers.get(library))
    .find((values) => values !== undefined);
  for (const [library, got] of numbers) {
    const differs = difference(judge ?? got, got, row.tolerance);
    if (differs === null) continue;
    notes[library] = `differs: ${differs}`;
    wrong.push(library);
    ready.get(library)?.free();
    ready.delete(library);
  }
  const names = [...ready.keys()];
  const running = [...ready.values()];
  if (row.baseline !== undefined) running.push(row.baseline.make());
  const samples = await measure(running, effort);
  for (const contender of running) contender.free();
  const entries = summarize(row, names, samples);
  const result: Result = { name: row.name, unit: row.unit, entries, notes, wrong };
  const other = samples[names.length];
  if (row.baseline === undefined || other === undefined) return result;
  const own = samples[names.indexOf("isograd")];
  return { ...result, baseline: { name: row.baseline.name, ratio: ratio(other, own) } };
}

/** Median, over the rounds in which both ran, of how many times Isograd's time something took. */
function ratio({ cpu }: Samples, own: Samples | undefined): number {
  const ratios = cpu.map((t, k) => t / (own?.cpu[k] ?? Number.NaN)).filter((r) => r > 0);
  return ratios.length === 0 ? Number.NaN : median(ratios);
}

/** Medians and ratios of what was measured. */
export function summarize(
  row: Pick<Row, "flops">,
  names: readonly Library[],
  samples: readonly Samples[],
): Partial<Record<Library, Entry>> {
  const own = samples[names.indexOf("isograd")];
  const entries: Partial<Record<Library, Entry>> = {};
  for (const [i, library] of names.entries()) {
    const measured = samples[i];
    if (measured === undefined) continue;
    const { cpu, wall, callsPerSample } = measured;
    const there = cpu.filter((t) => !Number.isNaN(t));
    const ms = median(there);
    entries[library] = {
      ms,
      low: quantile(there, 0.1),
      high: quantile(there, 0.9),
      wall: median(wall.filter((t) => !Number.isNaN(t))),
      samples: there.length,
      callsPerSample,
      ...(row.flops !== undefined && { gflops: row.flops / ms / 1e6 }),
      ratio: ratio(measured, own),
    };
  }
  return entries;
}
