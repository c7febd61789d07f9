/**
 * @file What the GPU device keeps although no tensor needs it: numbers that come again, and tables
 * of kernels.
 */
import type { Backend, Block } from "./backend.js";
import { Cell } from "./cell.js";

/** Numbers kept for scalar operands that come again. */
const SCALARS = 256;
const TABLES = 32;

/** Least recently used entries leave first. */
export class Kept {
  private readonly scalars = new Map<number, Cell>();
  private readonly tables = new Map<string, Block>();

  constructor(
    private readonly backend: Backend,
    private readonly letGo: (cell: Cell) => void,
  ) {}

  /** The cell of one number: shared by all who ask for it, and held for the caller. */
  scalar(value: number): Cell {
    const known = this.scalars.get(value);
    const cell = known ?? new Cell(1, this.backend.upload(Float32Array.of(value)));
    cell.holders++;
    const dropped = renew(this.scalars, value, cell, SCALARS);
    if (dropped !== undefined) this.letGo(dropped);
    return cell;
  }

  /** Numbers that do not change, uploaded once. */
  table(key: string, make: () => Float32Array): Block {
    const block = this.tables.get(key) ?? this.backend.upload(make());
    const dropped = renew(this.tables, key, block, TABLES);
    if (dropped !== undefined) this.backend.recycle(dropped);
    return block;
  }

  drop(): void {
    for (const cell of this.scalars.values()) this.letGo(cell);
    for (const block of this.tables.values()) this.backend.recycle(block);
    this.scalars.clear();
    this.tables.clear();
  }
}

/** Puts an entry last; what leaves because there are more than `most`. */
function renew<K, V>(map: Map<K, V>, key: K, value: V, most: number): V | undefined {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return undefined;
  const [oldest, dropped] = map.entries().next().value as [K, V];
  map.delete(oldest);
  return dropped;
}
