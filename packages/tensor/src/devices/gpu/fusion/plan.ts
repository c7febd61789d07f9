/** @file Decides which waiting elementwise ops go into one kernel. Runs nothing. */
import { contiguousStrides, type Shape, shapesEqual } from "../../../base/shape.js";
import type { Cell, Expression, Walked } from "../cell.js";

/** An op of a plan: a cell and its expression. */
export interface Node {
  readonly cell: Cell;
  readonly expression: Expression;
}

/** What one kernel computes. */
export interface Plan {
  /** The last op, whose value is the result. */
  readonly root: Expression;
  /** All ops, operands first. */
  readonly nodes: readonly Node[];
  /** The cells that the kernel reads from memory. */
  readonly leaves: readonly Walked[];
}

const same = (a: Walked, b: Walked): boolean =>
  a.cell === b.cell && shapesEqual(a.strides, b.strides);

/**
 * The ops that go into the kernel of `from`: those whose results nobody else reads and that have
 * the same shape and strides as `root`, while the kernel reads at most `arrays` arrays.
 */
export function plan(from: Cell, root: Expression, arrays: number): Plan {
  const { shape } = root;
  const plain = contiguousStrides(shape);
  const nodes: Node[] = [];
  const leaves: Walked[] = [];
  let open: { walked: Walked; uses: number }[] = [
    { walked: { cell: from, strides: plain }, uses: 1 },
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
    if (expression === null || !(cell === from || fits(expression))) {
      leaves.push(next.walked);
      continue;
    }
    nodes.unshift({ cell, expression });
    for (const walked of expression.operands) {
      const known = open.find((entry) => same(entry.walked, walked));
      if (known !== undefined) known.uses++;
      else open.push({ walked, uses: 1 });
    }
  }
  return { root, nodes, leaves: distinct(leaves) };
}

/** Whether strides equal `plain` ones, apart from axes of length 1. */
const walks = (strides: Shape, shape: Shape, plain: Shape): boolean =>
  strides.every((s, i) => shape[i] === 1 || s === plain[i]);

const orderOf = ({ cell }: Walked): number => cell.expression?.order ?? -1;

function distinct(leaves: readonly Walked[]): Walked[] {
  return leaves.filter((leaf, i) => leaves.findIndex((other) => same(other, leaf)) === i);
}

/** The names of the values of a plan: `e{i}` is leaf i, `v{i}` the result of op i. */
export function namesOf({ nodes, leaves }: Plan): (walked: Walked) => string {
  return (walked) => {
    const leaf = leaves.findIndex((other) => same(other, walked));
    return leaf >= 0 ? `e${leaf}` : `v${nodes.findIndex(({ cell }) => cell === walked.cell)}`;
  };
}
