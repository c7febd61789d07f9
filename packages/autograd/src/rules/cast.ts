/** @file Derivative of a change of dtype between floats. */
import { cast } from "@isograd/tensor";
import { type commonFamilies, isFloat } from "@isograd/tensor/engine";
import { linear, type RulesFor } from "./rule.js";

export const castRules: RulesFor<typeof commonFamilies.cast> = {
  cast: linear(({ inputs: [x] }) => [(g) => (isFloat(x.dtype) ? cast(g, x.dtype) : null)]),
};
