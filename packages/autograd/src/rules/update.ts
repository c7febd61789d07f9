/** @file Steps of optimisers have no gradient; sums of cotangents have. */
import type { commonFamilies } from "@isograd/tensor/engine";
import { linear, type RulesFor } from "./rule.js";

export const updateRules: RulesFor<typeof commonFamilies.update> = {
  adamUpdate: null,
  sgdUpdate: null,
  lerpUpdate: null,
  accumulate: linear(() => [(g) => g, (g) => g]),
};
