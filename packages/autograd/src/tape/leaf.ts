/** @file Leaves: nodes with no op, at which a walk ends. */

import type { Tensor } from "@isograd/tensor";
import { deviceOf, slotOf } from "@isograd/tensor/engine";
import { backward } from "./backward.js";
import { Node, setBackward } from "./node.js";

/**
 * The node of a tensor whose gradient is asked for. A parent belongs to an enclosing walk: null
 * stands for that of `backward()`, an empty list for none. Its attribute is the tensor's device.
 */
export function leafNode(of: Tensor, parents: readonly (Node | null)[]): Node {
  setBackward(backward); // here, since every graph begins with a leaf
  const spec = { shape: of.shape, dtype: of.dtype };
  return new Node(null, null, deviceOf(of), [spec], parents, [slotOf(of)], spec);
}
