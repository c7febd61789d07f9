/** @file Derivatives of reading and adding at indices: each is the other's transpose. */
import { addAlongAxis, segmentSum, take, takeAlongAxis } from "@isograd/tensor";
import type { commonFamilies } from "@isograd/tensor/engine";
import { fromInputs, type RulesFor } from "./rule.js";

export const indexingRules: RulesFor<typeof commonFamilies.indexing> = {
  take: fromInputs(({ inputs: [x, indices], attrs: { axis } }) => [
    (g) => segmentSum(g, indices, x.shape[axis] as number, { axis, fromEnd: true }),
    null,
  ]),
  segmentSum: fromInputs(({ inputs: [, ids], attrs: { axis } }) => [
    (g) => take(g, ids, { axis }),
    null,
  ]),
  indexAdd: fromInputs(({ inputs: [, indices], attrs: { axis } }) => [
    (g) => g,
    null,
    (g) => take(g, indices, { axis }),
  ]),
  takeAlongAxis: fromInputs(({ inputs: [x, indices], attrs: { axis } }) => [
    (g) => addAlongAxis(g, indices, x.shape[axis] as number, { axis }),
    null,
  ]),
  addAlongAxis: fromInputs(({ inputs: [, indices], attrs: { axis } }) => [
    (g) => takeAlongAxis(g, indices, { axis }),
    null,
  ]),
  oneHot: null,
};
