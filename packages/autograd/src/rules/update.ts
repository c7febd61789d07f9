/** @file The derivative of sums of cotangents. */
import type { commonFamilies } from "@isograd/tensor/engine";
import { linear, type RulesFor } from "./rule.js";

export const updateRules: RulesFor<typeof commonFamilies.update> = {
  accumulate: linear(() => [(g) => g, (g) => g]),
};
