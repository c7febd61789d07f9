/** @file The rule of an op: of the tables, or its own; none is told with what to do. */
import { GradientError } from "@isograd/tensor";
import { allOps, type Op } from "@isograd/tensor/engine";
import { describe, expect, it } from "vitest";
import { ruleOf, setRule } from "../../src/rules/lookup.js";
import { unaryRules } from "../../src/rules/unary.js";

const op = (name: string) => ({ ...(allOps().get("tanh") as unknown as Op), name });

describe("ruleOf", () => {
  it("finds rules by the name of the op, the same each time", () => {
    const tanh = op("tanh");
    expect(ruleOf(tanh)).toBe(unaryRules.tanh);
    expect(ruleOf(tanh)).toBe(unaryRules.tanh);
    expect(ruleOf(op("floor"))).toBe(unaryRules.floor);
  });

  it("prefers the rule that the op was given", () => {
    const mine = op("tanh");
    const rule = () => [null];
    setRule(mine, rule as never);
    expect(ruleOf(mine)).toBe(rule);
    expect(ruleOf(op("tanh"))).toBe(unaryRules.tanh);
    const none = op("a new op without a gradient");
    setRule(none, null);
    expect(ruleOf(none)).toBe(null);
  });

  it("says what to do where there is none", () => {
    let caught: unknown;
    try {
      ruleOf(op("a new op"));
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(GradientError);
    expect((caught as Error).message).toBe(
      "a new op: this op has no derivative rule\n  help: define it with defineOp of " +
        "@isograd/autograd, or wrap its input in stopGradient",
    );
  });
});
