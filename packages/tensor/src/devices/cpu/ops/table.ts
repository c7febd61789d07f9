/** @file The table of kernels: by family, each by the names of its ops. */
import type { commonFamilies } from "../../../ops/families.js";
import type { KernelsFor } from "../opKernel.js";
import { binary, compare } from "./broadcasting.js";
import { cast, unary } from "./elementwise.js";
import { indexing } from "./indexing.js";
import { matmul } from "./matmul.js";
import { movement } from "./movement.js";
import { normalize } from "./normalize.js";
import { reduce } from "./reduce.js";
import { slopes } from "./slopes.js";
import { update } from "./update.js";

type Common = typeof commonFamilies;

export const kernels: { readonly [F in keyof Common]?: KernelsFor<Common[F]> } = {
  unary,
  binary,
  cast,
  compare,
  indexing,
  matmul,
  movement,
  normalize,
  reduce,
  slopes,
  update,
};
