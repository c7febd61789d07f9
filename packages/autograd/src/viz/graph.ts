/** @file The recorded graph of a tensor as text: DOT for Graphviz, Mermaid for Markdown. */
import { GradientError, scope, type Tensor } from "@isograd/tensor";
import {
  expectFunction,
  expectTensor,
  formatShape,
  given,
  type Spec,
} from "@isograd/tensor/engine";
import { recording } from "../tape/modes.js";
import { isList, type Node, nodeOf } from "../tape/node.js";
import { requiresGrad, stopGradient } from "../transforms/recording.js";
import { checkValue } from "../transforms/region.js";
import { costOf, short } from "./cost.js";
import { inDot, inMermaid } from "./escape.js";

/** Options of pictures. */
export interface PictureOptions {
  /** Whether to show the work (multiply-adds, or elements) and bytes of ops. Default: false. */
  readonly costs?: boolean | undefined;
}

interface Picture {
  /** Text of each node, inputs first. */
  readonly labels: readonly string[];
  readonly isLeaf: readonly boolean[];
  readonly edges: readonly (readonly [from: number, to: number])[];
}

/**
 * The graph of a tracked tensor in Graphviz's language: an oval for each leaf, a box for each op
 * with its shape.
 *
 * @throws GradientError when nothing was recorded.
 * @example
 * const w = requiresGrad(tensor([1, 2]));
 * toDot(w.tanh()).includes("tanh [2]"); // true
 * toDot(w.tanh(), { costs: true }).includes("tanh [2], 2 work, 16 B"); // true
 */
export function toDot(out: Tensor, options?: PictureOptions): string {
  const { labels, isLeaf, edges } = picture("toDot", out, options);
  const nodes = labels.map(
    (text, i) => `  n${i} [label="${inDot(text)}" shape=${isLeaf[i] ? "oval" : "box"}];`,
  );
  const arrows = edges.map(([a, b]) => `  n${a} -> n${b};`);
  return ["digraph {", "  rankdir=TB;", ...nodes, ...arrows, "}"].join("\n");
}

/**
 * The same graph in Mermaid's language.
 *
 * @throws GradientError when nothing was recorded.
 * @example
 * const w = requiresGrad(tensor([1, 2]));
 * toMermaid(w.tanh()).split("\n")[0]; // flowchart TB
 */
export function toMermaid(out: Tensor, options?: PictureOptions): string {
  const { labels, isLeaf, edges } = picture("toMermaid", out, options);
  const nodes = labels.map((label, i) => {
    const text = inMermaid(label);
    return `  n${i}${isLeaf[i] ? `(["${text}"])` : `["${text}"]`}`;
  });
  const arrows = edges.map(([a, b]) => `  n${a} --> n${b}`);
  return ["flowchart TB", ...nodes, ...arrows].join("\n");
}

/**
 * Records `f` on `x` and returns its graph in DOT; frees all tensors afterwards.
 *
 * @example
 * traceDot((x) => x.exp().sum(), tensor([1, 2])).includes("exp [2]"); // true
 */
export function traceDot(f: (x: Tensor) => Tensor, x: Tensor): string {
  expectFunction("traceDot", f, "write traceDot((x) => …, x)");
  return scope(() => {
    const leaf = requiresGrad(stopGradient(x));
    const out: unknown = recording(() => f(leaf));
    checkValue("traceDot", out);
    return toDot(out);
  });
}

function picture(op: string, out: Tensor, options: PictureOptions | undefined): Picture {
  expectTensor(op, out);
  const { costs = false } = given(op, options, "costs?");
  const root = nodeOf(out);
  if (root === null) {
    throw new GradientError(
      op,
      "this tensor has no recorded graph",
      "compute it from a tensor that requires a gradient",
    );
  }
  const found = reach(root);
  const index = new Map(found.map((node, i) => [node, i]));
  const edges: [number, number][] = [];
  for (const node of found) {
    for (const parent of node.parents) {
      if (parent !== null) edges.push([index.get(parent) as number, index.get(node) as number]);
    }
  }
  const labels = found.map((node) => label(node, costs));
  return { labels, isLeaf: found.map((node) => node.op === null), edges };
}

/** All nodes that a node depends on, and itself; oldest first. */
function reach(root: Node): Node[] {
  const seen = new Set([root]);
  for (const node of seen) for (const parent of node.parents) if (parent !== null) seen.add(parent);
  return [...seen].sort((a, b) => a.id - b.id);
}

function label(node: Node, costs: boolean): string {
  const outs: readonly Spec[] = isList(node.out) ? node.out : [node.out];
  const shapes = outs.map((spec) => formatShape(spec.shape)).join(", ");
  const text = `${node.op?.name ?? "leaf"} ${shapes}`;
  if (!costs || node.op === null) return text;
  const { work, bytes } = costOf(node.op, node.inputs, outs);
  return `${text}, ${short(work).trim()} work, ${short(bytes)}B`;
}
