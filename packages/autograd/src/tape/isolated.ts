/**
 * @file Tensors with leaves of their own for a while, and gradients of several results at once:
 * what a compiler needs of the tape.
 */
import { dispose, type Tensor } from "@isograd/tensor";
import { dropNode, handleOf, releaseNode, setNode, slotOf } from "@isograd/tensor/engine";
import { leafNode } from "./leaf.js";
import { type Node, nodeOf, tie } from "./node.js";
import { takeCotangent, walkAll } from "./walk.js";

/** A tensor whose place on the tape is another one until `end()`. */
export interface Isolated {
  /** The gradient that it began with, once somebody has asked for it. */
  readonly before: Tensor | null;
  /** What `backward()` has collected since, or what it began with. */
  readonly grad: Tensor | null;
  /** Whether somebody asked for its gradient, or set it. */
  readonly touched: boolean;
  /** Puts the tensor back where it was. */
  end(): void;
}

/** What a new leaf is like. */
interface NewLeaf {
  /** Where an enclosing walk goes on once it has passed the leaf. */
  readonly behind?: Tensor | undefined;
  /** Gives the gradient that it begins with, when somebody asks for it. */
  readonly grad?: (() => Tensor | null) | undefined;
}

/** Makes a tensor a new leaf. It collects gradients of `backward()` if the tensor did. */
export function isolate(x: Tensor, { behind, grad }: NewLeaf = {}): Isolated {
  const old = nodeOf(x);
  const slot = slotOf(x);
  if (old !== null) old.holders++;
  const collects = old !== null && old.rule === null && old.parents[0] === null;
  const leaf = leafNode(behind ?? x, behind ? [nodeOf(behind)] : collects ? [null] : []);
  tie(x, leaf, 0);
  const own = { touched: false, before: null as Tensor | null, grad: null as Tensor | null };
  const touch = (): void => {
    if (own.touched) return;
    own.touched = true;
    own.grad = own.before = grad?.() ?? null;
  };
  Object.defineProperty(leaf, "grad", {
    get() {
      touch();
      return own.grad;
    },
    set(g: Tensor | null) {
      touch();
      own.grad = g;
    },
  });
  return Object.assign(own, {
    end() {
      if (!x.disposed) {
        if (old === null) dropNode(x);
        else setNode(x, old, slot);
      }
      if (old !== null) releaseNode(old);
    },
  });
}

/** Sets the gradient that a leaf has collected, and frees the one before. */
export function setGrad(leaf: Tensor, g: Tensor | null): void {
  const node = nodeOf(leaf);
  if (node === null) return;
  if (node.grad !== null) dispose(node.grad);
  node.grad = g === null ? null : g.alias();
}

/** Whether the graph behind a tensor goes back to a node up to this number. */
export function reaches(x: Tensor, newest: number): boolean {
  const seen = new Set<Node>();
  const stack: (Node | null)[] = [nodeOf(x)];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node === null || seen.has(node)) continue;
    if (node.id <= newest) return true;
    seen.add(node);
    stack.push(...node.parents);
  }
  return false;
}

/** How {@link pullEach} walks. */
interface Pull {
  /** Whether the walk itself is recorded. */
  readonly createGraph: boolean;
  /** Whether the graph can be walked again. */
  readonly retainGraph: boolean;
}

/**
 * Cotangents of leaves, made one after the other by {@link isolate}, for cotangents of results;
 * null for results without one, and for leaves that nothing depends on.
 */
export function pullEach(
  results: readonly Tensor[],
  cotangents: readonly (Tensor | null | undefined)[],
  leaves: readonly Tensor[],
  how: Pull,
): (Tensor | null)[] {
  const nodes = leaves.map((x) => handleOf(x).node as Node);
  const since = nodes[0]?.id ?? 0;
  const until = nodes.at(-1)?.id ?? 0;
  const own = results.filter((_, i) => cotangents[i]);
  const gs = cotangents.filter((g) => g !== null && g !== undefined);
  walkAll(own, gs, { since, until, ...how });
  return nodes.map(takeCotangent);
}
