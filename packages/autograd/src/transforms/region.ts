/** @file What all transforms share: leaves, calls that are recorded, and walks to the leaves. */
import { GradientError, keep, Tensor, UsageError, zerosLike } from "@isograd/tensor";
import {
  closeScope,
  expectFunction,
  expectLive,
  expectSync,
  formatShape,
  openScope,
} from "@isograd/tensor/engine";
import { leafNode } from "../tape/leaf.js";
import { recording, records } from "../tape/modes.js";
import { type Node, nodeOf, tie } from "../tape/node.js";
import { takeCotangent, walk } from "../tape/walk.js";

/** How many transforms are running: an inner gradient is recorded for the outer one. */
const nesting = { depth: 0 };

/**
 * New handles on the tensors, each with a node where the walk stops; `linked` to the node of the
 * tensor, so that an enclosing walk continues there.
 */
export function trackLeaves(
  op: string,
  tensors: readonly Tensor[],
  linked = nesting.depth > 0,
): Tensor[] {
  for (const x of tensors) expectLive(op, x);
  return tensors.map((x) => {
    const leaf = x.alias(true);
    const node = nodeOf(x);
    tie(leaf, leafNode(x, linked && node !== null ? [node] : []), 0);
    return leaf;
  });
}

/**
 * Throws unless `f` is a function, and alone: what it is called with, `second`, goes to the
 * function that the transform returns.
 */
export function expectAlone(op: string, f: unknown, second?: unknown): void {
  expectFunction(op, f, `write ${op}((x) => …)(x)`);
  if (second === undefined || !(second instanceof Tensor)) return;
  throw new UsageError(op, "the tensor is given with the function", `write ${op}(f)(x)`);
}

/**
 * Runs `fn` recorded, in a scope of its own: what it returns goes to the outer scope.
 *
 * @throws UsageError when it disposed one of its arguments, the `leaves`.
 */
export function recorded<R>(op: string, leaves: readonly Tensor[], fn: () => R): R {
  nesting.depth++;
  const mark = openScope();
  try {
    const result = recording(fn);
    expectSync(op, result, "read data before or after it");
    for (const x of leaves) if (x.disposed) throw disposedWithin(op, "its argument", x);
    return keep(result, op);
  } finally {
    closeScope(mark);
    nesting.depth--;
  }
}

/** How many transforms are running. */
export function nestingDepth(): number {
  return nesting.depth;
}

/** Runs `fn` as if `depth` transforms were running. */
export function atDepth<R>(depth: number, fn: () => R): R {
  const before = nesting.depth;
  nesting.depth = depth;
  try {
    return fn();
  } finally {
    nesting.depth = before;
  }
}

/** Whether a walk that starts now must itself be recorded. */
export function needsGraph(options: { readonly createGraph?: boolean | undefined } = {}): boolean {
  return (nesting.depth > 0 && records()) || options.createGraph === true;
}

/** Cotangents of the leaves for one result; zeros for leaves that it does not depend on. */
export function pullBack(
  out: Tensor,
  cotangent: Tensor,
  leaves: readonly Tensor[],
  options: { readonly createGraph: boolean; readonly retainGraph: boolean },
): Tensor[] {
  const nodes = leaves.map(leafOf);
  const since = nodes[0]?.id ?? 0;
  const until = nodes.at(-1)?.id ?? 0;
  const { createGraph, retainGraph } = options;
  walk(out, cotangent, { since, until, createGraph, retainGraph });
  return leaves.map((x, i) => takeCotangent(nodes[i] as Node) ?? zerosLike(x));
}

/** The node of a leaf that {@link trackLeaves} made. */
export function leafOf(leaf: Tensor): Node {
  return nodeOf(leaf) as Node;
}

function disposedWithin(op: string, what: string, x: Tensor): UsageError {
  return new UsageError(
    op,
    `the function disposed ${what}, of shape ${formatShape(x.shape)}`,
    "drop the dispose(): it is freed when the function returns",
  );
}

/** The error of a pullback or pushforward that is used after its `dispose()`. */
export function freed(op: string, method: string): UsageError {
  return new UsageError(
    op,
    `${method}() is called after dispose()`,
    "dispose it after the last call, or make it anew",
  );
}

/** Throws unless a function of `op` returned a tensor that can be used. */
export function checkValue(op: string, value: unknown): asserts value is Tensor {
  if (!(value instanceof Tensor)) {
    expectSync(op, value, "read data before or after it");
    throw new GradientError(
      op,
      `the function returned ${value === null ? "null" : typeof value}, not a tensor`,
      "return the tensor that the gradient is of",
    );
  }
  if (value.disposed) throw disposedWithin(op, "what it returned", value);
}
