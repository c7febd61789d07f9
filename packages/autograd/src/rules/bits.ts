/** @file Bitwise functions are piecewise constant and have no derivatives. */
import type { commonFamilies } from "@isograd/tensor/engine";
import type { RulesFor } from "./rule.js";

export const bitsRules: RulesFor<typeof commonFamilies.bits> = {
  bitwiseAnd: null,
  bitwiseOr: null,
  bitwiseXor: null,
  bitwiseLeftShift: null,
  bitwiseRightShift: null,
};
