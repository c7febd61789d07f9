/** @file All ops by family, for checks and tables. @internal */
import type { Op } from "../core/contract.js";
import { accumulate } from "../ops/accumulate.js";
import { commonFamilies, opsOf } from "../ops/families.js";
import * as fourier from "../ops/fft/dft.js";
import { cumulativeArgmax } from "../ops/index/running.js";
import * as writing from "../ops/index/scatter.js";
import * as linalg from "../ops/linalg/family.js";
import * as special from "../ops/special/family.js";
import * as standardize from "./standardize.js";
import * as update from "./update.js";
import * as convolution from "./window/unfold.js";

/** All families by name. */
export const families = {
  ...commonFamilies,
  convolution,
  fourier,
  linalg,
  normalize: { ...commonFamilies.normalize, ...standardize },
  scatter: { cumulativeArgmax, ...writing },
  special,
  update: { accumulate, ...update },
} as const;

/** All ops by name. */
export function allOps(): ReadonlyMap<string, Op> {
  const ops = Object.values(families).flatMap(opsOf);
  return new Map(ops.map(([, op]) => [op.name, op]));
}
