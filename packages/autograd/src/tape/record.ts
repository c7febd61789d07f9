/** @file Makes nodes as ops run. Knows nothing of when ops are recorded. */
import { dispose, Tensor } from "@isograd/tensor";
import {
  type Inputs,
  isFloat,
  type Op,
  type Recorder,
  type Spec,
  slotOf,
} from "@isograd/tensor/engine";
import { ruleOf } from "../rules/lookup.js";
import { type AnyRule, Reads } from "../rules/rule.js";
import { Node, nodeOf, tie, uncount } from "./node.js";

/** The list that gets every new node; null when no list is kept. */
const list = { nodes: null as Node[] | null };

/** Runs `fn` and lists the nodes that its ops made, in their order; outer lists get them too. */
export function collectNodes<R>(fn: () => R): [R, Node[]] {
  const outer = list.nodes;
  const made: Node[] = [];
  try {
    return [listInto(made, fn), made];
  } finally {
    if (outer !== null) for (const node of made) outer.push(node);
  }
}

/** {@link collectNodes}, hidden from outer lists. */
export function collectHidden<R>(fn: () => R): [R, Node[]] {
  const made: Node[] = [];
  return [listInto(made, fn), made];
}

function listInto<R>(made: Node[], fn: () => R): R {
  const outer = list.nodes;
  list.nodes = made;
  try {
    return fn();
  } finally {
    list.nodes = outer;
  }
}

/** The recorder: makes a node when an input is tracked and the op has a rule. */
export const record: Recorder = (op, inputs, attrs, outs) => {
  if (!anyTracked(inputs)) return;
  const rule = ruleFor(op, outs);
  if (rule === null || (outs instanceof Tensor && !isFloat(outs.dtype))) return;
  const n = inputs.length;
  const kept = new Array<Tensor | Spec>(n);
  const parents = new Array<Node | null>(n);
  const slots = new Array<number>(n);
  for (let i = 0; i < n; i++) {
    const x = inputs[i] as Tensor;
    kept[i] = rule.reads & Reads.Inputs ? x.alias(false, op.name) : specOf(x);
    parents[i] = nodeOf(x);
    slots[i] = slotOf(x);
  }
  const out = outs instanceof Tensor ? specOf(outs) : outs.map(specOf);
  const node = new Node(op, rule, attrs, kept, parents, slots, out);
  if (list.nodes !== null) list.nodes.push(node);
  const results = outs instanceof Tensor ? [outs] : outs;
  for (let i = 0; i < results.length; i++) {
    const x = results[i] as Tensor;
    if (isFloat(x.dtype)) tie(x, node, i);
  }
  if (rule.reads & Reads.Out) node.out = outs instanceof Tensor ? ownOut(outs) : outs.map(ownOut);
};

function anyTracked(inputs: Inputs): boolean {
  for (let i = 0; i < inputs.length; i++) if (nodeOf(inputs[i] as Tensor) !== null) return true;
  return false;
}

/** The rule of an op. Where there is none, the caller never gets the results, so they are freed. */
function ruleFor(op: Op, outs: Tensor | readonly Tensor[]): AnyRule | null {
  try {
    return ruleOf(op);
  } catch (error) {
    for (const out of outs instanceof Tensor ? [outs] : outs) dispose(out);
    throw error;
  }
}

function specOf({ shape, dtype }: Tensor): Spec {
  return { shape, dtype };
}

function ownOut(x: Tensor): Tensor {
  const own = x.alias();
  uncount(own);
  return own;
}
