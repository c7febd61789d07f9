/**
 * @file Finds the rule of an op: given by defineOp, brought by the op, or in the tables of the
 * common families. By the op, never by its name, which users may reuse.
 */
import { GradientError } from "@isograd/tensor";
import { commonFamilies, type Inputs, type Op } from "@isograd/tensor/engine";
import { rules } from "./index.js";
import type { AnyRule, Rule } from "./rule.js";

const byOp = new WeakMap<Op, AnyRule | null>();
const tables = { read: false };

/**
 * Enters the rules of the common families: the tables have the names under which a family exports
 * its ops.
 */
function readTables(): void {
  tables.read = true;
  for (const [family, members] of Object.entries(commonFamilies)) {
    const own = rules[family as keyof typeof rules] as Readonly<Record<string, AnyRule | null>>;
    for (const [name, member] of Object.entries(members)) {
      const { op } = member as { readonly op?: Op };
      if (op !== undefined && !byOp.has(op)) byOp.set(op, own[name] as AnyRule | null);
    }
  }
}

/** Gives an op its rule; null says that it has no gradient by nature. */
export function setRule<A extends Inputs, P>(op: Op<A, P>, rule: Rule<A, P> | null): void {
  byOp.set(op as unknown as Op, rule as unknown as AnyRule | null);
}

/** The rule of an op; null when it has no gradient by nature. */
export function ruleOf(op: Op): AnyRule | null {
  const known = byOp.get(op);
  if (known !== undefined) return known;
  if (op.rule !== undefined) return op.rule;
  if (!tables.read) {
    readTables();
    return ruleOf(op);
  }
  throw new GradientError(
    op.name,
    "this op has no derivative rule",
    "define it with defineOp of @isograd/autograd, or wrap its input in stopGradient",
  );
}
