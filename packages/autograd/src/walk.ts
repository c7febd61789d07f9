/**
 * @file The walk back over the tape: in which order, by which rule, adding up cotangents as it
 * goes.
 */
import {
  add,
  cast,
  DeviceError,
  dispose,
  GradientError,
  onesLike,
  sum,
  type Tensor,
} from "@isograd/tensor";
import {
  accumulate,
  closeScope,
  type Device,
  expectLive,
  expectTensor,
  formatShape,
  isFloat,
  isUnclaimed,
  keepAll,
  markKept,
  openScope,
  type Spec,
  shapesEqual,
} from "@isograd/tensor/engine";
import { type Node, recording, unrecorded } from "./tape.js";

const state = { epoch: 0, passing: null as Node | null };

/** The node whose rule runs now; null outside of every walk. */
export function passingNode(): Node | null {
  return state.passing;
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

/**
 * Nodes reachable from `root` and made no earlier than `since`, inputs first; marks those that
 * matter.
 */
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

/**
 * Walks back from `from`: afterwards the targets hold their cotangents. Returns the nodes passed.
 */
export function walk(from: Tensor, cotangent: Tensor, options: WalkOptions): Node[] {
  const root = from.node as Node;
  if (root.id < options.since) return []; // made before the leaves: it does not depend on them
  const order = sortNodes(root, options);
  const pass = () => {
    receive(root, from.slot, cotangent.alias(true, "backward"));
    for (let i = order.length - 1; i >= 0; i--) {
      const node = order[i] as Node;
      if (node.cotangents === null || isTarget(node, options.until)) continue;
      if (node.needed) passBack(node, options);
      else clear(node);
    }
    for (const node of order) if (node.cotangents !== null) keepAll(node.cotangents as Tensor[]);
  };
  const mark = openScope();
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
  const cotangents = node.cotangents as (Tensor | null)[];
  const { parents, rule } = node;
  const before = state.passing;
  const mark = openScope();
  try {
    state.passing = node;
    if (node.released) node.refill?.fill();
    if (node.released) throw freedError(node);
    if (rule === null) passLeaf(node, cotangents[0] as Tensor);
    else {
      const back = rule.vjp(node as never);
      for (let i = 0; i < parents.length; i++) {
        const parent = parents[i] as Node | null;
        if (parent === null || !parent.needed || parent.mark !== node.mark) continue;
        const send = back[i];
        if (send === null || send === undefined) continue;
        const g = rule.many ? send(cotangents as never) : send(cotangents[0] as Tensor);
        if (g !== null) deliver(node, i, parent, g, mark);
      }
    }
  } finally {
    state.passing = before;
    closeScope(mark);
  }
  clear(node);
  if (!options.retainGraph) node.pass();
}

function passLeaf(node: Node, g: Tensor): void {
  const parent = node.parents[0];
  if (parent) receive(parent, node.slots[0] as number, g.alias(true));
}

function deliver(node: Node, i: number, parent: Node, g: Tensor, mark: number): void {
  const op = node.op?.name ?? "backward";
  expectLive(op, g);
  const fitted = unbroadcast(g, node.inputs[i] as Spec, op);
  const from = node.cotangents?.[0];
  if (from && g.storage.device !== from.storage.device) checkDevice(op, "cotangent", g, from);
  // What the rule made is taken over; what somebody else holds gets a handle of its own.
  const own = isUnclaimed(fitted, mark);
  receive(parent, node.slots[i] as number, own ? fitted : fitted.alias(true));
}

/**
 * Undoes broadcasting and promotion, for all ops: sums over the axes along which `to` was
 * stretched.
 */
export function unbroadcast(g: Tensor, to: Spec, op: string): Tensor {
  if (g.dtype === to.dtype && shapesEqual(g.shape, to.shape)) return g;
  expectFloats(op, "cotangent", g);
  // sums run in the wider of two dtypes
  const widens = to.dtype === "float64" && g.dtype !== to.dtype;
  const total = unstretched(widens ? cast(g, to.dtype) : g, to, op);
  return total.dtype === to.dtype ? total : cast(total, to.dtype);
}

function unstretched(g: Tensor, to: Spec, op: string): Tensor {
  if (shapesEqual(g.shape, to.shape)) return g;
  const lead = g.shape.length - to.shape.length;
  const fits = lead >= 0 && to.shape.every((n, i) => n === 1 || n === g.shape[i + lead]);
  if (!fits) {
    throw new GradientError(
      op,
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

/**
 * A cotangent or tangent from outside, in the dtype of the tensor that it belongs to.
 *
 * @throws GradientError for another shape, or numbers that are no floats; DeviceError for another
 * device.
 */
export function fitting(op: string, what: "cotangent" | "tangent", g: Tensor, to: Tensor): Tensor {
  if (!shapesEqual(g.shape, to.shape)) {
    throw new GradientError(
      op,
      `a ${what} of shape ${formatShape(g.shape)} for a value of shape ${formatShape(to.shape)}`,
      `give a ${what} of the same shape`,
    );
  }
  expectFloats(op, what, g);
  checkDevice(op, what, g, to);
  return g.dtype === to.dtype || !isFloat(to.dtype) ? g : cast(g, to.dtype);
}

function expectFloats(op: string, what: string, { dtype }: Tensor): void {
  if (isFloat(dtype)) return;
  throw new GradientError(op, `a ${what} of ${dtype}`, "it must be of floats: cast it");
}

function checkDevice(op: string, what: string, g: Tensor, beside: Tensor): void {
  const [at, wanted] = [g.storage.device, beside.storage.device];
  if ((at.over?.home ?? at) === (wanted.over?.home ?? wanted)) return;
  throw new DeviceError(
    op,
    `a ${what} on ${at.name} for a value on ${wanted.name}`,
    `move it: await x.to("${wanted.name}")`,
  );
}

/** Adds a cotangent, a handle that is taken over, to what a node has collected. */
function receive(node: Node, slot: number, g: Tensor): void {
  const known = node.cotangents?.[slot];
  if (known === undefined || known === null) {
    markKept(g);
    if (node.cotangents !== null) node.cotangents[slot] = g;
    else if (slot === 0) node.cotangents = [g];
    else {
      node.cotangents = [];
      node.cotangents[slot] = g;
    }
    return;
  }
  const recorded = known.node !== null || g.node !== null;
  const total = recorded ? add(known, g) : accumulate(known, g);
  markKept(total);
  (node.cotangents as Tensor[])[slot] = total;
  dispose(known); // and g goes with the scope it was made in: the rule may still hand it to others
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
 * @throws GradientError when loss is not a single number and no cotangent is given, or nothing was
 * recorded.
 */
export function backward(
  loss: Tensor,
  options: { readonly cotangent?: Tensor; readonly retainGraph?: boolean } = {},
): void {
  if (loss.node === null) {
    loss.backward(); // throws, with the reason
    return;
  }
  if (options.cotangent !== undefined) expectTensor("backward", options.cotangent);
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
    const { cotangent } = options;
    const seed = cotangent ? fitting("backward", "cotangent", cotangent, loss) : onesLike(loss);
    const order = walk(loss, seed, { since: 0, until: 0, createGraph: false, retainGraph });
    const leaves = order.filter((node) => isTarget(node, 0));
    if (leaves.length === 0) {
      const bare = loss.alias(true);
      bare.dropNode();
      bare.backward(); // throws, with the reason
    }
    leaves.forEach(checkOneGradient);
    leaves.forEach(collect);
  } finally {
    closeScope(mark);
  }
}

/** A leaf from outside of vmap collects one gradient, not one for each sample. */
function checkOneGradient(leaf: Node): void {
  const at = leaf.cotangents?.[0]?.storage.device.over?.level ?? 0;
  if (at <= ((leaf.attrs as Device).over?.level ?? 0)) return;
  throw new GradientError(
    "backward",
    "inside of vmap a leaf from outside would collect a gradient for each sample",
    "take vmap(grad(f)), or call backward() outside, on the sum of what vmap returns",
  );
}

function collect(leaf: Node): void {
  const g = takeCotangent(leaf);
  if (g === null) return;
  const known = leaf.grad;
  const total = known === null ? g : unrecorded(() => accumulate(known, g));
  leaf.grad = total.alias();
  if (known !== null) dispose(known);
}
