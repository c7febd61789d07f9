/** @file Orders are piecewise constant. (sort takes elements by them, which has a derivative.) */
import type { commonFamilies } from "@isograd/tensor/engine";
import type { RulesFor } from "./rule.js";

export const orderingRules: RulesFor<typeof commonFamilies.ordering> = {
  argsort: null,
  searchsorted: null,
};
