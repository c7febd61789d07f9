/**
 * @file One op that ran, as a node of the graph: what its rule will read, and when that is freed.
 * Knows neither how nodes are made nor how the backward walk passes them. Read this file first.
 */
import { dispose, Tensor } from "@isograd/tensor";
import {
  handleOf,
  type Op,
  type Recorded,
  releaseNode,
  type Spec,
  setNode,
} from "@isograd/tensor/engine";
import type { AnyRule } from "../rules/rule.js";

type Backward = (from: Tensor, options: { readonly cotangent: Tensor | undefined }) => void;

const state = { ids: 0, freeing: false, backward: null as Backward | null };
const unheld: Node[] = [];

/** The number of the newest node: later nodes get larger numbers. */
export function newestNode(): number {
  return state.ids;
}

/** Sets what `x.backward()` runs; the walk knows nodes, so nodes must not import it. */
export function setBackward(backward: Backward): void {
  state.backward = backward;
}

/** Fills nodes that were emptied before the walk came to them; checkpoints do so. */
export interface Refill {
  fill(): void;
  /** Called once for each node that will not be filled again. */
  leave(): void;
}

/** Where an op ran, and what its rule will read. */
export class Node implements Recorded {
  readonly id = ++state.ids;
  /** Null for leaves. */
  readonly op: Op | null;
  readonly rule: AnyRule | null;
  readonly attrs: unknown;
  /** The node's own handles where the rule reads them, else only shapes and dtypes. */
  inputs: readonly (Tensor | Spec)[];
  readonly parents: readonly (Node | null)[];
  /** For each input, which of its parent's results it is. */
  readonly slots: readonly number[];
  out: Tensor | Spec | readonly (Tensor | Spec)[];
  /** Tensors outside of this node that are tied to it, and child nodes. */
  holders = 0;
  grad: Tensor | null = null;
  /** Cotangents of the results, during a walk. */
  cotangents: (Tensor | null)[] | null = null;
  // The latest walk that saw this node, the latest that sorted it, and whether it matters there.
  mark = 0;
  done = 0;
  needed = false;
  /** Whether the tensors that the rule reads were freed. */
  emptied = false;
  refill: Refill | null = null;
  private pins = 0;
  private passed = false;

  constructor(
    op: Op | null,
    rule: AnyRule | null,
    attrs: unknown,
    inputs: readonly (Tensor | Spec)[],
    parents: readonly (Node | null)[],
    slots: readonly number[],
    out: Tensor | Spec | readonly (Tensor | Spec)[],
  ) {
    this.op = op;
    this.rule = rule;
    this.attrs = attrs;
    this.inputs = inputs;
    this.parents = parents;
    this.slots = slots;
    this.out = out;
    for (const parent of parents) if (parent !== null) parent.holders++;
  }

  /** Frees all; called without holders. Long chains unwind in a loop, not on the call stack. */
  free(): void {
    unheld.push(this);
    if (state.freeing) return;
    state.freeing = true;
    try {
      for (let node = unheld.pop(); node !== undefined; node = unheld.pop()) {
        node.release();
        for (const parent of node.parents) if (parent !== null) releaseNode(parent);
        if (node.grad !== null) dispose(node.grad);
      }
    } finally {
      state.freeing = false;
    }
  }

  /** A walk that does not retain the graph has passed. */
  pass(): void {
    this.passed = true;
    if (this.pins === 0) this.release();
  }

  /** Keeps what the rule reads until `unpin()`, even when a walk passes. */
  pin(): void {
    this.pins++;
  }

  unpin(): void {
    if (--this.pins === 0 && this.passed) this.release();
  }

  /** Frees what the rule reads, for good. */
  release(): void {
    const { refill } = this;
    this.refill = null;
    this.empty();
    if (refill !== null) refill.leave();
  }

  /** Frees what the rule reads; `refill` may bring it back. */
  empty(): void {
    if (this.emptied) return;
    this.emptied = true;
    for (const x of this.inputs) if (x instanceof Tensor) dispose(x);
    forEachOut(this, disposeOwn);
  }

  backward(from: Tensor, cotangent: Tensor | undefined): void {
    state.backward?.(from, { cotangent });
  }
}

/** The node behind a tensor; null for constants. */
export function nodeOf(x: Tensor): Node | null {
  return handleOf(x).node as Node | null; // only this package makes nodes
}

/** Says that `x` is the result number `slot` of a node. */
export function tie(x: Tensor, node: Node, slot: number): void {
  setNode(x, node, slot);
}

/** Takes a node's own handle on its result out of its holders: a node must not hold itself. */
export function uncount(own: Tensor): void {
  const { node } = handleOf(own);
  if (node !== null) node.holders--;
}

function disposeOwn(x: Tensor | Spec): void {
  if (!(x instanceof Tensor)) return;
  handleOf(x).node = null; // it was no holder (see uncount), so the number of holders stays
  dispose(x);
}

/** Calls `see` with each result of a node. */
function forEachOut({ out }: Node, see: (x: Tensor | Spec) => void): void {
  if (isList(out)) out.forEach(see);
  else see(out);
}

/** Whether there is a list of results, of an op that has several. */
export function isList<T>(x: T | readonly T[]): x is readonly T[] {
  return Array.isArray(x);
}
