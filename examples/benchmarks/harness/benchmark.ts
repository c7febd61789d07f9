/**
 * @file What a benchmark is to the harness: steps that give JSON, and a report made from it. Knows
 * no model.
 */
import type { Compiler } from "@isograd/nn";

/** What a step may use. */
export interface Context {
  /** Folder for checkpoints; null keeps none. */
  readonly checkpoints: string | null;
  /** Ends training early; the next start continues. */
  readonly signal: AbortSignal;
  readonly progress: boolean;
  /** A file or folder of data instead of those that come with the benchmark. */
  readonly data: string | null;
  /** Compiles the steps of training; default: they run op by op. */
  readonly compile?: Compiler;
}

/** One thing to run; its result is stored under its key and not computed again. */
export interface Step {
  readonly key: string;
  readonly run: (context: Context) => Promise<object>;
}

/** Results by the key of the step that made them. */
export type Results = Readonly<Record<string, unknown>>;

/** A table: a title, a head and rows. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A picture as SVG text, with the name of its file. */
export interface Figure {
  readonly name: string;
  readonly svg: string;
  readonly caption: string;
}

export interface Report {
  readonly tables: readonly Table[];
  readonly figures: readonly Figure[];
}

/** The sizes a benchmark comes in. */
export type Preset = "quick" | "small" | "paper";

export interface Benchmark {
  readonly name: string;
  readonly title: string;
  readonly lead: string;
  /** Whether batches come in few forms, so that steps are compiled: graphs of other sizes do not. */
  readonly compiled: boolean;
  readonly steps: (preset: Preset) => readonly Step[];
  /** Made from the results that exist. */
  readonly report: (results: Results) => Report;
}

/** The results whose keys begin with a word and a blank, without it: `{ "PONITA 100": … }`. */
export function resultsOf<T>(results: Results, prefix: string): [rest: string, value: T][] {
  return Object.entries(results)
    .filter(([key]) => key === prefix || key.startsWith(`${prefix} `))
    .map(([key, value]) => [key.slice(prefix.length + 1), value as T]);
}
