/** @file Sums of products named by index letters, carried out by matmul, mul and sum. */

import { ShapeError, UsageError } from "../../base/errors.js";
import { formatShape } from "../../base/shape.js";
import { expectTensors, kindOf } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { arange } from "../creation.js";

import { mul } from "../elementwise/binary.js";
import { take } from "../index/take.js";
import { matmul } from "../matmul.js";
import { sum } from "../reduce.js";
import { permuteDims, reshape } from "../shape/movement.js";

/** A tensor whose axes have names. */
interface Named {
  readonly labels: readonly string[];
  readonly x: Tensor;
}

/**
 * Einstein summation: `einsum("ij,jk->ik", a, b)` is a matrix product. Letters name axes; a letter
 * missing on the right is summed over; without `->` the result has the letters that occur once, in
 * alphabetical order; `...` stands for leading axes that broadcast; a letter twice in one operand
 * takes the diagonal.
 *
 * @throws ShapeError when the letters do not fit the shapes.
 * @example
 * einsum("i,i->", tensor([1, 2]), tensor([3, 4])).item(); // 11
 */
export function einsum(formula: string, ...operands: Tensor[]): Tensor {
  const { inputs, output } = parse(formula, operands);
  const lengths = measure(formula, inputs, operands);
  return scope(() => {
    const parts = operands.map((x, i) => diagonal({ labels: inputs[i] as string[], x }));
    let current = parts[0] as Named;
    for (let i = 1; i < parts.length; i++) {
      const needed = new Set([...output, ...parts.slice(i + 1).flatMap((p) => p.labels)]);
      current = contract(current, parts[i] as Named, needed, lengths);
    }
    return arranged(sumOut(current, new Set(output)), output);
  });
}

function parse(
  formula: string,
  operands: readonly Tensor[],
): { inputs: string[][]; output: string[] } {
  if (typeof formula !== "string") {
    throw new UsageError("einsum", `the formula is ${kindOf(formula)}`, 'write "ij,jk->ik"');
  }
  expectTensors("einsum", operands);
  const [left = "", right] = formula.replaceAll(" ", "").split("->");
  const terms = left.split(",");
  if (
    terms.length !== operands.length ||
    !/^[A-Za-z.,]*(->[A-Za-z.]*)?$/.test(formula.replaceAll(" ", ""))
  ) {
    throw new ShapeError(
      "einsum",
      `"${formula}" names ${terms.length} operands, ${operands.length} were given`,
      'write letters, commas and "->", for example "bij,bjk->bik"',
    );
  }
  const ranks = terms.map(
    (t, i) => (operands[i] as Tensor).shape.length - t.replace("...", "").length,
  );
  const dots = Math.max(0, ...terms.map((t, i) => (t.includes("...") ? (ranks[i] as number) : 0)));
  // Axes under "..." get names that no letter has, aligned on the right.
  const spread = (term: string, count: number): string[] => {
    const names = Array.from({ length: count }, (_, i) => `.${dots - count + i}`);
    const at = term.indexOf("...");
    if (at < 0) return [...term];
    return [...term.slice(0, at), ...names, ...term.slice(at + 3)];
  };
  const inputs = terms.map((t, i) => spread(t, ranks[i] as number));
  const letters = inputs.flat();
  const wanted = right === undefined ? [] : spread(right, dots);
  const odd = wanted.find((l, i) => !letters.includes(l) || wanted.indexOf(l) !== i);
  if (odd !== undefined) {
    throw new ShapeError(
      "einsum",
      `"${odd}" in the result of "${formula}" is twice there, or in no operand`,
      "each letter on the right is one of the left, once",
    );
  }
  const implied = [...new Set(letters)]
    .filter((l) => l[0] === "." || count(letters, l) === 1)
    .sort();
  return { inputs, output: right === undefined ? implied : wanted };
}

function count(letters: readonly string[], letter: string): number {
  return letters.filter((l) => l === letter).length;
}

