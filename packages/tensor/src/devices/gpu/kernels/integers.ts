/**
 * @file int32 on a GPU that stores floats: floats may not have an integer beyond ±2²⁴, so kernels
 * make results that reach it NaN, ops pass NaN on, and a read refuses it.
 */
import type { DType } from "../../../base/dtype.js";
import type { Formula } from "../cell.js";
import { EXACT } from "../gpujs/source.js";

/** Whether a result is exact: 2²⁴ + 1 would be rounded to 2²⁴, so that is not held either. */
const held = (v: string): string => `${v} < ${EXACT}.0 && ${v} > -${EXACT}.0`;
/** Whether an operand is an integer that every op takes as it is. */
const known = (v: string): string => `${v} <= ${EXACT}.0 && ${v} >= -${EXACT}.0`;
/** NaN, computed at run time. */
const unknown = (v: string): string => `(${v} - ${v}) / (${v} - ${v})`;

/** `v`, or NaN where it reaches ±2²⁴; in JavaScript and in GLSL. */
export const heldOr = (v: string): string => `(${held(v)}) ? ${v} : ${unknown("v")}`;

/** A statement that returns NaN when an integer sum reaches ±2²⁴; none for floats. */
export const checkSum = (dtype: DType, sum: string): string =>
  dtype === "int32" ? `if (!(${held(sum)})) { return ${unknown(sum)}; }` : "";

/** Replaces integers that reach ±2²⁴ by NaN. */
export const HOLD: Formula = { body: `return ${held("x")} ? x : ${unknown("x")};` };

/** Ops whose integers are no larger than their operands, at all sizes that floats have. */
const KEEPS = new Set(
  "contiguous cast neg abs sign floor ceil round trunc relu clip where maximum minimum".split(" "),
);

/** Its results have no more digits than a float: those of the operand, and zeros. */
const SHIFT = "bitwiseLeftShift";

const NAMES = ["x", "y", "z"] as const;

/** The formula of an op that gives NaN where an operand is an integer that is not known. */
export function guarded(
  op: string,
  formula: Formula,
  operands: readonly DType[],
  result: DType,
): { readonly formula: Formula; readonly grows: boolean } {
  const grows = result === "int32" && op !== SHIFT && !KEEPS.has(op);
  if (!(grows || op === SHIFT || result === "bool")) return { formula, grows };
  const tests = operands.flatMap((dtype, i) => {
    const name = NAMES[i] as string;
    if (grows && dtype === "int32") return [`if (!(${known(name)})) { return ${unknown(name)}; }`];
    return dtype === "float32"
      ? []
      : [`if (!(${name} >= 0.0 || ${name} < 0.0)) { return ${name}; }`];
  });
  return { formula: { ...formula, body: `${tests.join("\n")}${formula.body}` }, grows };
}
