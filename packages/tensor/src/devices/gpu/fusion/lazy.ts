/** @file Runs elementwise ops when their values are read, as many as possible in one kernel. */
import { sizeOf } from "../../../base/shape.js";
import { Cell, type Expression } from "../cell.js";
import type { Block } from "../gpujs/backend.js";
import type { Launcher } from "../gpujs/launcher.js";
import { callOf } from "./fuse.js";
import { plan } from "./plan.js";

/** At most this many ops wait for one kernel. */
const MOST = 24;

/** Expressions and their cells. */
export class Lazy {
  private readonly launcher: Launcher;
  private readonly release: (cell: Cell) => void;
  private order = 0;

  constructor(launcher: Launcher, release: (cell: Cell) => void) {
    this.launcher = launcher;
    this.release = release;
  }

  /** A cell for an op that waits, and the operands that must run first because too many wait. */
  express(what: Omit<Expression, "order">): { cell: Cell; heavy: readonly Cell[] } {
    const cell = new Cell(sizeOf(what.shape), null);
    const cells = what.operands.map((x) => x.cell);
    const many = waitingFor(cells) >= MOST;
    const heavy = many ? [...new Set(cells)].filter((c) => c.expression !== null && !c.due) : [];
    for (const part of heavy) part.due = true;
    for (const operand of cells) operand.holders++;
    cell.expression = { ...what, order: ++this.order };
    return { cell, heavy };
  }

  /** The memory of a cell; its expression runs now if it has not run. */
  blockOf(cell: Cell): Block {
    const { block, expression, failure } = cell;
    if (failure !== null) throw failure;
    if (block !== null) return block;
    if (expression === null) throw new Error("a cell of the GPU is read before it is made");
    const { lanes, maxArrays } = this.launcher.backend;
    const what = plan(cell, expression, maxArrays);
    try {
      const blocks = what.leaves.map((leaf) => this.blockOf(leaf.cell));
      cell.block = this.launcher.launch(callOf(what, blocks, lanes));
    } catch (error) {
      cell.failure = error as Error;
      throw error;
    } finally {
      this.forget(cell);
    }
    return cell.block;
  }

  /** Releases the operands of a cell's expression, after it ran or when nobody needs its result. */
  forget(cell: Cell): void {
    const { expression } = cell;
    if (expression === null) return;
    cell.expression = null;
    for (const operand of expression.operands) this.release(operand.cell);
  }
}

/**
 * How many ops must run to make these cells, counted up to the limit. An op on several paths counts
 * once for each.
 */
function waitingFor(cells: readonly Cell[]): number {
  const open = [...cells];
  let count = 0;
  for (let cell = open.pop(); cell !== undefined && count < MOST; cell = open.pop()) {
    if (cell.expression === null || cell.due) continue;
    count++;
    for (const operand of cell.expression.operands) open.push(operand.cell);
  }
  return count;
}
