/** @file How ops are written down. */
import { checkDType } from "../base/dtype.js";
import { UsageError } from "../base/errors.js";
import { shown } from "../base/options.js";
import { checkShape } from "../base/shape.js";
import type { Inputs, Op, OpFunction, Spec } from "./contract.js";
import { expectFunction, expectSync } from "./expect.js";

/** Names an op. The identity at run time; its worth is in the types. */
export function defineOp<A extends Inputs, P = undefined>(op: Op<A, P>): Op<A, P> {
  return op;
}

/**
 * {@link defineOp} for whoever extends the engine: the shapes that the op's rules give are copied,
 * since the lists may be changed later by those who gave them.
 */
export function defineForeignOp<A extends Inputs, P = undefined>(op: Op<A, P>): Op<A, P> {
  if (typeof op !== "object" || op === null || typeof op.name !== "string") {
    throw new UsageError("defineOp", `needs an op, got ${shown(op)}`, "write { name, infer, … }");
  }
  if (Object.isFrozen(op)) return op;
  const { name, infer, inferMany } = op;
  expectFunction(name, infer, "an op has infer(inputs, attrs) → { shape, dtype }");
  const own = (spec: Spec): Spec => {
    expectSync(name, spec, "infer and inferMany give their result at once");
    const { shape, dtype } = spec ?? {};
    checkShape(name, shape);
    checkDType(name, dtype);
    return { shape: [...shape], dtype };
  };
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
