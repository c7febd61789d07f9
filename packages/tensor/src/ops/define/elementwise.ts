/**
 * @file Builders of elementwise ops: shape and dtype rules, number lifting, and the plain loop.
 * @internal
 */

import { checkNumber, type DType, isFloat, promoteTypes } from "../../base/dtype.js";
import { DTypeError, ShapeError } from "../../base/errors.js";
import {
  broadcastShapes,
  broadcastStrides,
  formatShape,
  shapesEqual,
  walkStrides,
} from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import type { Device, Op, OpFunction, Samples, View } from "../../core/contract.js";
import { fromNumber } from "../../core/creation.js";
import { expectTensor, kindOf } from "../../core/expect.js";
import { deviceOf } from "../../core/handle.js";
import { defineOp, withOp } from "../../core/op.js";
import { getDevice } from "../../core/registry.js";
import { dispose } from "../../core/scope.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";

import { castTo } from "../elementwise/cast.js";

/** What elementwise families are told about one member. */
export interface Elementwise<F> {
  readonly scalar: F;
  /** The same of int32, where doubles would lose the low bits. */
  readonly whole?: F | undefined;
  /** GPU.js body over x (and y); absent where `Math` of the drivers will do as the scalar reads. */
  readonly gpu?: string | undefined;
  readonly samples?: Samples | undefined;
  /** "float": integers become float32 first. "same": the dtype stays. */
  readonly on?: "float" | "same" | undefined;
}

export type UnaryFunction = OpFunction<(x: TensorLike) => Tensor, readonly [Tensor], undefined>;
export type BinaryFunction = OpFunction<
  (a: TensorLike, b: TensorLike) => Tensor,
  readonly [Tensor, Tensor],
  undefined
>;

/** An elementwise function of one tensor. */
export function unary(name: string, what: Elementwise<(x: number) => number>): UnaryFunction {
  const { scalar, whole = scalar, gpu, samples = { from: -2, to: 2 }, on = "float" } = what;
  const op = defineOp<readonly [Tensor]>({
    name,
    infer: ([x]) => x,
    reference([x], _, out) {
      const from = (x as View).data;
      const to = out.data;
      const f = out.dtype === "int32" ? whole : scalar;
      for (let i = 0; i < to.length; i++) to[i] = f(from[i] as number);
    },
    scalar,
    kernels: { gpu },
    samples,
  });
  return withOp(op, (x: TensorLike): Tensor => {
    if (x instanceof Tensor && isFloat(x.dtype)) return apply(op, [x], undefined);
    return lifted(name, x, (t) => {
      const wanted =
        on === "float" ? promoteTypes(t.dtype, "float32") : promoteTypes(t.dtype, "int32");
      return converted(t, wanted, (c) => apply(op, [c], undefined));
    });
  });
}

/** An elementwise function of two tensors, broadcasting and promoting dtypes. */
export function binary(
  name: string,
  what: Elementwise<(x: number, y: number) => number>,
): BinaryFunction {
  const { scalar, whole, gpu, samples = { from: -2, to: 2 }, on = "same" } = what;
  const op = elementwise2(name, scalar, { whole, gpu, samples, dtype: (dtype) => dtype });
  const least: DType = on === "float" ? "float32" : "int32";
  return withOp(op, (a: TensorLike, b: TensorLike): Tensor => {
    if (a instanceof Tensor && isFloat(a.dtype)) {
      if (b instanceof Tensor && a.dtype === b.dtype) return apply(op, [a, b], undefined);
      if (typeof b === "number") return withScalar(op, a, b);
    } else if (a instanceof Tensor && a.dtype === least && Number.isInteger(b)) {
      return withScalar(op, a, b as number);
    }
    return pair(name, a, b, least, (x, y) => apply(op, [x, y], undefined));
  });
}

/** `op` of a tensor and a number, which takes its dtype. */
export function withScalar(
  op: Op<readonly [Tensor, Tensor], undefined>,
  a: Tensor,
  b: number,
): Tensor {
  const y = numberTensor(op.name, b, a.dtype, deviceOf(a));
  try {
    return apply(op, [a, y], undefined);
  } finally {
    dispose(y);
  }
}

/** The op of a broadcasting function of two tensors of one dtype. */
export function elementwise2(
  name: string,
  scalar: (x: number, y: number) => number,
  more: {
    whole?: ((x: number, y: number) => number) | undefined;
    gpu?: string | undefined;
    samples?: Samples | undefined;
    dtype: (dtype: DType) => DType;
  },
): Op<readonly [Tensor, Tensor], undefined> {
  return defineOp<readonly [Tensor, Tensor]>({
    name,
    infer([a, b]) {
      if (a.dtype === b.dtype && shapesEqual(a.shape, b.shape)) {
        return more.dtype(a.dtype) === a.dtype ? a : { shape: a.shape, dtype: more.dtype(a.dtype) };
      }
      return { shape: broadcastShapes(name, a.shape, b.shape), dtype: more.dtype(a.dtype) };
    },
    reference([a, b], _, out) {
      const { whole = scalar } = more;
      zip(out.dtype === "int32" ? whole : scalar, a as View, b as View, out);
    },
    scalar,
    kernels: { gpu: more.gpu },
    samples: more.samples,
  });
}

