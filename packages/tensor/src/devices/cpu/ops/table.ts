/** @file The table of kernels: by family, each by the names of its ops. */
import type { families } from "../../../ops/registry.js";
import type { KernelsFor } from "../opKernel.js";
import { binary, compare } from "./broadcasting.js";
import { convolution } from "./convolution.js";
import { cast, unary } from "./elementwise.js";
import { indexing } from "./indexing.js";
import { matmul } from "./matmul.js";
import { movement } from "./movement.js";
import { normalize } from "./normalize.js";
import { reduce } from "./reduce.js";
import { slopes } from "./slopes.js";
import { update } from "./update.js";

type Families = typeof families;

export const kernels: { readonly [F in keyof Families]?: KernelsFor<Families[F]> } = {
  unary,
  binary,
  cast,
  compare,
  convolution,
  indexing,
  matmul,
  movement,
  normalize,
  reduce,
  slopes,
  update,
};
