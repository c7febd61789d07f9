/** @file Runs elementwise ops when their values are needed, as many as possible in one kernel. */
import { sizeOf } from "../../../shape.js";
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
  express(what: Omit<Expression, "order" | "weight">): { cell: Cell; heavy: readonly Cell[] } {
    const cell = new Cell(sizeOf(what.shape), null);
    const cells = what.operands.map((x) => x.cell);
    const weight = cells.reduce((sum, c) => sum + (c.expression?.weight ?? 0), 1);
    const heavy = weight > MOST ? [...new Set(cells)].filter((c) => c.expression !== null) : [];
    for (const operand of cells) operand.holders++;
    cell.expression = { ...what, order: ++this.order, weight: heavy.length > 0 ? 1 : weight };
    return { cell, heavy };
  }

  /** The memory of a cell, computed now if it waits. */
  blockOf(cell: Cell): Block {
    if (cell.failure !== null) throw cell.failure;
    if (cell.block !== null) return cell.block;
    const what = plan(cell, this.launcher.backend.maxArrays);
    try {
      const blocks = what.leaves.map((leaf) => this.blockOf(leaf.cell));
      cell.block = this.launcher.launch(callOf(what, (i) => blocks[i] as Block));
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
