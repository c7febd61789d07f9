/**
 * @file Finds the rule of an op: set by defineOp, part of the op, or in the tables of the common
 * families. Looks up the op, never its name, which users may reuse.
 */
import { GradientError } from "@isograd/tensor";
import { commonFamilies, type Inputs, type Op, opsOf } from "@isograd/tensor/engine";
import { rules } from "./index.js";
import type { AnyRule, Rule } from "./rule.js";

const byOp = new WeakMap<object, AnyRule | null>();
const tables = { read: false };

type RulesByName = Readonly<Record<string, AnyRule | null>>;

/** Enters the rules of the common families, by the names under which a family exports its ops. */
function readTables(): void {
  tables.read = true;
  for (const [family, members] of Object.entries(commonFamilies)) {
    const own: RulesByName = rules[family as keyof typeof rules];
    for (const [name, op] of opsOf(members)) {
      const rule = own[name];
      if (rule !== undefined && !byOp.has(op)) byOp.set(op, rule);
    }
  }
}

/** Sets the rule of an op; null for ops that have no gradient by nature. */
export function setRule<A extends Inputs, P>(op: Op<A, P>, rule: Rule<A, P> | null): void {
  byOp.set(op, rule);
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
