/** @file Comparisons, logic on bools, and choosing by a condition. Comparisons have no gradient. */

import { checkNumber, fitsInt32, isFloat, promoteTypes } from "../../base/dtype.js";
import { DTypeError, UsageError } from "../../base/errors.js";
import { given, noMore } from "../../base/options.js";
import { broadcastShapes, broadcastStrides, walkStrides } from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import { expectTensor, kindOf } from "../../core/expect.js";
import { deviceOf } from "../../core/handle.js";
import { defineOp, withOp } from "../../core/op.js";
import { dropping, scope } from "../../core/scope.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";
import { full } from "../creation.js";
import { expectLike } from "../define/checks.js";
import { type BinaryFunction, elementwise2 } from "../define/elementwise.js";
import { numberTensor, pair, withScalar } from "../define/lift.js";
import { copysign, maximum, minimum } from "./binary.js";
import { exactType } from "./cast.js";
import { abs } from "./unary.js";

type Holds = (x: number, y: number) => boolean;

function comparing(name: string, holds: Holds, gpu: string) {
  return elementwise2(name, (x, y) => (holds(x, y) ? 1 : 0), { gpu, dtype: () => "bool" });
}

/** How the integers of int32 compare with a number that int32 does not have. */
interface Bound {
  /** The integer to compare with instead; null where none gives the same answer. */
  readonly round: ((y: number) => number) | null;
  /** The answer for all integers where the number is above them. */
  readonly above: boolean;
  /** The same where it is below them. */
  readonly below: boolean;
}

type Comparison = "equal" | "notEqual" | "less" | "lessEqual" | "greater" | "greaterEqual";

function comparison(name: Comparison, holds: Holds, gpu: string, bound: Bound): BinaryFunction {
  const op = comparing(name, holds, gpu);
  const f = withOp(op, (a: TensorLike, b: TensorLike, surplus?: unknown): Tensor => {
    if (surplus !== undefined) noMore(name, [surplus], true);
    if (a instanceof Tensor && b instanceof Tensor) {
      if (a.dtype === b.dtype) return apply(op, [a, b], undefined);
      return pair(name, a, b, exactType(promoteTypes(a.dtype, b.dtype), [a, b]), (x, y) =>
        apply(op, [x, y], undefined),
      );
    }
    if (typeof b === "number" && a instanceof Tensor) {
      if (isFloat(a.dtype)) return withScalar(op, a, b);
      if (isRough(a, b)) return withBound(a, b, f, bound);
      if (a.dtype === "int32") return withScalar(op, a, b);
    }
    if (typeof a === "number" && b instanceof Tensor && isRough(b, a)) return MIRRORED[name](b, a);
    return pair(name, a, b, "bool", (x, y) => apply(op, [x, y], undefined));
  });
  return f;
}

/** Whether x has integers, and y is no number of int32. */
function isRough(x: Tensor, y: number): boolean {
  return !isFloat(x.dtype) && !(Number.isInteger(y) && fitsInt32(y));
}

// x < y means x < ⌈y⌉ for whole x, and so on: no number has to be rounded to float32.
function withBound(x: Tensor, y: number, f: BinaryFunction, { round, above, below }: Bound) {
  const whole = round === null ? Number.NaN : round(y);
  if (fitsInt32(whole)) return f(x, whole);
  // NaN equals nothing and has no order
  const holds = Number.isNaN(y) ? above && below : y > 0 ? above : below;
  return holds ? equal(x, x) : notEqual(x, x);
}

function logic(name: string, holds: Holds, gpu: string): BinaryFunction {
  const op = comparing(name, holds, gpu);
  const truth = (x: TensorLike) => (typeof x === "number" ? x !== 0 : x);
  return withOp(op, (a: TensorLike, b: TensorLike, surplus?: unknown): Tensor => {
    if (surplus !== undefined) noMore(name, [surplus], true);
    if (a instanceof Tensor && b instanceof Tensor && a.dtype === b.dtype) {
      return apply(op, [a, b], undefined);
    }
    return pair(name, truth(a), truth(b), "bool", (x, y) => apply(op, [x, y], undefined));
  });
}

