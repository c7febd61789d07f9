/** @file Derivatives of Fourier transforms: they are linear, and the transpose of each is another one. */
import { dft, type families, realDft, realDftTransposed } from "@isograd/tensor/engine";
import { linear, type RulesFor } from "./rule.js";

export const fourierRules: RulesFor<typeof families.fourier> = {
  // the transpose of Re and Im of F is that of its conjugate
  dft: linear(({ attrs: { inverse } }) => [(g) => dft(g, !inverse)]),
  realDft: linear(({ inputs: [x] }) => [(g) => realDftTransposed(g, x.shape.at(-1) as number)]),
  realDftTransposed: linear(() => [(g) => realDft(g)]),
};
