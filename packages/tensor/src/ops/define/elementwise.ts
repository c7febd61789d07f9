/** @file Builders of elementwise ops: shape and dtype rules, and the plain loop. @internal */

import { type DType, isFloat, promoteTypes } from "../../base/dtype.js";
import { noMore } from "../../base/options.js";
import { broadcastShapes, broadcastStrides, shapesEqual, walkStrides } from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import type { Op, OpFunction, Samples, View } from "../../core/contract.js";
import { defineOp, withOp } from "../../core/op.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";

import { converted, lifted, pair, withScalar } from "./lift.js";

/** An elementwise function of one family. */
export interface Elementwise<F> {
  readonly scalar: F;
  /** The same for int32, where doubles would lose the low bits. Default: scalar. */
  readonly whole?: F | undefined;
  /**
   * Body of a GPU.js function of x (and y). Default: the text that the GPU device has for the op,
   * in its table of formulas; an op without either runs on the host.
   */
  readonly gpu?: string | undefined;
  /** Default: −2 to 2. */
  readonly samples?: Samples | undefined;
  /**
   * "float": integers become float32 first, the default of one operand. "same": the dtype stays,
   * the default of two.
   */
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
      const from = x.data;
      const to = out.data;
      const f = out.dtype === "int32" ? whole : scalar;
      for (let i = 0; i < to.length; i++) to[i] = f(from[i] as number);
    },
    scalar,
    kernels: { gpu },
    samples,
  });
  return withOp(op, (x: TensorLike, surplus?: unknown): Tensor => {
    if (surplus !== undefined) noMore(name, [surplus], true);
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
  return withOp(op, (a: TensorLike, b: TensorLike, surplus?: unknown): Tensor => {
    if (surplus !== undefined) noMore(name, [surplus], true);
    if (a instanceof Tensor && isFloat(a.dtype)) {
      if (b instanceof Tensor && a.dtype === b.dtype) return apply(op, [a, b], undefined);
      if (typeof b === "number") return withScalar(op, a, b);
    } else if (a instanceof Tensor && a.dtype === least && Number.isInteger(b)) {
      return withScalar(op, a, b as number);
    }
    return pair(name, a, b, least, (x, y) => apply(op, [x, y], undefined));
  });
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
      zip(out.dtype === "int32" ? whole : scalar, a, b, out);
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
