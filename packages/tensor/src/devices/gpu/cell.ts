/**
 * @file The contents of a storage of the GPU device: a block, or the expression that will make it,
 * and what the host knows of its values.
 */
import type { Shape } from "../../base/shape.js";
import type { Block } from "./gpujs/backend.js";

/** The text of an elementwise op. */
export interface Formula {
  /** Statements over x, y and z and the numbers; they return the value. */
  readonly body: string;
  readonly numbers?: Readonly<Record<string, number>>;
}

/** A cell and its strides along the axes of an expression; 0 repeats. */
export interface Walked {
  readonly cell: Cell;
  readonly strides: Shape;
}

/** An elementwise op that has not run. */
export interface Expression {
  readonly op: string;
  readonly formula: Formula;
  readonly shape: Shape;
  readonly operands: readonly Walked[];
  /** Grows with time: operands have smaller numbers than the expressions that read them. */
  readonly order: number;
}

/** Positions sorted by segment: `order[starts[s] … starts[s + 1]]` are the positions of s. */
export interface Segments {
  readonly order: Block;
  readonly starts: Block;
}

/** The smallest and the largest of some integers, and the first position of each. */
export interface Range {
  readonly low: number;
  readonly lowAt: number;
  readonly high: number;
  readonly highAt: number;
}

/** The contents of a storage. */
export class Cell {
  /** In elements. */
  readonly size: number;
  /** Null until it is made. */
  block: Block | null;
  /**
   * The values of indices that came from the host: they are checked, sorted and read back without
   * waiting for the GPU. Null for all other cells.
   */
  readonly integers: Int32Array | null;
  /** Storages over this cell, tasks and expressions that will read it, and caches that keep it. */
  holders = 1;
  /** Segment tables of `integers`, by number of segments. */
  readonly segments = new Map<number, Segments>();
  /** The op that makes the block, until it runs. */
  expression: Expression | null = null;
  /** Whether the queue will run the expression by itself, in a kernel before its readers. */
  due = false;
  /** Why the block could not be made. */
  failure: Error | null = null;
  private known: Range | undefined;

  constructor(size: number, block: Block | null, integers: Int32Array | null = null) {
    this.size = size;
    this.block = block;
    this.integers = integers;
  }

  /** The range of `integers`. */
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
