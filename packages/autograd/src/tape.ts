/** @file The tape: record what ran, walk back over it, add up cotangents. Read this file first. */
import { add, dispose, GradientError, onesLike, sum, Tensor } from "@isograd/tensor";
import {
  accumulateOp,
  apply,
  closeScope,
  dropNode,
  formatShape,
  type Inputs,
  isFloat,
  keepAll,
  type Op,
  openScope,
  type Recorded,
  type Recorder,
  type Spec,
  setRecorder,
  shapesEqual,
} from "@isograd/tensor/engine";
import { ruleOf } from "./rules/lookup.js";
import { type AnyRule, Reads } from "./rules/rule.js";

const state = { ids: 0, epoch: 0, freeing: false };
const freed: Node[] = [];

/** Whether tensors that require a gradient exist, and how many regions have switched the recorder off. */
const ambient = { leaves: false, off: 0 };

function outsideRecorder(): Recorder | null {
  return ambient.leaves && ambient.off === 0 ? record : null;
}

/** Runs `fn` with nothing recorded. */
export function unrecorded<R>(fn: () => R): R {
  ambient.off++;
  const before = setRecorder(null);
  try {
    return fn();
  } finally {
    ambient.off--;
    setRecorder(before ?? outsideRecorder());
  }
}

/** Runs `fn` recorded, also inside of {@link unrecorded}. */
export function recording<R>(fn: () => R): R {
  const { off } = ambient;
  ambient.off = 0;
  const before = setRecorder(record);
  try {
    return fn();
  } finally {
    ambient.off = off;
    setRecorder(before ?? outsideRecorder());
  }
}

/** From now on ops outside of every transform are recorded too: a leaf exists. */
export function recordFromNow(): void {
  ambient.leaves = true;
  if (ambient.off === 0) setRecorder(record);
}

/** One op that ran: what its rule will read, and the nodes that its inputs came from. */
export class Node implements Recorded {
  readonly id = ++state.ids;
  holders = 0;
  grad: Tensor | null = null;
  /** Cotangents of the results, while a walk passes. */
  cotangents: (Tensor | null)[] | null = null;
  mark = 0;
  done = 0;
  needed = false;
  released = false;

  constructor(
    readonly op: Op | null,
    readonly rule: AnyRule | null,
    readonly attrs: unknown,
    /** Handles of its own where the rule reads them, else just shapes and dtypes. */
    readonly inputs: readonly (Tensor | Spec)[],
    readonly parents: readonly (Node | null)[],
    readonly slots: readonly number[],
    public out: Tensor | Spec | readonly (Tensor | Spec)[],
  ) {
    for (const parent of parents) if (parent !== null) parent.holders++;
  }

  /** Lets go of everything held here; long chains unwind in a loop, not on the call stack. */
  free(): void {
    freed.push(this);
    if (state.freeing) return;
    state.freeing = true;
    for (let node = freed.pop(); node !== undefined; node = freed.pop()) {
      node.release();
      for (const parent of node.parents) if (parent !== null) dropNode(parent);
      if (node.grad !== null) dispose(node.grad);
    }
    state.freeing = false;
  }

  /** Gives up the tensors that the rule read; the walk is past this node. */
  release(): void {
    if (this.released) return;
    this.released = true;
    for (const x of this.inputs) if (x instanceof Tensor) dispose(x);
    for (const x of outputsOf(this)) {
      if (!(x instanceof Tensor)) continue;
      x.node = null; // the handle never counted as a holder: a node must not hold itself
      dispose(x);
    }
  }

  backward(from: Tensor, cotangent: Tensor | undefined): void {
    backward(from, { cotangent });
  }
}

function outputsOf(node: Node): readonly (Tensor | Spec)[] {
  return Array.isArray(node.out) ? node.out : [node.out as Tensor | Spec];
}

/** The recorder: makes a node when an input is tracked and the op has a rule. */
export function record(
  op: Op,
  inputs: Inputs,
  attrs: unknown,
  outs: Tensor | readonly Tensor[],
): void {
  let tracked = false;
  for (let i = 0; i < inputs.length; i++) if ((inputs[i] as Tensor).node !== null) tracked = true;
  if (!tracked) return;
  const rule = ruleOf(op);
  if (rule === null) return;
  const n = inputs.length;
  const kept = new Array<Tensor | Spec>(n);
  const parents = new Array<Node | null>(n);
  const slots = new Array<number>(n);
  for (let i = 0; i < n; i++) {
    const x = inputs[i] as Tensor;
    kept[i] = rule.reads & Reads.Inputs ? x.alias() : { shape: x.shape, dtype: x.dtype };
    parents[i] = x.node as Node | null;
    slots[i] = x.slot;
  }
  const node = new Node(op, rule, attrs, kept, parents, slots, specOf(outs));
  const list = outs instanceof Tensor ? [outs] : outs;
  for (let i = 0; i < list.length; i++) {
    const out = list[i] as Tensor;
    if (!isFloat(out.dtype)) continue;
    out.slot = i;
    out.setNode(node);
  }
  if (rule.reads & Reads.Out) node.out = outs instanceof Tensor ? ownOut(outs) : outs.map(ownOut);
}

