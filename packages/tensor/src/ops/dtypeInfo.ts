/**
 * @file Questions about dtypes: their limits, kinds, and what results of several have. Pure
 * arithmetic.
 */
import { checkDType, type DType, dtypes, isFloat, promoteTypes } from "../base/dtype.js";
import { DTypeError } from "../base/errors.js";
import { noMore, shown } from "../base/options.js";
import { kindOf } from "../core/expect.js";
import { Tensor } from "../core/tensor.js";

/** Limits of a float dtype. */
export interface FloatInfo {
  readonly dtype: DType;
  readonly bits: number;
  /** The distance from 1 to the next number. */
  readonly eps: number;
  readonly max: number;
  readonly min: number;
  /** The smallest positive number of full precision. */
  readonly smallestNormal: number;
}

/** Limits of an integer dtype. */
export interface IntegerInfo {
  readonly dtype: DType;
  readonly bits: number;
  readonly max: number;
  readonly min: number;
}

/** Kinds of dtypes, as the array API standard names them. */
export type DTypeKind =
  | "bool"
  | "signed integer"
  | "unsigned integer"
  | "integral"
  | "real floating"
  | "complex floating"
  | "numeric";

const KINDS: Readonly<Record<DTypeKind, readonly DType[]>> = {
  bool: ["bool"],
  "signed integer": ["int32"],
  "unsigned integer": [],
  integral: ["int32"],
  "real floating": ["float32", "float64"],
  "complex floating": [],
  numeric: ["int32", "float32", "float64"],
};

const isKind = (x: string): x is DTypeKind => Object.hasOwn(KINDS, x);
/** The dtype of a tensor, or the one that is given by name. */
function dtypeOf(op: string, x: Tensor | DType): DType {
  if (x instanceof Tensor) return x.dtype;
  checkDType(op, x);
  return x;
}

/**
 * Limits of float32 or float64 (or of the dtype of a tensor).
 *
 * @throws DTypeError for other dtypes.
 * @example
 * finfo("float64").eps; // 2.220446049250313e-16
 */
export function finfo(x: Tensor | DType, ...surplus: []): FloatInfo {
  noMore("finfo", surplus, true);
  const dtype = dtypeOf("finfo", x);
  if (!isFloat(dtype)) {
    throw new DTypeError("finfo", `${dtype} is no float`, "use float32 or float64");
  }
  const [bits, digits, top] = dtype === "float32" ? [32, 23, 127] : [64, 52, 1023];
  const max = (2 - 2 ** -digits) * 2 ** top;
  return { dtype, bits, eps: 2 ** -digits, max, min: -max, smallestNormal: 2 ** (1 - top) };
}

/**
 * Limits of int32.
 *
 * @throws DTypeError for other dtypes.
 * @example
 * iinfo("int32").max; // 2147483647
 */
export function iinfo(x: Tensor | DType, ...surplus: []): IntegerInfo {
  noMore("iinfo", surplus, true);
  const dtype = dtypeOf("iinfo", x);
  if (dtype !== "int32") throw new DTypeError("iinfo", `${dtype} is no integer`, "use int32");
  return { dtype, bits: 32, max: 2 ** 31 - 1, min: -(2 ** 31) };
}

/**
 * Whether a dtype is another, or of a kind, or any of several.
 *
 * @throws DTypeError for an unknown dtype.
 * @example
 * isDType("int32", "numeric"); // true
 * isDType("bool", ["real floating", "int32"]); // false
 */
export function isDType(
  dtype: DType,
  kind: DType | DTypeKind | readonly (DType | DTypeKind)[],
  ...surplus: []
): boolean {
  noMore("isDType", surplus, true);
  checkDType("isDType", dtype);
  const kinds = Array.isArray(kind) ? kind : [kind];
  const odd = kinds.find((k) => !isKind(k) && !dtypes.includes(k));
  if (odd !== undefined || kinds.includes(undefined)) {
    const known = [...dtypes, ...Object.keys(KINDS).filter((k) => k !== "bool")].join(", ");
    throw new DTypeError("isDType", `there is no kind ${shown(odd)}`, `choose among ${known}`);
  }
  return kinds.some((k) => k === dtype || (isKind(k) && KINDS[k].includes(dtype)));
}

/**
 * The dtype of a result of these tensors, dtypes and plain numbers. Numbers are weak: they change
 * no float, and make a float32 of integers only when they are not whole.
 *
 * @throws DTypeError when nothing has a dtype.
 * @example
 * resultType("int32", "float32", 2); // float32
 */
export function resultType(...operands: readonly (Tensor | DType | number | boolean)[]): DType {
  const odd = operands.findIndex(
    (x) => !(x instanceof Tensor) && !["string", "number", "boolean"].includes(typeof x),
  );
  if (odd >= 0) {
    const what = kindOf(operands[odd]);
    throw new DTypeError("resultType", `operand ${odd} is ${what}`, "give tensors or dtypes");
  }
  const strong = operands.filter((x) => x instanceof Tensor || typeof x === "string");
  if (strong.length === 0) {
    throw new DTypeError(
      "resultType",
      "no tensor and no dtype is given",
      "numbers alone have none",
    );
  }
  const weak = operands.map((x): DType => {
    if (typeof x !== "number") return "bool";
    return Number.isInteger(x) ? "int32" : "float32";
  });
  return [...strong.map((x) => dtypeOf("resultType", x)), ...weak].reduce(promoteTypes);
}

/**
 * Whether values of one dtype keep their meaning in another: whether promotion of both gives the
 * other.
 *
 * @throws DTypeError for an unknown dtype.
 * @example
 * canCast("float32", "int32"); // false
 */
export function canCast(from: Tensor | DType, to: DType, ...surplus: []): boolean {
  noMore("canCast", surplus, true);
  checkDType("canCast", to);
  return promoteTypes(dtypeOf("canCast", from), to) === to;
}
