/** @file Runs elementwise ops when their values are needed, as many as possible in one kernel. */
import { sizeOf } from "../../../base/shape.js";
import type { Block } from "../backend.js";
import { Cell } from "../cell.js";
import type { Launcher } from "../launcher.js";
import { type Expression, plan } from "./expression.js";
import { callOf } from "./fuse.js";

/** More ops than this are not kept waiting for one kernel. */
const MOST = 24;

/** Expressions and their cells. */
export class Lazy {
  private order = 0;

  constructor(
    private readonly launcher: Launcher,
    private readonly letGo: (cell: Cell) => void,
  ) {}

  /** A cell for an op that waits, and those operands that should not wait any longer. */
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

  /** The memory of a cell, computed now if it waits. */
  blockOf(cell: Cell): Block {
    if (cell.failure !== null) throw cell.failure;
    if (cell.block !== null) return cell.block;
    const { lanes, maxArrays } = this.launcher.backend;
    const what = plan(cell, maxArrays);
    try {
      const blocks = what.leaves.map((leaf) => this.blockOf(leaf.cell));
      cell.block = this.launcher.launch(callOf(what, (i) => blocks[i] as Block, lanes));
    } catch (error) {
      cell.failure = error as Error;
      throw error;
    } finally {
      this.forget(cell);
    }
    return cell.block;
  }

  /** Lets go of what an op reads, since it has run or never will. */
  forget(cell: Cell): void {
    const { expression } = cell;
    if (expression === null) return;
    cell.expression = null;
    for (const operand of expression.operands) this.letGo(operand.cell);
  }
}

/**
 * How many ops wait for these cells' values, counted until there are too many; those on several
 * ways count again.
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
