/** @file What an op costs to add: two files edited by hand, its tests apart. */
import { expect, test } from "vitest";
import { added, expectFormula, RULE } from "./added.js";

test("a plain op is two files: the op and its derivative", async () => {
  const { folder, byHand, errors } = added(["--rule", RULE]);
  expect(errors).toBe("");
  expect(byHand).toEqual(["autograd/src/rules/unary.ts", "tensor/src/ops/elementwise/unary.ts"]);
  await expectFormula(folder, "float64", 14);
}, 120_000);
