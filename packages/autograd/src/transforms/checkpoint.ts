/** @file Trading time for memory: a function whose intermediates are computed again in the backward pass. */
import { dispose, GradientError, keep, type Tensor } from "@isograd/tensor";
import { closeScope, openScope } from "@isograd/tensor/engine";
import { collectNodes, type Node, type Refill, recording } from "../tape.js";
import { tensorsOf, withLeaves } from "../tree.js";
import { atDepth, nestingDepth } from "./grad.js";

/** Set while a checkpointed function runs again: inner checkpoints then keep what they make. */
const state = { refilling: false };

/** One call of a checkpointed function: its nodes, and how to fill them again. */
class Segment<A extends readonly unknown[]> implements Refill {
  private readonly kept: Tensor[];
  private readonly depth = nestingDepth();
  private waiting: number;

  constructor(
    private readonly fn: (...args: A) => unknown,
    private readonly args: A,
    private readonly nodes: readonly Node[],
  ) {
    this.kept = tensorsOf(args).map((x) => x.alias());
    this.waiting = nodes.length;
    for (const node of nodes) {
      node.refill?.leave(); // of a checkpoint inside of this one, which brings it back as well
      node.refill = this;
      node.letGo();
    }
  }

  fill(): void {
    const before = state.refilling;
    state.refilling = true;
    const mark = openScope();
    try {
      const again = () => withLeaves(this.args, this.kept, (args) => this.fn(...args));
      const [, made] = collectNodes(() => atDepth(this.depth, () => recording(again)));
      if (made.length !== this.nodes.length) throw changed(this.nodes.length, made.length);
      for (let i = 0; i < made.length; i++) {
        const [node, twin] = [this.nodes[i] as Node, made[i] as Node];
        if (node.op?.name !== twin.op?.name) throw changed(node.op?.name, twin.op?.name);
        if (node.released && node.refill === this && !twin.released) node.takeOver(twin);
      }
    } finally {
      state.refilling = before;
      closeScope(mark);
    }
  }

  leave(): void {
    if (--this.waiting === 0) for (const x of this.kept) dispose(x);
  }
}

function changed(first: unknown, second: unknown): GradientError {
  return new GradientError(
    "checkpoint",
    `the function did something else when it ran again: ${first} ops, then ${second}`.replace(
      /([a-z]\w*) ops, then/i,
      "$1, then",
    ),
    "draw random numbers outside and pass them in, and pass modules as arguments",
  );
}

/**
 * The same function with the same values and derivatives, bit for bit, of any order; but what it makes on the way is
 * freed at once, and computed again when the backward pass needs it. Source: arXiv 1604.06174.
 *
 * `fn` must do the same each time: random numbers come in as arguments. So do the tensors and modules that it
 * uses; others must live until the backward pass.
 *
 * @throws GradientError in the backward pass when `fn` runs other ops than the first time.
 * @example
 * const block = checkpoint((x: Tensor) => x.tanh().exp().tanh());
 * grad((x: Tensor) => block(x).sum())(tensor([0])).toString(); // Tensor(float32, [1]) [0.42]
 */
export function checkpoint<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
): (...args: A) => R {
  return (...args) => {
    if (state.refilling) return fn(...args);
    let nodes: Node[] = [];
    let result: R;
    const mark = openScope();
    try {
      [result, nodes] = collectNodes(() => fn(...args));
      keep(result);
    } finally {
      closeScope(mark);
    }
    if (nodes.length > 0) new Segment(fn, args, nodes);
    return result;
  };
}
