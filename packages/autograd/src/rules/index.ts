/**
 * @file The rules of all ops of the common families; a missing one is a type error. Other ops have
 * their rule as `op.rule`.
 */
import type { commonFamilies } from "@isograd/tensor/engine";
import { binaryRules } from "./binary.js";
import { bitsRules } from "./bits.js";
import { castRules } from "./cast.js";
import { compareRules } from "./compare.js";
import { indexingRules } from "./indexing.js";
import { matmulRules } from "./matmul.js";
import { movementRules } from "./movement.js";
import { normalizeRules } from "./normalize.js";
import { orderingRules } from "./ordering.js";
import { reduceRules } from "./reduce.js";
import type { RulesFor } from "./rule.js";
import { slopesRules } from "./slopes.js";
import { unaryRules } from "./unary.js";
import { updateRules } from "./update.js";

type Common = typeof commonFamilies;

export const rules: { readonly [K in keyof Common]: RulesFor<Common[K]> } = {
  unary: unaryRules,
  binary: binaryRules,
  bits: bitsRules,
  cast: castRules,
  compare: compareRules,
  indexing: indexingRules,
  matmul: matmulRules,
  movement: movementRules,
  normalize: normalizeRules,
  ordering: orderingRules,
  reduce: reduceRules,
  slopes: slopesRules,
  update: updateRules,
};
