/**
 * @file Work in line. Kernels wait until someone reads, the task at hand ends or many have come
 * together: by then it is known which results nobody needs. Where a GPU cannot be read at once, an
 * op without a kernel waits for its operands, and everything after it behind it. Order is kept.
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

/** So many do not wait for the end of the task at hand. */
const MANY = 1024;

/** Tasks in order; the inputs of those that wait are held. */
export class Queue {
  private tasks: Task[] = [];
  private waiting: Promise<void> | null = null;
  private scheduled = false;

  constructor(private readonly keeper: Keeper) {}

  add(task: Task): void {
    for (const cell of task.inputs) cell.holders++;
    this.tasks.push(task);
    if (this.tasks.length >= MANY) this.flush();
    else if (!this.scheduled) {
      this.scheduled = true;
      queueMicrotask(() => {
        this.scheduled = false;
        this.flush();
      });
    }
  }

  /** Runs what is in line; whether all of it: false when a read is on its way. */
  flush(): boolean {
    while (this.waiting === null && this.tasks.length > 0) {
      const tasks = this.tasks;
      this.tasks = [];
      tasks.some((task, i) => {
        const reading = this.start(task);
        if (reading === null) return false;
        this.tasks = [...tasks.slice(i + 1), ...this.tasks];
        this.waiting = reading.then(() => {
          this.waiting = null;
          this.flush();
        });
        return true;
      });
    }
    return this.waiting === null;
  }

  /** Until nothing waits. Never rejects: results that failed say so when they are read. */
  async settled(): Promise<void> {
    while (!this.flush()) await this.waiting;
  }

  private start(task: Task): Promise<void> | null {
    try {
      const dead = task.outs.length > 0 && task.outs.every((cell) => cell.holders === 0);
      const made = dead ? [] : task.run();
      if (made instanceof Promise) {
        return made.then(
          (blocks) => this.finish(task, blocks),
          (error: Error) => this.fail(task, error),
        );
      }
      this.finish(task, made);
    } catch (error) {
      this.fail(task, error as Error);
    }
    return null;
  }

  /** Hands the blocks over; those that nobody waits for any longer go back. */
  private finish({ inputs, outs }: Task, blocks: readonly (Block | null)[]): void {
    outs.forEach((cell, i) => {
      const block = blocks[i] ?? null;
      if (cell.holders > 0) cell.block = block;
      else if (block !== null) this.keeper.recycle(block);
    });
    for (const cell of inputs) this.keeper.letGo(cell);
  }

  private fail({ inputs, outs }: Task, error: Error): void {
    for (const cell of outs) cell.failure = error;
    for (const cell of inputs) this.keeper.letGo(cell);
  }
}