function specOf(outs: Tensor | readonly Tensor[]): Spec | Spec[] {
  if (outs instanceof Tensor) return { shape: outs.shape, dtype: outs.dtype };
  return outs.map((x) => ({ shape: x.shape, dtype: x.dtype }));
}

function ownOut(x: Tensor): Tensor {
  const own = x.alias();
  if (own.node !== null) own.node.holders--;
  return own;
}

/** A node with no op: where gradients are asked for. A parent, if any, belongs to an enclosing walk. */
export function leafNode(of: Tensor, linked: boolean): Node {
  const parent = linked ? (of.node as Node | null) : null;
  const spec = { shape: of.shape, dtype: of.dtype };
  return new Node(null, null, undefined, [spec], [parent], [of.slot], spec);
}

/** How a walk is done. */
export interface WalkOptions {
  /** Nodes made earlier are not looked at. */
  readonly since: number;
  /** The targets are the leaves up to this one; 0: every leaf that belongs to no enclosing walk. */
  readonly until: number;
  /** Whether the walk itself is recorded, so that its results can be differentiated. */
  readonly createGraph: boolean;
  /** Whether the nodes passed keep what they hold. */
  readonly retainGraph: boolean;
}

function isTarget(node: Node, until: number): boolean {
  return node.rule === null && (until > 0 ? node.id <= until : node.parents[0] === null);
}

/** Nodes reachable from `root` and made no earlier than `since`, inputs first; marks those that matter. */
function sortNodes(root: Node, { since, until }: WalkOptions): Node[] {
  const epoch = ++state.epoch;
  const order: Node[] = [];
  const stack = [root];
  while (stack.length > 0) {
    const node = stack[stack.length - 1] as Node;
    const { parents } = node;
    if (node.mark !== epoch) {
      node.mark = epoch;
      for (let i = 0; i < parents.length; i++) {
        const p = parents[i] as Node | null;
        if (p !== null && p.id >= since && p.mark !== epoch) stack.push(p);
      }
      continue;
    }
    stack.pop();
    if (node.done === epoch) continue;
    node.done = epoch;
    order.push(node);
    node.needed = isTarget(node, until);
    for (let i = 0; i < parents.length && !node.needed; i++) {
      const p = parents[i] as Node | null;
      node.needed = p !== null && p.mark === epoch && p.needed;
    }
  }
  return order;
}

/** Walks back from `from`: afterwards the targets hold their cotangents. Returns the nodes passed. */
export function walk(from: Tensor, cotangent: Tensor, options: WalkOptions): Node[] {
  const root = from.node as Node;
  const order = sortNodes(root, options);
  const mark = openScope();
  const pass = () => {
    receive(root, from.slot, cotangent.alias(true));
    for (let i = order.length - 1; i >= 0; i--) {
      const node = order[i] as Node;
      if (node.cotangents === null || isTarget(node, options.until)) continue;
      if (node.needed) passBack(node, options);
      else clear(node);
    }
    for (const node of order) if (node.cotangents !== null) keepAll(node.cotangents as Tensor[]);
  };
  try {
    if (options.createGraph) recording(pass);
    else unrecorded(pass);
  } catch (error) {
    for (const node of order) clear(node);
    throw error;
  } finally {
    closeScope(mark);
  }
  return order;
}

/** Sends a node's cotangents to the nodes of its inputs, by its rule. */
function passBack(node: Node, options: WalkOptions): void {
  if (node.released) throw freedError(node);
  const mark = openScope();
  const cotangents = node.cotangents as (Tensor | null)[];
  const { parents, rule } = node;
  try {
    if (rule === null) passLeaf(node, cotangents[0] as Tensor);
    else {
      const back = rule.vjp(node as never);
      for (let i = 0; i < parents.length; i++) {
        const parent = parents[i] as Node | null;
        if (parent === null || !parent.needed || parent.mark !== node.mark) continue;
        const send = back[i];
        if (send === null || send === undefined) continue;
        const g = rule.many ? send(cotangents as never) : send(cotangents[0] as Tensor);
        if (g !== null) deliver(node, i, parent, g);
      }
    }
  } finally {
    closeScope(mark);
  }
  clear(node);
  if (!options.retainGraph) node.release();
}

