/**
 * @file Trading time for memory: a function whose intermediates are computed again in the backward
 * pass.
 */
import {
  dispose,
  GradientError,
  IsogradError,
  keep,
  type Tensor,
  UsageError,
} from "@isograd/tensor";
import {
  closeScope,
  expectLive,
  openScope,
  Past,
  type Spec,
  shapesEqual,
} from "@isograd/tensor/engine";
import { collectNodes, type Node, type Refill, recording } from "../tape.js";
import { tensorsOf, withLeaves } from "../tree.js";
import { atDepth, nestingDepth } from "./grad.js";

/** Set while a checkpointed function runs again: inner checkpoints then keep what they make. */
const state = { refilling: false };

/** One call of a checkpointed function: its nodes, and how to fill them again. */
class Segment<A extends readonly unknown[]> implements Refill {
  /** Of the arguments as they were; lists and objects that hold them may change. */
  private readonly args: A;
  private readonly depth = nestingDepth();
  /** Nodes that may still ask; and one for the constructor, in which some cease to. */
  private waiting = 1;

  constructor(
    private readonly fn: (...args: A) => unknown,
    args: A,
    private readonly held: Held,
    private readonly nodes: readonly Node[],
  ) {
    this.args = withLeaves(args, held.tensors, (own) => own);
    for (const node of nodes) {
      const inner = node.refill; // of a checkpoint inside of this one, which brings it back as well
      const freed = node.holders === 0 || (node.released && inner === null); // by a scope, by a walk
      if (freed) continue;
      this.waiting++;
      node.refill = this;
      node.letGo();
      if (inner !== null) inner.leave();
    }
    this.leave();
  }

  fill(): void {
    const before = state.refilling;
    state.refilling = true;
    const mark = openScope();
    try {
      const made = this.again();
      if (made.length !== this.nodes.length) throw changed(this.nodes.length, made.length);
      for (let i = 0; i < made.length; i++) compare(this.nodes[i] as Node, made[i] as Node);
      let firsts: Map<Node, Node> | null = null;
      const original = (twin: Node) => {
        firsts ??= new Map(made.map((x, i) => [x, this.nodes[i] as Node]));
        const first = firsts.get(twin);
        return first !== undefined && first.holders > 0 ? first : undefined;
      };
      for (let i = 0; i < made.length; i++) {
        const [node, twin] = [this.nodes[i] as Node, made[i] as Node];
        if (node.refill === this && node.released && !twin.released) node.takeOver(twin, original);
      }
    } finally {
      state.refilling = before;
      closeScope(mark);
    }
  }

  /** The nodes of another run: with the same numbers, on the same state. */
  private again(): Node[] {
    const { args, held, fn, depth } = this;
    const run = () => withLeaves(args, held.tensors, (own) => fn(...own));
    const recorded = () => atDepth(depth, () => recording(run));
    try {
      return held.past.revisit(() => collectNodes(recorded, true))[1];
    } catch (error) {
      throw failed(error);
    }
  }

  leave(): void {
    if (--this.waiting === 0) letGo(this.held);
  }
}

/** What another run needs: the tensors of the arguments, and what state was. */
interface Held {
  readonly tensors: readonly Tensor[];
  readonly past: Past;
}

function hold(args: readonly unknown[]): Held {
  const found = tensorsOf(args);
  for (const x of found) expectLive("checkpoint", x);
  return { tensors: found.map((x) => x.alias()), past: new Past() };
}

function letGo({ tensors, past }: Held): void {
  for (const x of tensors) dispose(x);
  past.close();
}

function compare(node: Node, twin: Node): void {
  const [first, second] = [node.op?.name, twin.op?.name];
  if (first !== second) throw changed(first, second);
  const fits = (x: Spec, i: number) => {
    const y = twin.inputs[i] as Spec | undefined;
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
    "it must do the same each time: draw from generators of rng(seed), and keep state in buffers",
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

/**
 * The same function with the same values and derivatives, bit for bit, of any order; but what it
 * makes on the way is freed at once, and computed again when the backward pass needs it. Source:
 * arXiv 1604.06174.
 *
 * The second run sees what the first saw, whatever came in between: its arguments, also if they
 * were disposed or their lists changed; parameters and buffers of modules before a step or another
 * batch moved them; layers in training or not. Generators draw the same numbers again. It leaves no
 * trace: generators and running statistics move once. What else `fn` reads must be the same each
 * time; other tensors that it uses must live until the backward pass.
 *
 * @throws UsageError when `fn` returns a promise; GradientError in the backward pass when it
 * throws, or runs other ops than the first time.
 * @example
 * const block = checkpoint((x: Tensor) => x.tanh().exp().tanh());
 * grad((x: Tensor) => block(x).sum())(tensor([0])).toString(); // Tensor(float32, [1]) [0.42]
 */
export function checkpoint<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
): (...args: A) => R {
  return (...args) => {
    if (state.refilling) return fn(...args);
    const held = hold(args);
    try {
      const [result, nodes] = firstRun(() => held.past.first(() => fn(...args)));
      if (nodes.length === 0) letGo(held);
      else new Segment(fn, args, held, nodes);
      return result;
    } catch (error) {
      letGo(held);
      throw error;
    }
  };
}

function firstRun<R>(run: () => R): [R, Node[]] {
  const mark = openScope();
  try {
    const [result, nodes] = collectNodes(run);
    if (result instanceof Promise) {
      throw new UsageError("checkpoint", "the function returned a promise", "read data after it");
    }
    return [keep(result), nodes];
  } finally {
    closeScope(mark);
  }
}
