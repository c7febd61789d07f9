/** @file `backward()`: a walk to all leaves, each of which collects its gradient. */

import { dispose, GradientError, onesLike, type Tensor } from "@isograd/tensor";
import {
  accumulate,
  closeScope,
  type Device,
  deviceOf,
  dropNode,
  expectTensor,
  formatShape,
  given,
  openScope,
  sampleLevel,
} from "@isograd/tensor/engine";
import { fitting } from "./fitting.js";
import { unrecorded } from "./modes.js";
import { type Node, nodeOf } from "./node.js";
import { isTarget, takeCotangent, walk } from "./walk.js";

/**
 * Walks back from `loss` and adds its gradient to every leaf made by {@link requiresGrad}.
 *
 * @throws GradientError when loss is not a single number and no cotangent is given, or nothing was
 * recorded.
 */
export function backward(
  loss: Tensor,
  options?: {
    readonly cotangent?: Tensor | undefined;
    readonly retainGraph?: boolean | undefined;
  },
): void {
  const { cotangent, retainGraph = false } = given("backward", options, "cotangent retainGraph?");
  expectTensor("backward", loss);
  if (nodeOf(loss) === null) {
    loss.backward(); // throws, with the reason
    return;
  }
  if (cotangent !== undefined) expectTensor("backward", cotangent);
  if (cotangent === undefined && loss.size !== 1) {
    throw new GradientError(
      "backward",
      `the loss has shape ${formatShape(loss.shape)}; a gradient needs a single number`,
      "reduce it (loss.mean()), or pass the cotangent",
    );
  }
  const mark = openScope();
  try {
    const seed = cotangent ? fitting("backward", "cotangent", cotangent, loss) : onesLike(loss);
    const order = walk(loss, seed, { since: 0, until: 0, createGraph: false, retainGraph });
    const leaves = order.filter((node) => isTarget(node, 0));
    if (leaves.length === 0) {
      const bare = loss.alias(true);
      dropNode(bare);
      bare.backward(); // throws, with the reason
    }
    leaves.forEach(checkOneGradient);
    leaves.forEach(collect);
  } finally {
    closeScope(mark);
  }
}

/** A leaf outside of vmap collects one gradient, not one for each sample. */
function checkOneGradient(leaf: Node): void {
  const g = leaf.cotangents?.[0];
  const at = g ? sampleLevel(deviceOf(g)) : 0;
  if (at <= sampleLevel(leaf.attrs as Device)) return;
  throw new GradientError(
    "backward",
    "inside of vmap a leaf from outside would collect a gradient for each sample",
    "take vmap(grad(f)), or call backward() outside, on a sum",
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
