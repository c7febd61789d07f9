/** @file Derivatives of where and clip; comparisons are piecewise constant and have none. */
import { greaterEqual, lessEqual, logicalAnd, where } from "@isograd/tensor";
import type { commonFamilies } from "@isograd/tensor/engine";
import { fromInputs, type RulesFor } from "./rule.js";

export const compareRules: RulesFor<typeof commonFamilies.compare> = {
  equal: null,
  notEqual: null,
  less: null,
  lessEqual: null,
  greater: null,
  greaterEqual: null,
  logicalAnd: null,
  logicalOr: null,
  logicalXor: null,
  where: fromInputs(({ inputs: [condition] }) => [
    null,
    (g) => where(condition, g, 0),
    (g) => where(condition, 0, g),
  ]),
  // d clip(x) = [min ≤ x ≤ max] dx
  clip: fromInputs(({ inputs: [x], attrs: { min, max } }) => [
    (g) => where(logicalAnd(greaterEqual(x, min), lessEqual(x, max)), g, 0),
  ]),
};
