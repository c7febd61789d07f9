/** @file Fills a node with the tensors of its twin: the node of the same op in a second run. */
import { Tensor } from "@isograd/tensor";
import { dropNode, handleOf, isFloat, type Spec, slotOf } from "@isograd/tensor/engine";
import { overSamples, samplesBehind } from "../batching/sample.js";
import { isList, type Node, nodeOf, tie, uncount } from "../tape/node.js";

/** Gives, for a node of the second run, that of the first; undefined when that one was freed. */
export type Original = (twin: Node) => Node | undefined;

/** Gives `node` handles on what `twin` read; its place in the graph stays as it is. */
export function takeOver(node: Node, twin: Node, original: Original): void {
  node.inputs = twin.inputs.map((x, i) => {
    if (!(x instanceof Tensor)) return x;
    const own = untied(x, original);
    const slot = node.slots[i] as number;
    const parent = node.parents[i] ?? null;
    if (parent === null) handleOf(own).slot = slot;
    else tie(own, parent, slot);
    return own;
  });
  const take = (x: Tensor | Spec): Tensor | Spec => {
    if (!(x instanceof Tensor)) return x;
    const own = untied(x, original);
    if (!isFloat(own.dtype)) return own;
    tie(own, node, slotOf(own));
    uncount(own);
    return own;
  };
  node.out = isList(twin.out) ? twin.out.map(take) : take(twin.out);
  node.emptied = false;
}

/**
 * A handle off the graph. Under vmap the tensor of all samples is in the graph too: it is tied to
 * the node of the first run.
 */
function untied(x: Tensor, original: Original): Tensor {
  const all = samplesBehind(x);
  if (all === null) {
    const own = x.alias();
    dropNode(own);
    return own;
  }
  const node = nodeOf(all);
  const ownAll = untied(all, original);
  if (node !== null) tie(ownAll, original(node) ?? node, slotOf(ownAll));
  const own = overSamples(x, ownAll);
  handleOf(own).slot = slotOf(x);
  return own;
}
