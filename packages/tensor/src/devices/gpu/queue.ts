/**
 * @file Work that stands in line behind a read: where a GPU cannot be read at once, an op without a kernel waits for its
 * operands, and everything after it waits behind it. Order is kept; nobody else has to know.
 */
import type { Block } from "./backend.js";
import type { Cell } from "./cell.js";

/** Work over cells; a promise when it has to wait for a read. */
export interface Task {
  readonly inputs: readonly Cell[];
  readonly outs: readonly Cell[];
  run(): (Block | null)[] | Promise<(Block | null)[]>;
}

/** What the queue does with cells and blocks. */
export interface Keeper {
  letGo(cell: Cell): void;
  recycle(block: Block): void;
}

/** Tasks in order; the inputs of those that wait are held. */
export class Queue {
  private readonly tasks: Task[] = [];
  private draining: Promise<void> | null = null;

  constructor(private readonly keeper: Keeper) {}

  /** Whether anything waits: then what comes next has to wait as well. */
  get busy(): boolean {
    return this.draining !== null;
  }

  add(task: Task): void {
    for (const cell of task.inputs) cell.holders++;
    this.tasks.push(task);
    this.draining ??= this.drain();
  }

  /** Until nothing waits. Never rejects: results that failed say so when they are read. */
  async settled(): Promise<void> {
    while (this.draining !== null) await this.draining;
  }

  private async drain(): Promise<void> {
    for (let task = this.tasks[0]; task !== undefined; task = this.tasks[0]) {
      await this.perform(task);
      this.tasks.shift();
    }
    this.draining = null;
  }

  private async perform({ inputs, outs, run }: Task): Promise<void> {
    try {
      if (outs.length === 0 || outs.some((cell) => cell.holders > 0)) {
        const made = run();
        this.fill(outs, made instanceof Promise ? await made : made);
      }
    } catch (error) {
      for (const cell of outs) cell.failure = error as Error;
    }
    for (const cell of inputs) this.keeper.letGo(cell);
  }

  /** Hands the blocks over; those that nobody waits for any longer go back. */
  private fill(outs: readonly Cell[], blocks: readonly (Block | null)[]): void {
    outs.forEach((cell, i) => {
      const block = blocks[i] ?? null;
      if (cell.holders > 0) cell.block = block;
      else if (block !== null) this.keeper.recycle(block);
    });
  }
}
