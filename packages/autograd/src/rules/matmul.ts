/** @file Derivative of the matrix product. */
import { matmul } from "@isograd/tensor";
import type { commonFamilies } from "@isograd/tensor/engine";
import { fromInputs, type RulesFor } from "./rule.js";

export const matmulRules: RulesFor<typeof commonFamilies.matmul> = {
  // d(AB) = dA B + A dB
  matmul: fromInputs(({ inputs: [a, b] }) => [(g) => matmul(g, b.mT), (g) => matmul(a.mT, g)]),
};
