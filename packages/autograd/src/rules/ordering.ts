/**
 * @file Orders are piecewise constant: sorting gets its derivative from taking at the places found.
 */
import type { commonFamilies } from "@isograd/tensor/engine";
import type { RulesFor } from "./rule.js";

export const orderingRules: RulesFor<typeof commonFamilies.ordering> = {
  argsort: null,
  searchsorted: null,
};