/** `out[i] = f(a[i], b[i])` with both operands stretched to the shape of `out`. */
function zip(f: (x: number, y: number) => number, a: View, b: View, out: View): void {
  const to = out.data;
  if (shapesEqual(a.shape, out.shape) && shapesEqual(b.shape, out.shape)) {
    for (let i = 0; i < to.length; i++) to[i] = f(a.data[i] as number, b.data[i] as number);
    return;
  }
  const sa = broadcastStrides(a.shape, out.shape);
  const sb = broadcastStrides(b.shape, out.shape);
  walkStrides(out.shape, [sa, sb], (k, [i, j]) => {
    to[k] = f(a.data[i as number] as number, b.data[j as number] as number);
  });
}

/**
 * Runs `use` on `x` as a tensor; a tensor made for it, of the dtype `least` or one above, is given
 * up afterwards.
 */
function lifted(
  name: string,
  x: TensorLike,
  use: (x: Tensor) => Tensor,
  least: DType = "bool",
  like?: Tensor,
): Tensor {
  if (x instanceof Tensor) return use(x);
  expectLike(name, x);
  const made = scalarTensor(name, x, least, like);
  try {
    return use(made);
  } finally {
    dispose(made);
  }
}

/**
 * A 0-d tensor of a JavaScript number, weak: it takes dtype and device of `like`; one that is not
 * whole makes floats.
 */
function scalarTensor(op: string, x: number | boolean, least: DType, like?: Tensor): Tensor {
  let dtype = promoteTypes(like === undefined ? "bool" : like.dtype, least);
  if (typeof x === "number") {
    dtype = promoteTypes(dtype, like !== undefined && Number.isInteger(x) ? "int32" : "float32");
  }
  return numberTensor(op, Number(x), dtype, like === undefined ? getDevice() : deviceOf(like));
}

/** A 0-d tensor outside of every scope: the caller disposes it. */
export function numberTensor(op: string, x: number, dtype: DType, device: Device): Tensor {
  checkNumber(op, x, dtype);
  return fromNumber(x, [], dtype, device, false);
}

/** Runs `use` on `x` in the dtype wanted, giving up the converted copy. */
export function converted<R>(x: Tensor, dtype: DType, use: (x: Tensor) => R): R {
  if (x.dtype === dtype) return use(x);
  const made = castTo(x, dtype);
  try {
    return use(made);
  } finally {
    dispose(made);
  }
}

/**
 * The first of two operands that must agree in shape and dtype, as operands of fused derivatives
 * do.
 */
export function sameShape(op: string, a: Tensor, b: Tensor): Tensor {
  if (a.dtype === b.dtype && shapesEqual(a.shape, b.shape)) return a;
  throw new ShapeError(
    op,
    `${a.dtype} ${formatShape(a.shape)} beside ${b.dtype} ${formatShape(b.shape)}`,
    "both must agree in shape and dtype: nothing broadcasts here",
  );
}

/** Throws unless `x` is a tensor, a number or a boolean. */
export function expectLike(op: string, x: unknown): asserts x is TensorLike {
  if (typeof x !== "number" && typeof x !== "boolean") expectTensor(op, x);
}

/** Runs `use` on two operands lifted to tensors and promoted to one dtype, at least `least`. */
export function pair(
  name: string,
  a: TensorLike,
  b: TensorLike,
  least: DType,
  use: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  if (!(a instanceof Tensor) && typeof a !== "number" && typeof a !== "boolean") {
    throw new DTypeError(name, `the first operand is ${kindOf(a)}`, "use a tensor or a number");
  }
  if (!(b instanceof Tensor) && typeof b !== "number" && typeof b !== "boolean") {
    throw new DTypeError(name, `the second operand is ${kindOf(b)}`, "use a tensor or a number");
  }
  return lifted(
    name,
    a,
    (x) =>
      lifted(
        name,
        b,
        (y) => {
          const dtype = promoteTypes(promoteTypes(x.dtype, y.dtype), least);
          return converted(x, dtype, (p) => converted(y, dtype, (q) => use(p, q)));
        },
        least,
        a instanceof Tensor ? a : undefined,
      ),
    least,
    b instanceof Tensor ? b : undefined,
  );
}
