/** @file Results as a JSON file that grows: results in it are not computed again. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { MethodName } from "./methods.js";
import type { TaskName } from "./task.js";

/** A finished adaptation. */
export interface Run {
  readonly method: MethodName;
  readonly d: number;
  readonly variant?: string;
  /** All trained numbers, the head included. */
  readonly trained: number;
  readonly lr: number;
  readonly seed: number;
  readonly methodSeed?: number;
  /** Training loss at the end. */
  readonly loss: number;
  /** Where it was measured: on the validation split in a search, on the test split otherwise. */
  readonly valid?: number;
  readonly test?: number;
  readonly seconds: number;
}

/** Values of the training loss around what a method found. */
export interface Landscape {
  readonly method: MethodName;
  readonly d: number;
  /** In both directions, in units of ‖θ*‖. */
  readonly places: readonly number[];
  /** Row by row. */
  readonly loss: readonly (readonly number[])[];
}

/** A file of results. */
export interface Results {
  readonly task: TaskName;
  readonly title: string;
  readonly metric: string;
  readonly baseMetric: string;
  readonly pretrainSteps: number;
  readonly steps: number;
  /** Weights that are adapted, and numbers in the head. */
  weights: number;
  head: number;
  /** Null until the base is pretrained. */
  baseScore: number | null;
  readonly headLr: number;
  readonly runs: Record<string, Run>;
  readonly landscapes: Record<string, Landscape>;
}

/** The results in a file, or empty ones. */
export function openResults(path: string, empty: Results): Results {
  if (!existsSync(path)) return empty;
  const found: Results = JSON.parse(readFileSync(path, "utf8"));
  if (found.steps === empty.steps && found.pretrainSteps === empty.pretrainSteps) return found;
  throw new Error(`${path} was made with other numbers of steps: remove it to begin anew`);
}

/** Writes a file as a whole, so that nothing is lost when the program is stopped. */
export function saveResults(path: string, results: Results): void {
  mkdirSync(dirname(path), { recursive: true });
  const { runs, landscapes, ...rest } = results;
  const lines = (entries: object): string =>
    Object.entries(entries)
      .map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
      .join(",\n");
  const head = JSON.stringify(rest, null, 2).slice(0, -2);
  const block = (name: string, entries: object) => {
    const inner = lines(entries);
    return `  "${name}": {${inner === "" ? "" : `\n${inner}\n  `}}`;
  };
  const text = `${head},\n${block("runs", runs)},\n${block("landscapes", landscapes)}\n}\n`;
  writeFileSync(`${path}.part`, text);
  renameSync(`${path}.part`, path);
}
