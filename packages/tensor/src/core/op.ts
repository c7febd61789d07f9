/** @file How ops are written down. */
import type { Inputs, Op, OpFunction, Spec } from "./contract.js";

/** Names an op. The identity at run time; its worth is in the types. */
export function defineOp<A extends Inputs, P = undefined>(op: Op<A, P>): Op<A, P> {
  return op;
}

/**
 * {@link defineOp} for whoever extends the engine: the shapes that the op's rules give are copied,
 * since the lists may be changed later by those who gave them.
 */
export function defineForeignOp<A extends Inputs, P = undefined>(op: Op<A, P>): Op<A, P> {
  if (Object.isFrozen(op)) return op;
  const { infer, inferMany } = op;
  const own = ({ shape, dtype }: Spec): Spec => ({ shape: [...shape], dtype });
  const rules = op as { -readonly [K in "infer" | "inferMany"]: Op<A, P>[K] };
  rules.infer = (inputs, attrs) => own(infer.call(op, inputs, attrs));
  if (inferMany !== undefined) {
    rules.inferMany = (inputs, attrs) => inferMany.call(op, inputs, attrs).map(own);
  }
  return op;
}

/** A callable with its op attached. */
export function withOp<F extends object, A extends Inputs, P>(
  op: Op<A, P>,
  fn: F,
): OpFunction<F, A, P> {
  return Object.assign(fn, { op });
}
