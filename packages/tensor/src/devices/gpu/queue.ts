/**
 * @file The queue of tasks, in order. Tasks wait until a value is read, the current microtask ends
 * or there are many of them; by then scopes have closed, and tasks whose results nobody needs are
 * skipped. Where reads are asynchronous, an op on the host waits for its operands, and all later
 * tasks wait for the op.
 */

import type { Cell } from "./cell.js";
import type { Block } from "./gpujs/backend.js";

/** Makes the blocks of a task's results; null for a result without elements. */
export type Run = () => (Block | null)[] | Promise<(Block | null)[]>;

/** Work over cells. `run` gives a promise when it waits for a read. */
export interface Task {
  readonly inputs: readonly Cell[];
  readonly outs: readonly Cell[];
  readonly run: Run;
}

/** How the queue frees cells and blocks. */
export interface Owner {
  release(cell: Cell): void;
  recycle(block: Block): void;
}

/** This many tasks run at once, before the microtask ends. */
const MANY = 1024;

/** Tasks in order. A waiting task is a holder of its inputs. */
export class Queue {
  private readonly owner: Owner;
  private tasks: Task[] = [];
  private waiting: Promise<void> | null = null;
  private scheduled = false;

  constructor(owner: Owner) {
    this.owner = owner;
  }

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

  /** Runs the waiting tasks; false when some must wait for an asynchronous read. */
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

  /** Resolves when no task waits. Never rejects: a failed result throws when it is read. */
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

  /** Puts the blocks into their cells, or back into the pool when nobody needs a cell. */
  private finish({ inputs, outs }: Task, blocks: readonly (Block | null)[]): void {
    outs.forEach((cell, i) => {
      const block = blocks[i] ?? null;
      if (cell.holders > 0) cell.block = block;
      else if (block !== null) this.owner.recycle(block);
    });
    for (const cell of inputs) this.owner.release(cell);
  }

  private fail({ inputs, outs }: Task, error: Error): void {
    for (const cell of outs) cell.failure = error;
    for (const cell of inputs) this.owner.release(cell);
  }
}
