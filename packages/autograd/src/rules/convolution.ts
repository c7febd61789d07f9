/** @file Derivatives of sliding windows: unfold and fold are each other's transpose. */
import { type commonFamilies, fold, unfold } from "@isograd/tensor/engine";
import { linear, type RulesFor } from "./rule.js";

export const convolutionRules: RulesFor<typeof commonFamilies.convolution> = {
  unfold: linear(({ inputs: [x], attrs: { windows } }) => [
    (g) => fold(g, { windows, size: x.shape.slice(2) as [number, number] }),
  ]),
  fold: linear(({ attrs: { windows } }) => [(g) => unfold(g, { windows, value: 0 })]),
};