/** Where `a = b`. NaN equals nothing. */
export const equal = comparison("equal", (x, y) => x === y, "return x === y ? 1.0 : 0.0;", {
  round: null,
  above: false,
  below: false,
});
/** Where `a ≠ b`. */
export const notEqual = comparison("notEqual", (x, y) => x !== y, "return x === y ? 0.0 : 1.0;", {
  round: null,
  above: true,
  below: true,
});
/**
 * Where `a < b`. Whole numbers compare by their exact values, with numbers of any size and tensors
 * of floats.
 */
export const less = comparison("less", (x, y) => x < y, "return x < y ? 1.0 : 0.0;", {
  round: Math.ceil,
  above: true,
  below: false,
});
/** Where `a ≤ b`. */
export const lessEqual = comparison("lessEqual", (x, y) => x <= y, "return x <= y ? 1.0 : 0.0;", {
  round: Math.floor,
  above: true,
  below: false,
});
/** Where `a > b`. */
export const greater = comparison("greater", (x, y) => x > y, "return x > y ? 1.0 : 0.0;", {
  round: Math.floor,
  above: false,
  below: true,
});
/** Where `a ≥ b`. */
export const greaterEqual = comparison(
  "greaterEqual",
  (x, y) => x >= y,
  "return x >= y ? 1.0 : 0.0;",
  { round: Math.ceil, above: false, below: true },
);
/** Each comparison with its operands swapped. */
const MIRRORED: Readonly<Record<Comparison, BinaryFunction>> = {
  equal,
  notEqual,
  less: greater,
  lessEqual: greaterEqual,
  greater: less,
  greaterEqual: lessEqual,
};

/** Where both are non-zero. */
export const logicalAnd = logic(
  "logicalAnd",
  (x, y) => x !== 0 && y !== 0,
  "return x === 0.0 || y === 0.0 ? 0.0 : 1.0;",
);
/** Where either is non-zero. */
export const logicalOr = logic(
  "logicalOr",
  (x, y) => x !== 0 || y !== 0,
  "return x === 0.0 && y === 0.0 ? 0.0 : 1.0;",
);
/** Where exactly one is non-zero. */
export const logicalXor = logic(
  "logicalXor",
  (x, y) => (x !== 0) !== (y !== 0),
  "return x === 0.0 ? (y === 0.0 ? 0.0 : 1.0) : (y === 0.0 ? 1.0 : 0.0);",
);

/** Where x is 0. */
export function logicalNot(x: TensorLike, ...surplus: []): Tensor {
  noMore("logicalNot", surplus, true);
  expectLike("logicalNot", x);
  return equal(x, 0);
}

/** Where x is NaN. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the array API's name
export function isNaN(x: Tensor, ...surplus: []): Tensor {
  expectTensor("isNaN", x, surplus);
  return notEqual(x, x);
}

/** Where x is neither NaN nor infinite. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the array API's name
export function isFinite(x: Tensor, ...surplus: []): Tensor {
  expectTensor("isFinite", x, surplus);
  return dropping(abs(x), (size) => less(size, Number.POSITIVE_INFINITY));
}

/**
 * Where x is infinite.
 *
 * @example
 * isInf(tensor([1, -Infinity, NaN])).toArray(); // [false,true,false]
 */
export function isInf(x: Tensor, ...surplus: []): Tensor {
  expectTensor("isInf", x, surplus);
  return scope(() => equal(abs(x), Number.POSITIVE_INFINITY));
}

/**
 * Where x is negative, −0 included.
 *
 * @example
 * signbit(tensor([1, -1, -0])).toArray(); // [false,true,true]
 */
export function signbit(x: Tensor, ...surplus: []): Tensor {
  expectTensor("signbit", x, surplus);
  return scope(() => less(copysign(1, x), 0));
}

const whereOp = defineOp<readonly [Tensor, Tensor, Tensor]>({
  name: "where",
  infer([condition, x, y]) {
    const shape = broadcastShapes("where", x.shape, y.shape);
    return { shape: broadcastShapes("where", condition.shape, shape), dtype: x.dtype };
  },
  reference([c, x, y], _, out) {
    const strides = [c, x, y].map((v) => broadcastStrides(v.shape, out.shape));
    walkStrides(out.shape, strides, (k, [i, j, l]) => {
      out.data[k] = (c.data[i as number] ? x.data[j as number] : y.data[l as number]) as number;
    });
  },
});

