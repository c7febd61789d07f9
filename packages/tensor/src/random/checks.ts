/** @file What the methods of a generator demand of their arguments. */
import { checkDType, checkNumber, type DType, isFloat } from "../base/dtype.js";
import { DTypeError, UsageError } from "../base/errors.js";
import { shown } from "../base/options.js";
import { checkShape } from "../base/shape.js";
import type { TensorOptions } from "../core/creation.js";

/** The options of a call, the generator's where it has none. */
export function floats(op: string, where: TensorOptions, own: TensorOptions): Place {
  const dtype = where.dtype ?? own.dtype ?? "float32";
  if (!isFloat(dtype)) {
    throw new DTypeError(op, `makes float32 or float64, not ${shown(dtype)}`, "cast the result");
  }
  return { dtype, device: where.device ?? own.device };
}

/** The same for whole numbers: any dtype but bool, which has two of them. */
export function wholes(op: string, where: TensorOptions, own: TensorOptions): Place {
  const { dtype = "int32", device = own.device } = where;
  checkDType(op, dtype);
  if (dtype !== "bool") return { dtype, device };
  throw new DTypeError(op, "makes whole numbers, not bool", "use bernoulli, or compare the result");
}

/** As what, and where, a tensor is made. */
export interface Place {
  readonly dtype: DType;
  readonly device: string | undefined;
}

/** Throws unless both are lengths, and the numbers below the first are int32. */
export function checkSizes(op: string, n: number, k: number): void {
  checkShape(op, [n]);
  checkShape(op, [k]);
  checkNumber(op, n, "int32");
}

export function checkSpan(op: string, span: number): void {
  if (!Number.isInteger(span) || span < 1 || span > 2 ** 32) {
    throw new UsageError(
      op,
      `needs a range of 1 … 2³² numbers: got ${shown(span)}`,
      "give a whole number, above low",
    );
  }
}

/** Throws unless a parameter is a finite number above 0. */
export function checkPositive(op: string, name: string, x: unknown): asserts x is number {
  if (typeof x === "number" && x > 0 && x < Infinity) return;
  const help = `write { ${name}: 2 }`;
  throw new UsageError(op, `${name} is a finite number above 0: got ${shown(x)}`, help);
}

/** Throws unless a parameter is a finite number. */
export function checkFinite(op: string, name: string, x: number): void {
  if (Number.isFinite(x)) return;
  throw new UsageError(op, `${name} is a finite number: got ${x}`, "leave it out for its default");
}
