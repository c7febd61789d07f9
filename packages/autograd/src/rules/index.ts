/** @file The table of rules, complete by type: one for every op of every family. */
import type { families } from "@isograd/tensor/engine";
import { binaryRules } from "./binary.js";
import { bitsRules } from "./bits.js";
import { castRules } from "./cast.js";
import { compareRules } from "./compare.js";
import { convolutionRules } from "./convolution.js";
import { fourierRules } from "./fourier.js";
import { indexingRules } from "./indexing.js";
import { linalgRules } from "./linalg.js";
import { matmulRules } from "./matmul.js";
import { movementRules } from "./movement.js";
import { normalizeRules } from "./normalize.js";
import { orderingRules } from "./ordering.js";
import { reduceRules } from "./reduce.js";
import type { RulesFor } from "./rule.js";
import { scatterRules } from "./scatter.js";
import { slopesRules } from "./slopes.js";
import { unaryRules } from "./unary.js";
import { updateRules } from "./update.js";

export const rules: { readonly [K in keyof typeof families]: RulesFor<(typeof families)[K]> } = {
  unary: unaryRules,
  binary: binaryRules,
  bits: bitsRules,
  cast: castRules,
  compare: compareRules,
  convolution: convolutionRules,
  fourier: fourierRules,
  indexing: indexingRules,
  linalg: linalgRules,
  matmul: matmulRules,
  movement: movementRules,
  normalize: normalizeRules,
  ordering: orderingRules,
  reduce: reduceRules,
  scatter: scatterRules,
  slopes: slopesRules,
  update: updateRules,
};
