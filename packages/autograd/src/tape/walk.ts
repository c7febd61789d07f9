/**
 * @file The backward walk: visits nodes from the result to the leaves, sends cotangents on by the
 * rules, and adds them up.
 */
import { add, dispose, GradientError, type Tensor } from "@isograd/tensor";
import {
  accumulate,
  closeScope,
  deviceOf,
  expectLive,
  type Inputs,
  isUnclaimed,
  markKept,
  openScope,
  type RuleOfMany,
  type RuleOfOne,
  type Spec,
  slotOf,
} from "@isograd/tensor/engine";
import type { AnyRule } from "../rules/rule.js";
import { checkDevice, unbroadcast } from "./fitting.js";
import { recording, unrecorded } from "./modes.js";
import { type Node, nodeOf } from "./node.js";

const state = { epoch: 0, passing: null as Node | null };

/** The node whose rule runs now; null outside of every walk. */
export function passingNode(): Node | null {
  return state.passing;
}

/** Where a walk ends, and what stays after it. */
export interface WalkOptions {
  /** The walk ignores nodes made before this one. */
  readonly since: number;
  /** The targets are the leaves up to this one; 0: every leaf that belongs to no enclosing walk. */
  readonly until: number;
  /** Whether the walk itself is recorded, so that its results can be differentiated. */
  readonly createGraph: boolean;
  /** Whether the nodes keep what their rules read. */
  readonly retainGraph: boolean;
}

/** Whether the walk ends at this node, which collects its cotangent. */
export function isTarget(node: Node, until: number): boolean {
  return node.rule === null && (until > 0 ? node.id <= until : node.parents[0] === null);
}

/**
 * Nodes reachable from the roots and made no earlier than `since`, inputs first; marks as `needed`
 * those behind which there is a target.
 */
function sortNodes(roots: readonly Node[], { since, until }: WalkOptions): Node[] {
  const epoch = ++state.epoch;
  const order: Node[] = [];
  const stack = [...roots].reverse();
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
 * Walks back from `from`: afterwards the targets have their cotangents. Returns the nodes visited.
 */
export function walk(from: Tensor, cotangent: Tensor, options: WalkOptions): Node[] {
  return walkAll([from], [cotangent], options);
}

/** {@link walk} from several results at once. */
export function walkAll(
  from: readonly Tensor[],
  cotangents: readonly Tensor[],
  options: WalkOptions,
): Node[] {
  // those that do not depend on the leaves have no part in it
  const starts = from.map((x) => nodeOf(x)).map((n) => (n && n.id >= options.since ? n : null));
  const roots = starts.filter((node) => node !== null);
  if (roots.length === 0) return [];
  const order = sortNodes(roots, options);
  const pass = () => {
    for (const [i, root] of starts.entries()) {
      if (root === null) continue;
      receive(root, slotOf(from[i] as Tensor), (cotangents[i] as Tensor).alias(true, "backward"));
    }
    for (let i = order.length - 1; i >= 0; i--) {
      const node = order[i] as Node;
      if (node.cotangents === null || isTarget(node, options.until)) continue;
      if (node.needed) passBack(node, options);
      else clear(node);
    }
    for (const { cotangents: own } of order) if (own?.[0]) markKept(own[0]);
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
  const { cotangents, rule } = node;
  const before = state.passing;
  const mark = openScope();
  try {
    state.passing = node;
    if (node.emptied) node.refill?.fill();
    if (node.emptied) throw freedError(node);
    if (rule === null) passLeaf(node, cotangents?.[0]);
    else if (cotangents !== null) sendAll(node, rule, cotangents, mark);
  } finally {
    state.passing = before;
    closeScope(mark);
  }
  clear(node);
  if (!options.retainGraph) node.pass();
}

function passLeaf({ parents, slots }: Node, g: Tensor | null | undefined): void {
  const [parent] = parents;
  if (parent && g) receive(parent, slots[0] as number, g.alias(true));
}

// A node as its rule reads it: where `rule.reads` says so, it has tensors; a rule reads no others.
type SeenByOne = Parameters<RuleOfOne<Inputs, unknown>["vjp"]>[0];
type SeenByMany = Parameters<RuleOfMany<Inputs, unknown>["vjp"]>[0];

function sendAll(node: Node, rule: AnyRule, gs: readonly (Tensor | null)[], mark: number): void {
  if (rule.many) sendEach(node, rule.vjp(node as SeenByMany), gs, mark);
  else sendEach(node, rule.vjp(node as SeenByOne), gs[0] as Tensor, mark);
}

/** Sends what the rule makes of `g` to the nodes of the inputs. */
function sendEach<G>(
  node: Node,
  sends: readonly (((g: G) => Tensor | null) | null | undefined)[],
  g: G,
  mark: number,
): void {
  const { parents } = node;
  for (let i = 0; i < parents.length; i++) {
    const parent = parents[i] as Node | null;
    if (parent === null || !parent.needed || parent.mark !== node.mark) continue;
    const send = sends[i];
    if (send === null || send === undefined) continue;
    const sent = send(g);
    if (sent !== null) deliver(node, i, parent, sent, mark);
  }
}

function deliver(node: Node, i: number, parent: Node, g: Tensor, mark: number): void {
  const op = node.op?.name ?? "backward";
  expectLive(op, g);
  const fitted = unbroadcast(g, node.inputs[i] as Spec, op);
  const from = node.cotangents?.[0];
  if (from && deviceOf(g) !== deviceOf(from)) checkDevice(op, "cotangent", g, from);
  // A handle that the rule made is taken over; one that has another owner is copied.
  const own = isUnclaimed(fitted, mark);
  receive(parent, node.slots[i] as number, own ? fitted : fitted.alias(true));
}

/** Adds a cotangent to those that a node received, and takes over its handle. */
function receive(node: Node, slot: number, g: Tensor): void {
  const { cotangents } = node;
  const known = cotangents?.[slot];
  if (known) {
    const recorded = nodeOf(known) !== null || nodeOf(g) !== null;
    const total = recorded ? add(known, g) : accumulate(known, g);
    markKept(total);
    cotangents[slot] = total;
    dispose(known); // not g, which the rule may also send to other inputs: its scope frees it
    return;
  }
  markKept(g);
  if (cotangents !== null) cotangents[slot] = g;
  else node.cotangents = slot === 0 ? [g] : onlyAt(slot, g);
}

function onlyAt(slot: number, g: Tensor): Tensor[] {
  const gs: Tensor[] = [];
  gs[slot] = g;
  return gs;
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
