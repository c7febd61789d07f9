/** @file Finds the rule of an op: given by defineOp, brought by the op, or in the tables of the common families. */
import { GradientError } from "@isograd/tensor";
import type { Inputs, Op } from "@isograd/tensor/engine";
import { rules } from "./index.js";
import type { AnyRule, Rule } from "./rule.js";

const byOp = new WeakMap<Op, AnyRule | null>();
const builtIn = new Map<string, AnyRule | null>();

/** Gives an op its rule; null says that it has no gradient by nature. */
export function setRule<A extends Inputs, P>(op: Op<A, P>, rule: Rule<A, P> | null): void {
  byOp.set(op as unknown as Op, rule as unknown as AnyRule | null);
}

/** The rule of an op; null when it has no gradient by nature. */
export function ruleOf(op: Op): AnyRule | null {
  const known = byOp.get(op);
  if (known !== undefined) return known;
  if (op.rule !== undefined) return op.rule;
  if (builtIn.size === 0) {
    for (const family of Object.values(rules)) {
      for (const [name, rule] of Object.entries(family)) builtIn.set(name, rule as AnyRule | null);
    }
  }
  const rule = builtIn.get(op.name);
  if (rule === undefined) {
    throw new GradientError(
      op.name,
      "this op has no derivative rule",
      "define it with defineOp of @isograd/autograd, or wrap its input in stopGradient",
    );
  }
  byOp.set(op, rule);
  return rule;
}
