/** @file Caches of the GPU device: numbers that are used often, and tables of kernels. */

import { Cell } from "./cell.js";
import type { Backend, Block } from "./gpujs/backend.js";

/** How many scalar operands are kept. */
const SCALARS = 256;
/** How many tables of kernels are kept. */
const TABLES = 32;

/** The least recently used entries are dropped first. */
export class Kept {
  private readonly backend: Backend;
  private readonly release: (cell: Cell) => void;
  private readonly scalars = new Map<number, Cell>();
  private readonly tables = new Map<string, Block>();

  constructor(backend: Backend, release: (cell: Cell) => void) {
    this.backend = backend;
    this.release = release;
  }

  /** The cell of one number, shared by all its users; the caller becomes one of its holders. */
  scalar(value: number): Cell {
    const known = this.scalars.get(value);
    const cell = known ?? new Cell(1, this.backend.upload(Float32Array.of(value)));
    cell.holders++;
    const dropped = renew(this.scalars, value, cell, SCALARS);
    if (dropped !== undefined) this.release(dropped);
    return cell;
  }

  /** Constant numbers, uploaded once. */
  table(key: string, make: () => Float32Array): Block {
    const block = this.tables.get(key) ?? this.backend.upload(make());
    const dropped = renew(this.tables, key, block, TABLES);
    if (dropped !== undefined) this.backend.recycle(dropped);
    return block;
  }

  drop(): void {
    for (const cell of this.scalars.values()) this.release(cell);
    for (const block of this.tables.values()) this.backend.recycle(block);
    this.scalars.clear();
    this.tables.clear();
  }
}

/** Puts an entry last, and removes and returns the first when there are more than `most`. */
function renew<K, V>(map: Map<K, V>, key: K, value: V, most: number): V | undefined {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return undefined;
  for (const [oldest, dropped] of map) {
    map.delete(oldest);
    return dropped;
  }
  return undefined;
}
