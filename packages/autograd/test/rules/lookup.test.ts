/**
 * @file The rule of an op: from the tables or its own, never by its name; the error for none says
 * what to do.
 */
import { GradientError, tanh } from "@isograd/tensor";
import { allOps, commonFamilies, type Op } from "@isograd/tensor/engine";
import { describe, expect, it } from "vitest";
import { rules } from "../../src/rules/index.js";
import { ruleOf, setRule } from "../../src/rules/lookup.js";
import { unaryRules } from "../../src/rules/unary.js";

const like = (name: string) => ({ ...(tanh.op as unknown as Op), name });

describe("ruleOf", () => {
  it("finds the rule of every op of the tables, the same each time", () => {
    for (const [family, members] of Object.entries(commonFamilies)) {
      for (const [name, member] of Object.entries(members)) {
        const { op } = member as { op?: Op };
        if (op === undefined) continue;
        const rule = (rules as Record<string, Record<string, unknown>>)[family]?.[name];
        expect([name, ruleOf(op)]).toEqual([name, rule]);
        expect(ruleOf(op)).toBe(rule);
      }
    }
    for (const op of allOps().values()) expect(ruleOf(op)).toBeDefined();
  });

  it("prefers the rule that the op was given", () => {
    const mine = like("tanh");
    const rule = () => [null];
    setRule(mine, rule as never);
    expect(ruleOf(mine)).toBe(rule);
    expect(ruleOf(tanh.op as unknown as Op)).toBe(unaryRules.tanh);
    const none = like("a new op without a gradient");
    setRule(none, null);
    expect(ruleOf(none)).toBe(null);
  });

  it.each(["a new op", "tanh", "constructor", "__proto__"])(
    "says what to do where there is none, whatever the name: %s",
    (name) => {
      let caught: unknown;
      try {
        ruleOf(like(name));
      } catch (error) {
        caught = error;
      }
      expect(caught).toBeInstanceOf(GradientError);
      expect((caught as Error).message).toBe(
        `${name}: this op has no derivative rule\n  help: define it with defineOp of ` +
          "@isograd/autograd, or wrap its input in stopGradient",
      );
    },
  );
});
