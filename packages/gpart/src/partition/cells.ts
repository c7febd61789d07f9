/**
 * @file Partitions by cells: each cell of weights has its own groups and its own rule. Independent
 * of the rules.
 */
import { UsageError } from "@isograd/tensor";
import { checkList, type PartitionOptions } from "./options.js";
import { shareGroups } from "./simple.js";

/** How a scheme makes groups. `counts` exists only when group sizes have a closed form. */
export interface Rule {
  /** out[k] = g(from + k). */
  fill(out: Int32Array, from: number): void;
  counts?(): Int32Array;
}

/** The cells of a partition, from its options `sizes`, `cells` and `budgets`. */
export interface Cells {
  /** Weights and groups of each cell. */
  readonly cells: readonly { readonly n: number; readonly d: number }[];
  /** Layers, in order. */
  readonly layers: readonly Layer[];
}

interface Layer {
  /** Its first weight. */
  readonly at: number;
  readonly size: number;
  readonly cell: number;
  /** Its first weight within the cell. */
  readonly within: number;
}

/** Joins the layers of each cell, and divides d by the budgets, or in proportion to the weights. */
export function layOut(
  sizes: readonly number[],
  cellOf: readonly number[],
  d: number,
  budgets?: readonly number[],
): Cells {
  const lengths: number[] = [];
  let at = 0;
  const layers = sizes.map((size, l) => {
    const cell = cellOf[l] as number;
    const within = lengths[cell] ?? 0;
    lengths[cell] = within + size;
    at += size;
    return { at: at - size, size, cell, within };
  });
  const shares = budgets ?? shareGroups(lengths, d);
  return { layers, cells: lengths.map((n, c) => ({ n, d: shares[c] as number })) };
}

/** Joins the rules of all cells to one; groups are numbered cell by cell. */
export function joinCells({ cells, layers }: Cells, rules: readonly Rule[]): Rule {
  let groups = 0;
  const first = cells.map(({ d }) => {
    groups += d;
    return groups - d;
  });
  const fill = (out: Int32Array, from: number): void => {
    for (const { at, size, cell, within } of layers) {
      const start = Math.max(at, from);
      const end = Math.min(at + size, from + out.length);
      if (start >= end) continue;
      const part = out.subarray(start - from, end - from);
      (rules[cell] as Rule).fill(part, within + start - at);
      const shift = first[cell] as number;
      for (let k = 0; k < part.length; k++) part[k] = (part[k] as number) + shift;
    }
  };
  if (rules.some((rule) => rule.counts === undefined)) return { fill };
  const counts = (): Int32Array => {
    const all = new Int32Array(groups);
    rules.forEach((rule, c) => {
      all.set(rule.counts?.() as Int32Array, first[c]);
    });
    return all;
  };
  return { fill, counts };
}

/** The entries of a list of weights that belong to one cell, in order. */
export function valuesIn({ cells, layers }: Cells, cell: number, values: ArrayLike<number>) {
  const own = new Float64Array(cells[cell]?.n ?? 0);
  for (const layer of layers) {
    if (layer.cell !== cell) continue;
    for (let i = 0; i < layer.size; i++) own[layer.within + i] = values[layer.at + i] as number;
  }
  return own;
}

/**
 * @throws UsageError unless each of the cells 0 … C − 1 has a layer, and budgets, if any, add up to
 * d.
 */
export function checkCells(options: PartitionOptions): void {
  const { sizes = [], cells = [], budgets, d, scheme } = options;
  for (const [name, list] of Object.entries({ sizes, cells, budgets: budgets ?? [] })) {
    checkList(name, list);
  }
  const count = cells.every(Number.isInteger) ? Math.max(-1, ...cells) + 1 : -1;
  const used = new Set(cells);
  if (cells.length !== sizes.length || used.size !== count || !cells.every((c) => used.has(c))) {
    throw new UsageError(
      "partition",
      `cells are numbers from 0 on, none left out, one for each of ${sizes.length} layers`,
      `got cells [${cells.join(", ")}]`,
    );
  }
  if (scheme === "per-layer") {
    throw new UsageError(
      "partition",
      '"per-layer" has a cell for each layer by itself',
      "leave cells out, or choose another scheme",
    );
  }
  if (budgets === undefined) {
    if (d >= count) return;
    const problem = `${count} cells need at least one group each`;
    throw new UsageError("partition", problem, `got d = ${d}`);
  }
  const whole = budgets.every((b) => Number.isInteger(b) && b >= 1);
  if (whole && budgets.length === count && budgets.reduce((a, b) => a + b, 0) === d) return;
  throw new UsageError(
    "partition",
    `budgets are the groups of ${count} cells, 1 or more each, d = ${d} together`,
    `got budgets [${budgets.join(", ")}]`,
  );
}
