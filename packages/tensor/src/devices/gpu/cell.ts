/**
 * @file What a storage of the GPU device holds: a block, there or still to be made, and what the
 * host knows of its values.
 */
import type { Block } from "./backend.js";
import type { Expression } from "./fusion/expression.js";

/**
 * Positions sorted by the segment they belong to: `order[starts[s] … starts[s + 1]]` are those of
 * s.
 */
export interface Segments {
  readonly order: Block;
  readonly starts: Block;
}

/** The least and the largest of some integers, and where the first of each is. */
export interface Range {
  readonly low: number;
  readonly lowAt: number;
  readonly high: number;
  readonly highAt: number;
}

/** The contents of a storage. */
export class Cell {
  /**
   * Storages over this cell, work that will read it, and one more while the device keeps it for
   * later.
   */
  holders = 1;
  /** Segment tables made of `integers`, by number of segments. */
  readonly segments = new Map<number, Segments>();
  /** An elementwise op that has not run yet. */
  expression: Expression | null = null;
  /** Whether the expression is in line to run: what comes after need not wait with it. */
  due = false;
  /** Why there will never be a block. */
  failure: Error | null = null;
  private known: Range | undefined;

  constructor(
    /** In elements. */
    readonly size: number,
    /** Null until it is made. */
    public block: Block | null,
    /**
     * Indices that came from the host stay known there: they are checked, sorted and read back
     * without waiting.
     */
    readonly integers: Int32Array | null = null,
  ) {}

  get range(): Range | null {
    if (this.integers === null) return null;
    this.known ??= rangeOf(this.integers);
    return this.known;
  }
}

function rangeOf(values: Int32Array): Range {
  let lowAt = 0;
  let highAt = 0;
  for (let i = 1; i < values.length; i++) {
    if ((values[i] as number) < (values[lowAt] as number)) lowAt = i;
    if ((values[i] as number) > (values[highAt] as number)) highAt = i;
  }
  return { low: values[lowAt] as number, lowAt, high: values[highAt] as number, highAt };
}
