/**
 * @file All work of the GPU device, done or waiting: tasks in a queue, elementwise ops as
 * expressions. It counts the holders of cells and frees them.
 */
import type { Shape } from "../../base/shape.js";
import { Cell, type Formula, type Walked } from "./cell.js";
import { Lazy } from "./fusion/lazy.js";
import type { Backend, Block } from "./gpujs/backend.js";
import { Launcher } from "./gpujs/launcher.js";
import { EXACT } from "./gpujs/source.js";
import { Queue, type Run } from "./queue.js";

/** Work over the cells of one backend. */
export class Work {
  readonly launcher: Launcher;
  private readonly backend: Backend;
  private readonly lazy: Lazy;
  private readonly queue: Queue;

  constructor(backend: Backend, exact?: number) {
    this.backend = backend;
    this.launcher = new Launcher(backend, undefined, exact);
    this.lazy = new Lazy(this.launcher, (cell) => this.release(cell));
    this.queue = new Queue({
      release: (cell) => this.release(cell),
      recycle: (block) => backend.recycle(block),
    });
  }

  /** The cell of an elementwise op, which runs when its value is needed. */
  express(what: {
    readonly op: string;
    readonly formula: Formula;
    readonly shape: Shape;
    readonly operands: readonly Walked[];
  }): Cell {
    const { cell, heavy } = this.lazy.express(what);
    for (const part of heavy) {
      this.enqueue([part], [], () => {
        this.lazy.blockOf(part);
        return [];
      });
    }
    return cell;
  }

  /**
   * Adds a task to the queue: the cells of its results, of these sizes.
   *
   * @throws The error of a kernel that refuses sizes which floats cannot count: such a task runs at
   * once, so that the stack of the error shows the call.
   */
  enqueue(inputs: readonly Cell[], sizes: readonly number[], run: Run): Cell[] {
    const outs = sizes.map((size) => new Cell(size, null));
    this.queue.add({ inputs, outs, run });
    const large = [...outs, ...inputs].some(({ size }) => size > EXACT);
    if (large && this.queue.flush()) {
      for (const { failure } of outs) if (failure !== null) throw failure;
    }
    return outs;
  }

  /** The memory of a cell; its expression runs now if it has not run. */
  blockOf(cell: Cell): Block {
    return this.lazy.blockOf(cell);
  }

  /** Removes one holder of a cell, and frees its memory when that was the last one. */
  release(cell: Cell): void {
    if (--cell.holders > 0) return;
    if (cell.block !== null) this.backend.recycle(cell.block);
    this.lazy.forget(cell);
    for (const { order, starts } of cell.segments.values()) {
      this.backend.recycle(order);
      this.backend.recycle(starts);
    }
    cell.segments.clear();
  }

  /** Runs the waiting tasks; false when some must wait for an asynchronous read. */
  flush(): boolean {
    return this.queue.flush();
  }

  /** Resolves when no task waits. Never rejects: a failed result throws when it is read. */
  settled(): Promise<void> {
    return this.queue.settled();
  }
}
