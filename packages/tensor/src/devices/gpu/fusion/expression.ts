/**
 * @file Elementwise ops that wait: each is a formula over cells, which may wait themselves. Knows
 * what is worth putting into one kernel; runs nothing.
 */
import { contiguousStrides, type Shape, shapesEqual } from "../../../base/shape.js";
import type { Cell } from "../cell.js";

/** The text of an elementwise op. */
export interface Formula {
  /** Statements over x, y and z and the numbers; must return the value. */
  readonly body: string;
  readonly numbers?: Readonly<Record<string, number>>;
}

/** A cell and how it is walked along the axes of the expression; 0 repeats. */
export interface Walked {
  readonly cell: Cell;
  readonly strides: Shape;
}

/** One op that has not run. */
export interface Expression {
  readonly op: string;
  readonly formula: Formula;
  readonly shape: Shape;
  readonly operands: readonly Walked[];
  /** Grows with time: operands come before what is made of them. */
  readonly order: number;
}

/** What one kernel computes. */
export interface Plan {
  /** Operands first; the last one is the result. */
  readonly nodes: readonly Cell[];
  /** What is read from memory. */
  readonly leaves: readonly Walked[];
}

const same = (a: Walked, b: Walked): boolean =>
  a.cell === b.cell && shapesEqual(a.strides, b.strides);

/**
 * The ops that go into the kernel of `root`: those whose results nobody else holds and that walk as
 * the root does, while their operands are not more than `arrays`.
 */
export function plan(root: Cell, arrays: number): Plan {
  const { shape } = root.expression as Expression;
  const plain = contiguousStrides(shape);
  const nodes: Cell[] = [];
  const leaves: Walked[] = [];
  let open: { walked: Walked; uses: number }[] = [
    { walked: { cell: root, strides: plain }, uses: 1 },
  ];
  while (open.length > 0) {
    const next = open.reduce((a, b) => (orderOf(b.walked) > orderOf(a.walked) ? b : a));
    open = open.filter((entry) => entry !== next);
    const { cell, strides } = next.walked;
    const { expression } = cell;
    const fits = (e: Expression): boolean =>
      cell.holders === next.uses &&
      shapesEqual(e.shape, shape) &&
      walks(strides, shape, plain) &&
      leaves.length + open.length + e.operands.length <= arrays;
    if (expression === null || !(cell === root || fits(expression))) {
      leaves.push(next.walked);
      continue;
    }
    nodes.unshift(cell);
    for (const walked of expression.operands) {
      const known = open.find((entry) => same(entry.walked, walked));
      if (known !== undefined) known.uses++;
      else open.push({ walked, uses: 1 });
    }
  }
  return { nodes, leaves: distinct(leaves) };
}

/** Whether strides mean the same as `plain` ones: those of axes of length 1 do not count. */
const walks = (strides: Shape, shape: Shape, plain: Shape): boolean =>
  strides.every((s, i) => shape[i] === 1 || s === plain[i]);

const orderOf = ({ cell }: Walked): number => cell.expression?.order ?? -1;

function distinct(leaves: readonly Walked[]): Walked[] {
  return leaves.filter((leaf, i) => leaves.findIndex((other) => same(other, leaf)) === i);
}

/** The names of the values of a plan, by cell and walk. */
export function namesOf({ nodes, leaves }: Plan): (walked: Walked) => string {
  return (walked) => {
    const leaf = leaves.findIndex((other) => same(other, walked));
    return leaf >= 0 ? `e${leaf}` : `v${nodes.indexOf(walked.cell)}`;
  };
}
