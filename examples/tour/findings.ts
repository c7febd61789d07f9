/** @file The results of the tour: the table and the report are made from this object. */
import type { MethodName } from "./tasks.js";
import type { Curve } from "./train.js";

/** A predictor of the first world. */
export interface Learned {
  readonly name: string;
  readonly parameters: number;
  readonly mse: number;
  /** Relative error under random rotations, and under those that keep the grid. */
  readonly rotation: number;
  readonly gridRotation: number;
  readonly curve: Curve | null;
}

/** A way of fine-tuning, over its seeds. */
export interface Adapted {
  readonly method: MethodName;
  readonly trained: number;
  readonly bytes: number;
  readonly mse: readonly number[];
  readonly curves: readonly Curve[];
  readonly ratios: readonly number[];
}

/** Bodies of one system: where they went, and where the network predicted them. */
export interface Shown {
  /** [frame][body][x, y, z] */
  readonly path: readonly (readonly (readonly number[])[])[];
  readonly predicted: readonly (readonly number[])[];
}

export interface Findings {
  readonly seed: number;
  readonly samples: { readonly train: number; readonly test: number; readonly adapt: number };
  readonly learned: readonly Learned[];
  readonly law: string;
  /** Errors in the new world before adapting: no motion, straight on, PONITA as it was. */
  readonly before: readonly { readonly name: string; readonly mse: number }[];
  readonly adapted: readonly Adapted[];
  /** Whether the adapter loaded from its file gave the same outputs to the last bit. */
  readonly reloaded: { readonly same: boolean; readonly numbers: number; readonly bytes: number };
  readonly shown: readonly Shown[];
  readonly seconds: number;
  readonly machine: string;
}
