/** @file A sample call of an op as the tables of samples write it. Knows no op. */
import type { DType } from "@isograd/tensor";

/** Shapes of the inputs, and what is not drawn from the op's range. */
export interface Case {
  readonly shapes: readonly (readonly number[])[];
  readonly attrs?: unknown;
  /** Axis orders by which inputs arrive as permuted views. */
  readonly permuted?: readonly (readonly number[] | null)[] | undefined;
  /** Given numbers for some inputs, by position; default dtype: that of the sample. */
  readonly values?: Readonly<Record<number, Given>>;
}

/** Numbers for one input. */
export interface Given {
  readonly values: readonly number[];
  readonly dtype?: DType;
}

export function ints(values: readonly number[]): Given {
  return { values, dtype: "int32" };
}

export function bools(values: readonly number[]): Given {
  return { values, dtype: "bool" };
}
