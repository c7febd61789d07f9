/** @file Elementwise ops whose formula depends on attributes or dtypes, and those with few uses. */
import type { DType } from "../../../base/dtype.js";
import type { Inputs, Op } from "../../../core/contract.js";
import type { families } from "../../../nets/registry.js";
import type { OpNames } from "../../../ops/families.js";
import type { sincSlope } from "../../../ops/special/sinc.js";
import type { Formula } from "../cell.js";
import { formulas } from "./formulas.js";
import { polygammaText, sincSlopeText } from "./special.js";

/** Makes the formula of an op from its attributes and the dtypes of its operands. */
export type FormulaOf<P = unknown> = {
  make(attrs: P, dtypes: readonly DType[]): Formula;
}["make"];

type FormulaFor<F> = F extends { readonly op: Op<infer _A extends Inputs, infer P> }
  ? FormulaOf<P>
  : never;
/** Formulas for ops of a family, by their names. */
type FormulasFor<M> = { readonly [K in OpNames<M>]?: FormulaFor<M[K]> };

/** The largest float below 2³¹ stands for 2³¹ − 1. */
const CASTS = {
  int32: `
    if (x > 2147483520.0) { return 2147483520.0; }
    if (x < -2147483648.0) { return -2147483648.0; }
    return x > 0.0 ? Math.floor(x) : (x < 0.0 ? Math.ceil(x) : 0.0);`,
  bool: "return x === 0.0 ? 0.0 : 1.0;",
} as const;

export const casting: FormulasFor<typeof families.cast> = {
  cast({ dtype }, [from]) {
    const narrows = dtype === "bool" || (dtype === "int32" && from !== "bool");
    return { body: narrows ? CASTS[dtype] : "return x;" };
  },
};

export const powers: FormulasFor<typeof families.binary> = {
  // a negative power of an integer other than ±1 is rounded to 0
  pow(_, [dtype]) {
    const whole = "if (y < 0.0 && Math.abs(x) !== 1.0) { return 0.0; }";
    return { body: `${dtype === "int32" ? whole : ""}${formulas.pow}` };
  },
};

export const choosing: FormulasFor<typeof families.compare> = {
  clip({ min, max }) {
    const body = "return x < low ? low : (x > high ? high : x);";
    return { body, numbers: { low: min, high: max } };
  },
  // a condition that is not known gives NaN
  where: () => ({ body: "return x > 0.0 ? y : (x <= 0.0 ? z : x);" }),
};

export const updating: FormulasFor<typeof families.update> = {
  accumulate: () => ({ body: "return x + y;" }),
  lerpUpdate({ weight }) {
    return { body: "return x + weight * (y - x);", numbers: { weight } };
  },
};

export const ordered: FormulasFor<typeof families.special> = {
  polygamma: ({ order }) => ({ body: polygammaText(order) }),
};

export const ofSinc: FormulaFor<typeof sincSlope> = ({ order }) => ({ body: sincSlopeText(order) });
