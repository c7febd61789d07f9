/** @file Every op by family: what checks and tables are made from. @internal */
import type { Op } from "../core/contract.js";
import { commonFamilies, opsOf } from "./families.js";
import * as fourier from "./fft/dft.js";
import { cumulativeArgmax } from "./index/running.js";
import * as writing from "./index/scatter.js";
import * as linalg from "./linalg/family.js";

/** The families, each under the name of its file. */
export const families = {
  ...commonFamilies,
  fourier,
  linalg,
  scatter: { cumulativeArgmax, ...writing },
} as const;

/** All ops by name. */
export function allOps(): ReadonlyMap<string, Op> {
  return opsOf(families);
}
