/** @file The blocks of a page as one program, and which line belongs to which block. */

/** A line of a block; both count from 0 and 1. */
export interface Place {
  readonly block: number;
  readonly line: number;
}

/** Blocks in their order as one source. */
export class Blocks {
  readonly source: string;
  /** The last line of each block, from 1. */
  readonly ends: readonly number[];

  constructor(blocks: readonly string[]) {
    const texts = blocks.map((text) => text.trimEnd());
    this.source = texts.join("\n");
    let line = 0;
    this.ends = texts.map((text) => (line += text.split("\n").length));
  }

  /** The block of a line of the program, and its line there. */
  placeOf(line: number): Place {
    const found = this.ends.findIndex((end) => line <= end);
    const block = found < 0 ? this.ends.length - 1 : found;
    return { block, line: line - (this.ends[block - 1] ?? 0) };
  }
}
