/** @file Elementwise functions that bring their rule along. @internal */
import type { OpFunction, RuleOfOne } from "../../core/contract.js";
import { withOp } from "../../core/op.js";
import type { Tensor } from "../../core/tensor.js";

/** The function with its rule: only programs that use it include the rule. */
export function ruled<F extends object, A extends readonly Tensor[]>(
  made: OpFunction<F, A, undefined>,
  rule: RuleOfOne<A, undefined>,
): OpFunction<F, A, undefined> {
  return withOp(Object.assign(made.op, { rule }), made);
}
