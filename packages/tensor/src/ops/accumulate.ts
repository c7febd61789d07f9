/**
 * @file Sums of cotangents, as an op that works in place where it may.
 *
 * @internal
 */
import { apply } from "../core/apply.js";
import { defineOp, withOp } from "../core/op.js";
import type { Tensor } from "../core/tensor.js";
import { sameShape } from "./define/checks.js";

const FIRST_DONATED: readonly boolean[] = [true, false];

const accumulateOp = defineOp<readonly [Tensor, Tensor]>({
  name: "accumulate",
  infer: ([a, b]) => sameShape("accumulate", a, b),
  reference([a, b], _, out) {
    for (let i = 0; i < out.data.length; i++) {
      out.data[i] = (a.data[i] as number) + (b.data[i] as number);
    }
  },
});

/**
 * `a + b` of one shape, in the memory of `a` where that has no other holder: sums of cotangents.
 */
export const accumulate = withOp(
  accumulateOp,
  (a: Tensor, b: Tensor): Tensor => apply(accumulateOp, [a, b], undefined, FIRST_DONATED),
);
