/** @file Elementwise ops from their scalar formulas, casts, clipping and choosing. */
import type { DType } from "../../../base/dtype.js";

import type { CastAttrs } from "../../../ops/elementwise/cast.js";
import type { ClipAttrs } from "../../../ops/elementwise/compare.js";
import type { LerpAttrs } from "../../../ops/update.js";
import type { Formula } from "../fusion/expression.js";
import { formulas } from "./formulas.js";

/** The formula of an op for operands of some dtypes. */
export type FormulaOf = (attrs: unknown, dtypes: readonly DType[]) => Formula;

const fixed =
  (body: string): FormulaOf =>
  () => ({ body });

/** The largest float below 2³¹ stands for 2³¹ − 1. */
const CASTS = {
  int32: `
    if (x > 2147483520.0) { return 2147483520.0; }
    if (x < -2147483648.0) { return -2147483648.0; }
    return x > 0.0 ? Math.floor(x) : (x < 0.0 ? Math.ceil(x) : 0.0);`,
  bool: "return x === 0.0 ? 0.0 : 1.0;",
} as const;

function cast(attrs: unknown, [from]: readonly DType[]): Formula {
  const { dtype } = attrs as CastAttrs;
  const narrows = dtype === "bool" || (dtype === "int32" && from !== "bool");
  return { body: narrows ? CASTS[dtype] : "return x;" };
}

/** Ops of this file that read permuted and repeated operands where they lie. */
export const elementwise: Readonly<Record<string, FormulaOf>> = {
  cast,
  // whole numbers: all but ±1 are rounded to 0 where the exponent is negative
  pow: (_, [dtype]) => {
    const whole = "if (y < 0.0 && Math.abs(x) !== 1.0) { return 0.0; }";
    return { body: `${dtype === "int32" ? whole : ""}${formulas.pow}` };
  },
  clip: (attrs) => {
    const { min, max } = attrs as ClipAttrs;
    const body = "return x < low ? low : (x > high ? high : x);";
    return { body, numbers: { low: min, high: max } };
  },
  where: fixed("return x > 0.0 ? y : z;"),
  accumulate: fixed("return x + y;"),
  lerpUpdate: (attrs) => {
    const { weight } = attrs as LerpAttrs;
    return { body: "return x + weight * (y - x);", numbers: { weight } };
  },
};
