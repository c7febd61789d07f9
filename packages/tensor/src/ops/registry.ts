/** @file All ops by family, for checks and tables. @internal */
import type { Op } from "../core/contract.js";
import { commonFamilies, opsOf } from "./families.js";
import * as fourier from "./fft/dft.js";
import { cumulativeArgmax } from "./index/running.js";
import * as writing from "./index/scatter.js";
import * as linalg from "./linalg/family.js";
import * as standardize from "./normalize/standardize.js";
import * as special from "./special/family.js";
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
  update,
  special,
} as const;

/** All ops by name. */
export function allOps(): ReadonlyMap<string, Op> {
  const ops = Object.values(families).flatMap(opsOf);
  return new Map(ops.map(([, op]) => [op.name, op]));
}
