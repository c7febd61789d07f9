/** @file What the bench and its pages say to each other. */
import type { Peaks } from "./page/peaks/measure.js";

export const modes = ["webgpu", "webgl2"] as const;
export type GpuMode = (typeof modes)[number];

export const contestants = ["isograd", "tfjs"] as const;
export type Contestant = (typeof contestants)[number];

/** What a page offers, as `window.bench`: one library in one mode. */
export interface PageApi {
  /** Makes the work of a row and gives numbers to compare; null when the library has none. */
  prepare(row: string): Promise<number[] | null>;
  /** Milliseconds for so many runs. */
  sample(calls: number): Promise<number>;
  /** Kernels that the last sample launched per run; NaN where they are not counted. */
  launches(): number;
  free(): void;
  peaks(): Promise<Peaks>;
  /** What draws or computes, as the browser names it. */
  adapter(): Promise<string>;
}
