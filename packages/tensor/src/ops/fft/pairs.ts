/** @file Complex tensors as pairs of real ones, and what the transforms of users' shapes share. */

import { type DType, promoteTypes } from "../../base/dtype.js";
import { ShapeError, UsageError } from "../../base/errors.js";
import { shown } from "../../base/options.js";
import {
  checkList,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  shapesEqual,
} from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import { Tensor } from "../../core/tensor.js";
import { zerosLike } from "../creation.js";

import { mul } from "../elementwise/binary.js";
import { castTo } from "../elementwise/cast.js";
import { moveAxis } from "../shape/axes.js";
import { reshape } from "../shape/movement.js";
import { pad, slice } from "../shape/slicing.js";
import { stack } from "../shape/stack.js";

/** A complex tensor: real and imaginary part, of one shape. */
export interface Complex {
  readonly re: Tensor;
  readonly im: Tensor;
}

/** A complex tensor, or a real one. */
export type ComplexLike = Tensor | Complex;

/**
 * Which direction is divided: "backward" the inverse by n, "forward" the other by n, "ortho" both
 * by √n.
 */
export type FourierNorm = "backward" | "ortho" | "forward";

/** How a transform of one axis is done. */
export interface FourierOptions {
  /** Length: the axis is cut, or filled with zeros, to it. */
  readonly n?: number | undefined;
  /** Default: the last. */
  readonly axis?: number | undefined;
  readonly norm?: FourierNorm | undefined;
}

/** How a transform of several axes is done. */
export interface FourierAxesOptions {
  /** Lengths of the axes. */
  readonly s?: readonly number[] | undefined;
  /** Default: the last ones, as many as `s` has; all without `s`. */
  readonly axes?: readonly number[] | undefined;
  readonly norm?: FourierNorm | undefined;
}

/** An axis to be transformed and its length. @internal */
export interface Along {
  readonly axis: number;
  readonly n: number;
}

/** A real tensor, as float. @internal */
export function realOf(op: string, x: Tensor): Tensor {
  if (!(x instanceof Tensor) && typeof x === "object" && x !== null && "re" in x) {
    throw new UsageError(op, "takes real numbers, got a pair { re, im }", "give one tensor");
  }
  expectTensor(op, x);
  return as(x, promoteTypes(x.dtype, "float32"));
}

const as = (x: Tensor, dtype: DType): Tensor => (x.dtype === dtype ? x : castTo(x, dtype));

/** The parts of a complex tensor as one tensor [2, ...shape]. @internal */
export function planesOf(op: string, x: ComplexLike): Tensor {
  if (x instanceof Tensor) {
    const re = realOf(op, x);
    return stack([re, zerosLike(re)]);
  }
  if (typeof x !== "object" || x === null || !("re" in x && "im" in x)) {
    throw new UsageError(
      op,
      `got ${x === null ? "null" : typeof x}`,
      "give a tensor or { re, im }",
    );
  }
  const { re, im } = x;
  expectTensor(op, re);
  expectTensor(op, im);
  if (!shapesEqual(re.shape, im.shape)) {
    throw new ShapeError(
      op,
      `the real part is ${formatShape(re.shape)}, the imaginary one ${formatShape(im.shape)}`,
      "both need one shape",
    );
  }
  const dtype = promoteTypes(promoteTypes(re.dtype, im.dtype), "float32");
  return stack([as(re, dtype), as(im, dtype)]);
}

/** The complex tensor of planes [2, ...shape]. @internal */
export function fromPlanes(planes: Tensor): Complex {
  const part = (i: number) =>
    reshape(
      slice(
        planes,
        planes.shape.map((_, axis) => (axis === 0 ? ([i, i + 1] as const) : null)),
      ),
      planes.shape.slice(1),
    );
  return { re: part(0), im: part(1) };
}

/** Cuts an axis, or fills it with zeros, to the length n. @internal */
export function resized(x: Tensor, axis: number, n: number): Tensor {
  const had = x.shape[axis] as number;
  const every = x.shape.map((_, i) => i);
  if (n === had) return x;
  if (n > had) {
    const widths = every.map((i) => [0, i === axis ? n - had : 0] as const);
    return pad(x, widths);
  }
  const ranges = every.map((i) => (i === axis ? ([0, n] as const) : null));
  return slice(x, ranges);
}

/**
 * Planes [2, ...] with `axis` (counted without the planes) behind the planes at the end, through
 * `run`, and back.
 *
 * @internal
 */
export function throughRows(planes: Tensor, axis: number, run: (rows: Tensor) => Tensor): Tensor {
  return moveAxis(run(moveAxis(planes, [0, axis + 1], [-2, -1])), [-2, -1], [0, axis + 1]);
}

/** @internal */
export function checkLength(op: string, n: number): void {
  if (Number.isInteger(n) && n >= 1) return;
  throw new UsageError(
    op,
    `cannot transform ${shown(n)} numbers`,
    "the length is a whole number, 1 or more",
  );
}

/** The factor of a transform of `count` numbers in all. @internal */
export function scaled(op: string, x: Tensor, norm: FourierNorm, inverse: boolean, count: number) {
  if (!["backward", "ortho", "forward"].includes(norm)) {
    throw new UsageError(
      op,
      `there is no norm ${shown(norm)}`,
      'use "backward", "ortho" or "forward"',
    );
  }
  if (norm === "ortho") return mul(x, 1 / Math.sqrt(count));
  return (norm === "backward") === inverse ? mul(x, 1 / count) : x;
}

/** The axes of a transform of several with their lengths, in the order given. @internal */
export function alongMany(
  op: string,
  shape: readonly number[],
  { s, axes }: FourierAxesOptions,
): readonly Along[] {
  const rank = shape.length;
  if (s !== undefined) checkList(op, "lengths", s);
  const last = s?.length ?? rank;
  const chosen = axes ?? Array.from({ length: last }, (_, i) => i - last);
  checkList(op, "axes", chosen);
  if (s !== undefined && s.length !== chosen.length) {
    throw new UsageError(
      op,
      `${s.length} lengths are given for ${chosen.length} axes`,
      "give one length for each axis",
    );
  }
  normalizeAxes(op, chosen, shape);
  const places = chosen.map((axis) => normalizeAxis(op, axis, shape));
  return places.map((axis, i) => ({ axis, n: s?.[i] ?? (shape[axis] as number) }));
}