function passLeaf(node: Node, g: Tensor): void {
  const parent = node.parents[0];
  if (parent) receive(parent, node.slots[0] as number, g.alias(true));
}

function deliver(node: Node, i: number, parent: Node, g: Tensor): void {
  const fitted = unbroadcast(g, node.inputs[i] as Spec, node);
  // What the rule made is taken over; what somebody else holds gets a handle of its own.
  const shared =
    fitted === g &&
    ((node.cotangents as readonly unknown[]).includes(g) ||
      node.inputs.includes(g) ||
      node.out === g);
  receive(parent, node.slots[i] as number, shared ? fitted.alias(true) : fitted);
}

/** Undoes broadcasting, for all ops: sums over the axes along which `to` was stretched. */
function unbroadcast(g: Tensor, to: Spec, node: Node): Tensor {
  if (shapesEqual(g.shape, to.shape)) return g;
  const lead = g.shape.length - to.shape.length;
  const fits = lead >= 0 && to.shape.every((n, i) => n === 1 || n === g.shape[i + lead]);
  if (!fits) {
    throw new GradientError(
      node.op?.name ?? "backward",
      `the rule gives a cotangent of shape ${formatShape(g.shape)} for an input of shape ${formatShape(to.shape)}`,
      "a vjp returns one tensor per input, of that input's shape (or one that sums to it)",
    );
  }
  const axes: number[] = [];
  for (let k = 0; k < g.shape.length; k++) {
    if (k < lead || (to.shape[k - lead] === 1 && g.shape[k] !== 1)) axes.push(k);
  }
  const total = sum(g, { axis: axes, keepdims: axes.length > lead });
  return shapesEqual(total.shape, to.shape) ? total : total.reshape(to.shape);
}

/** Adds a cotangent, a handle that is taken over, to what a node has collected. */
function receive(node: Node, slot: number, g: Tensor): void {
  if (node.cotangents === null) node.cotangents = [];
  const known = node.cotangents[slot];
  if (known === undefined || known === null) {
    g.kept = true;
    node.cotangents[slot] = g;
    return;
  }
  const recorded = known.node !== null || g.node !== null;
  const total = recorded ? add(known, g) : apply(accumulateOp, [known, g], undefined);
  total.kept = true;
  node.cotangents[slot] = total;
  dispose(known);
  dispose(g);
}

function clear(node: Node): void {
  if (node.cotangents === null) return;
  for (const g of node.cotangents) if (g) dispose(g);
  node.cotangents = null;
}

function freedError(node: Node): GradientError {
  return new GradientError(
    "backward",
    `the graph was freed by an earlier walk (at ${node.op?.name ?? "a leaf"})`,
    "pass { retainGraph: true } to the first backward, or compute the loss again",
  );
}

/** Takes the cotangent that a walk left at a node; it belongs to the scope around the walk. */
export function takeCotangent(node: Node): Tensor | null {
  const g = node.cotangents?.[0] ?? null;
  node.cotangents = null;
  return g;
}

/**
 * Walks back from `loss` and adds its gradient to every leaf made by {@link requiresGrad}.
 *
 * @throws GradientError when loss is not a single number and no cotangent is given, or nothing was recorded.
 */
export function backward(
  loss: Tensor,
  options: { readonly cotangent?: Tensor; readonly retainGraph?: boolean } = {},
): void {
  if (loss.node === null) {
    loss.backward(); // throws, with the reason
    return;
  }
  if (options.cotangent === undefined && loss.size !== 1) {
    throw new GradientError(
      "backward",
      `the loss has shape ${formatShape(loss.shape)}; a gradient needs a single number`,
      "reduce it (loss.mean()), or pass the cotangent",
    );
  }
  const mark = openScope();
  try {
    const { retainGraph = false } = options;
    const seed = options.cotangent ?? onesLike(loss);
    const order = walk(loss, seed, { since: 0, until: 0, createGraph: false, retainGraph });
    for (const node of order) if (isTarget(node, 0)) collect(node);
  } finally {
    closeScope(mark);
  }
}

function collect(leaf: Node): void {
  const g = takeCotangent(leaf);
  if (g === null) return;
  const known = leaf.grad;
  const total = known === null ? g : unrecorded(() => apply(accumulateOp, [known, g], undefined));
  leaf.grad = total.alias();
  if (known !== null) dispose(known);
}