/**
 * `x` where the condition holds, else `y`; all three broadcast.
 *
 * @noMethod
 *
 * @throws DTypeError unless the condition is a bool tensor.
 * @example
 * where(tensor([true, false]), 1, 2).toString(); // Tensor(float32, [2]) [1, 2]
 */
export const where = withOp(
  whereOp,
  (condition: Tensor, x: TensorLike, y: TensorLike, ...surplus: []): Tensor => {
    expectTensor("where", condition, surplus);
    if (condition.dtype !== "bool") {
      throw new DTypeError(
        "where",
        `the condition is ${condition.dtype}, not bool`,
        "compare first, for example greater(x, 0)",
      );
    }
    if (x instanceof Tensor && typeof y === "number" && isFloat(x.dtype)) {
      const number = numberTensor("where", y, x.dtype, deviceOf(x));
      return dropping(number, (other) => apply(whereOp, [condition, x, other], undefined));
    }
    for (const v of [x, y]) expectLike("where", v);
    const number = (v: TensorLike) =>
      v instanceof Tensor ? v : typeof v === "boolean" ? v : convertWeak(v, condition, x, y);
    const run = () =>
      pair("where", number(x), number(y), "bool", (a, b) =>
        apply(whereOp, [condition, a, b], undefined),
      );
    return x instanceof Tensor || y instanceof Tensor ? run() : scope(run);
  },
);

// Two plain numbers have no tensor to take their dtype from: they become float32, on the device of
// the condition.
function convertWeak(v: number, condition: Tensor, x: TensorLike, y: TensorLike): TensorLike {
  if (x instanceof Tensor || y instanceof Tensor) return v;
  return full([], v, { device: condition.device });
}

/** @internal */
export interface ClipAttrs {
  readonly min: number;
  readonly max: number;
}

const clipOp = defineOp<readonly [Tensor], ClipAttrs>({
  name: "clip",
  infer: ([x]) => x,
  reference([x], { min, max }, out) {
    const from = x.data;
    for (let i = 0; i < from.length; i++)
      out.data[i] = Math.min(Math.max(from[i] as number, min), max);
  },
});

/** Whether integers keep their dtype: the bound is a whole number of int32, or infinite. */
function keepsDType(x: Tensor, bound: number, none: number): boolean {
  if (bound === none) return true;
  if (!Number.isInteger(bound)) return false;
  checkNumber("clip", bound, "int32");
  return x.dtype === "int32";
}

/** Limits: numbers, or tensors that broadcast with what they limit. */
export interface ClipBounds {
  readonly min?: TensorLike | undefined;
  readonly max?: TensorLike | undefined;
}

/**
 * `x` limited to [min, max]; either bound may be left out. The gradient passes where x is inside or
 * on a bound. Bounds that are tensors broadcast, and share the gradient with x where they are
 * equal. Bounds that are not whole turn integers into floats, as in arithmetic.
 *
 * @throws DTypeError for bounds that are neither tensors nor numbers, and for whole bounds of int32
 * that are out of its range; ShapeError when they do not broadcast.
 * @example
 * clip(tensor([-2, 0.5, 2]), { min: 0, max: 1 }).toString(); // Tensor(float32, [3]) [0, 0.5, 1]
 */
export const clip = withOp(clipOp, (x: Tensor, bounds: ClipBounds, ...surplus: []): Tensor => {
  expectTensor("clip", x, surplus);
  if (typeof bounds !== "object" || bounds === null || Array.isArray(bounds)) {
    throw new UsageError("clip", `the bounds are ${kindOf(bounds)}`, "write { min: 0, max: 1 }");
  }
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = given(
    "clip",
    bounds,
    "min max",
  );
  if (typeof min === "number" && typeof max === "number") {
    if (isFloat(x.dtype)) return apply(clipOp, [x], { min, max });
    const stays = keepsDType(x, min, Number.NEGATIVE_INFINITY);
    if (stays && keepsDType(x, max, Number.POSITIVE_INFINITY)) {
      return apply(clipOp, [x], { min, max });
    }
  }
  for (const bound of [min, max]) {
    expectLike("clip", bound);
    if (bound instanceof Tensor) broadcastShapes("clip", x.shape, bound.shape);
  }
  return scope(() => {
    const raised = bounds.min === undefined ? x : maximum(x, min);
    return bounds.max === undefined ? raised : minimum(raised, max);
  });
});
