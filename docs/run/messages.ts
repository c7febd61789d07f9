/** @file What a page and its worker say to each other. Lines count from 1 in the whole program. */

/** Where a program computes. */
export type DeviceName = "cpu" | "webgpu" | "webgl2";

/** Asks a worker to run a program; it does so once. */
export interface Job {
  readonly blocks: readonly string[];
  readonly device: DeviceName;
  /** The package whose names need no import, as in the examples of the API. */
  readonly own?: string | undefined;
}

/** Something to look at. */
export interface Shown {
  readonly kind: "text" | "html" | "svg";
  readonly content: string;
}

/** An error, and what to do about it. */
export interface Failure {
  readonly name: string;
  readonly problem: string;
  readonly help?: string | undefined;
}

/** What a worker reports, in the order of the program. */
export type Report =
  | {
      readonly type: "promise";
      readonly line: number;
      readonly kept: boolean;
      readonly promised: string;
      readonly printed: string;
    }
  | { readonly type: "log"; readonly line: number; readonly level: Level; readonly text: string }
  | { readonly type: "value"; readonly line: number; readonly shown: Shown }
  | { readonly type: "error"; readonly line: number | undefined; readonly failure: Failure }
  | { readonly type: "done"; readonly milliseconds: number };

export type Level = "log" | "info" | "warn" | "error";
