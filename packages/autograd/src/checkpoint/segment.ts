/** @file One call of a checkpointed function: its nodes, and how a second run fills them. */
import { dispose, GradientError, IsogradError, type Tensor } from "@isograd/tensor";
import {
  closeScope,
  expectLive,
  openScope,
  Past,
  type Spec,
  shapesEqual,
} from "@isograd/tensor/engine";
import { recording } from "../tape/modes.js";
import type { Node, Refill } from "../tape/node.js";
import { collectHidden } from "../tape/record.js";
import { atDepth, nestingDepth } from "../transforms/region.js";
import { tensorsOf, withLeaves } from "../tree.js";
import { takeOver } from "./takeOver.js";

/** What a second run needs: the tensors of the arguments, and the state of the first run. */
export interface Kept {
  readonly tensors: readonly Tensor[];
  readonly past: Past;
}

/** Keeps what a second run with these arguments needs. */
export function keepFor(args: readonly unknown[]): Kept {
  const found = tensorsOf(args);
  for (const x of found) expectLive("checkpoint", x);
  return { tensors: found.map((x) => x.alias()), past: new Past() };
}

export function freeKept({ tensors, past }: Kept): void {
  for (const x of tensors) dispose(x);
  past.close();
}

const state = { refilling: false };

/** Whether a checkpointed function runs for the second time: inner checkpoints then do nothing. */
export function isRefilling(): boolean {
  return state.refilling;
}

/** Empties the nodes of one call, and fills all of them when the walk reaches one. */
export class Segment<A extends readonly unknown[]> implements Refill {
  readonly #fn: (...args: A) => unknown;
  /** A copy of the arguments: lists and objects that contain tensors may change later. */
  readonly #args: A;
  readonly #kept: Kept;
  readonly #nodes: readonly Node[];
  readonly #depth = nestingDepth();
  /** Nodes that may still be filled; plus one during the constructor, in which some drop out. */
  #waiting = 1;

  constructor(fn: (...args: A) => unknown, args: A, kept: Kept, nodes: readonly Node[]) {
    this.#fn = fn;
    this.#args = withLeaves(args, kept.tensors, (own) => own);
    this.#kept = kept;
    this.#nodes = nodes;
    for (const node of nodes) {
      const inner = node.refill; // of a checkpoint inside of this one, which now fills it as well
      const freed = node.holders === 0 || (node.emptied && inner === null); // by a scope or a walk
      if (freed) continue;
      this.#waiting++;
      node.refill = this;
      node.empty();
      if (inner !== null) inner.leave();
    }
    this.leave();
  }

  fill(): void {
    const nodes = this.#nodes;
    const before = state.refilling;
    state.refilling = true;
    const mark = openScope();
    try {
      const twins = this.#runAgain();
      if (twins.length !== nodes.length) throw changed(nodes.length, twins.length);
      nodes.forEach((node, i) => {
        compare(node, twins[i] as Node);
      });
      const original = firstOf(nodes, twins);
      nodes.forEach((node, i) => {
        const twin = twins[i] as Node;
        if (node.refill === this && node.emptied && !twin.emptied) takeOver(node, twin, original);
      });
    } finally {
      state.refilling = before;
      closeScope(mark);
    }
  }

  /** The nodes of a second run: on the same arguments and the same state. */
  #runAgain(): Node[] {
    const run = () => withLeaves(this.#args, this.#kept.tensors, (own) => this.#fn(...own));
    const recorded = () => atDepth(this.#depth, () => recording(run));
    try {
      return this.#kept.past.revisit(() => collectHidden(recorded))[1];
    } catch (error) {
      throw failed(error);
    }
  }

  leave(): void {
    if (--this.#waiting === 0) freeKept(this.#kept);
  }
}

/** Finds the node whose twin is given; the index is made at the first call, since few ask. */
function firstOf(nodes: readonly Node[], twins: readonly Node[]) {
  let index: Map<Node, Node> | null = null;
  return (twin: Node): Node | undefined => {
    index ??= new Map(twins.map((x, i) => [x, nodes[i] as Node]));
    const first = index.get(twin);
    return first !== undefined && first.holders > 0 ? first : undefined;
  };
}

/** @throws GradientError unless both nodes are of the same op, with the same shapes and dtypes. */
function compare(node: Node, twin: Node): void {
  const [first, second] = [node.op?.name, twin.op?.name];
  if (first !== second) throw changed(first, second);
  const fits = (x: Spec, i: number) => {
    const y = twin.inputs[i];
    return y !== undefined && x.dtype === y.dtype && shapesEqual(x.shape, y.shape);
  };
  if (!node.inputs.every(fits)) throw changed(described(node), described(twin));
}

function described({ op, inputs }: Node): string {
  return `${op?.name} of ${inputs.map((x) => `${x.dtype} [${x.shape.join(", ")}]`).join(", ")}`;
}

function changed(first: unknown, second: unknown): GradientError {
  const kind = typeof first === "number" ? " ops" : "";
  return new GradientError(
    "checkpoint",
    `the function did something else when it ran again: ${first}${kind}, then ${second}`,
    "draw from generators of rng(seed), and keep state in buffers",
  );
}

function failed(cause: unknown): GradientError {
  const said = cause instanceof IsogradError ? `${cause.op}: ${cause.problem}` : String(cause);
  const error = new GradientError(
    "checkpoint",
    `the function threw when it ran again in the backward pass: ${said}`,
    "tensors that it uses come as arguments, or live until the backward pass",
  );
  error.cause = cause;
  return error;
}