function measure(
  formula: string,
  inputs: readonly string[][],
  operands: readonly Tensor[],
): Map<string, number> {
  const lengths = new Map<string, number>();
  operands.forEach(({ shape }, i) => {
    const labels = inputs[i] as string[];
    if (labels.length !== shape.length) {
      throw new ShapeError(
        "einsum",
        `operand ${i} of "${formula}" has ${labels.length} letters for shape ${formatShape(shape)}`,
        'give one letter for each axis, or "..." for those in front',
      );
    }
    labels.forEach((label, d) => {
      const n = shape[d] as number;
      const known = lengths.get(label) ?? 1;
      if (n !== known && known !== 1 && (n !== 1 || label[0] !== ".")) {
        const shapes = operands.map((x) => formatShape(x.shape)).join(", ");
        throw new ShapeError(
          "einsum",
          `"${label}" is ${known} and ${n} long in "${formula}" of ${shapes}`,
          "a letter stands for one length",
        );
      }
      if (n !== 1 || !lengths.has(label)) lengths.set(label, n);
    });
  });
  return lengths;
}

/** Merges a label that occurs twice in one operand into its diagonal. */
function diagonal({ labels, x }: Named): Named {
  const label = labels.find((l, i) => labels.indexOf(l) !== i);
  if (label === undefined) return { labels, x };
  const [a, b] = [labels.indexOf(label), labels.lastIndexOf(label)];
  const rest = labels.map((_, i) => i).filter((i) => i !== a && i !== b);
  const n = x.shape[a] as number;
  const front = permuteDims(x, [a, b, ...rest]);
  const flat = reshape(front, [n * n, ...rest.map((i) => x.shape[i] as number)]);
  const places = arange(0, n * n, n + 1, { device: x.device });
  const kept = rest.map((i) => labels[i] as string);
  return diagonal({ labels: [label, ...kept], x: take(flat, places, { axis: 0 }) });
}

function sumOut({ labels, x }: Named, needed: ReadonlySet<string>): Named {
  const axes = labels.map((_, i) => i).filter((i) => !needed.has(labels[i] as string));
  if (axes.length === 0) return { labels, x };
  return { labels: labels.filter((l) => needed.has(l)), x: sum(x, { axis: axes }) };
}

/** Axes in the order of `labels`; labels that are missing become axes of length 1. */
function arranged({ labels, x }: Named, order: readonly string[]): Tensor {
  const present = order.filter((l) => labels.includes(l));
  const axes = present.map((l) => labels.indexOf(l));
  const inOrder = axes.every((a, i) => a === i);
  const moved = inOrder ? x : permuteDims(x, axes);
  if (present.length === order.length) return moved === x ? reshape(x, x.shape) : moved;
  let next = 0;
  return reshape(
    moved,
    order.map((l) => (labels.includes(l) ? (moved.shape[next++] as number) : 1)),
  );
}

function contract(
  left: Named,
  right: Named,
  needed: ReadonlySet<string>,
  lengths: ReadonlyMap<string, number>,
): Named {
  const wanted = (other: Named) => new Set([...needed, ...other.labels]);
  const a = sumOut(left, wanted(right));
  const b = sumOut(right, wanted(left));
  const shared = a.labels.filter((l) => b.labels.includes(l));
  const batch = shared.filter((l) => needed.has(l));
  const summed = shared.filter((l) => !needed.has(l));
  const rows = a.labels.filter((l) => !b.labels.includes(l));
  const columns = b.labels.filter((l) => !a.labels.includes(l));
  const labels = [...batch, ...rows, ...columns];
  if (summed.length === 0) {
    return { labels, x: mul(arranged(a, labels), arranged(b, labels)) };
  }
  const size = (names: readonly string[]) =>
    names.reduce((n, l) => n * (lengths.get(l) as number), 1);
  const grouped = (named: Named, groups: readonly (readonly string[])[]): Tensor => {
    const x = arranged(named, groups.flat());
    return groups.every((g) => g.length === 1) ? x : reshape(x, groups.map(size));
  };
  const product = matmul(grouped(a, [batch, rows, summed]), grouped(b, [batch, summed, columns]));
  return {
    labels,
    x: reshape(
      product,
      labels.map((l) => lengths.get(l) as number),
    ),
  };
}
