/**
 * @file Random shapes, axes and tensors for property tests. Numbers are multiples of 1/8 between −4
 * and 4, so that sums and products of a few are exact and laws can be tested for equality.
 */
import { type DType, type Shape, type Tensor, tensor } from "@isograd/tensor";
import * as fc from "fast-check";

/** Limits of random shapes. */
export interface ShapeLimits {
  readonly minRank?: number;
  readonly maxRank?: number;
  /** 0 allows empty tensors. Default: 0. */
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** Shapes; default: of rank 0 to 4, with lengths 0 to 4. */
export function shapes(limits: ShapeLimits = {}): fc.Arbitrary<number[]> {
  const { minRank = 0, maxRank = 4, minLength = 0, maxLength = 4 } = limits;
  return fc.array(fc.integer({ min: minLength, max: maxLength }), {
    minLength: minRank,
    maxLength: maxRank,
  });
}

/** `count` shapes that broadcast together, by the rule of NumPy. */
export function broadcastable(count: number, limits: ShapeLimits = {}): fc.Arbitrary<Shape[]> {
  return shapes(limits).chain((full) => {
    const one = fc
      .tuple(fc.integer({ min: 0, max: full.length }), fc.array(fc.boolean(), fixed(full.length)))
      .map(([skip, ones]) => full.map((n, i) => (ones[i] ? 1 : n)).slice(skip));
    return fc.array(one, fixed(count));
  });
}

/** Different axes of a shape, in any order, some of them negative. */
export function axesOf(shape: Shape): fc.Arbitrary<number[]> {
  const rank = shape.length;
  const all = shape.map((_, i) => i);
  return fc
    .tuple(fc.shuffledSubarray(all), fc.array(fc.boolean(), fixed(rank)))
    .map(([axes, negative]) => axes.map((a) => (negative[a] ? a - rank : a)));
}

/** One axis of a shape of rank ≥ 1; negative ones count from the end. */
export function axisOf(shape: Shape): fc.Arbitrary<number> {
  return fc.integer({ min: -shape.length, max: shape.length - 1 });
}

/** An order of the axes of a shape. */
export function orderOf(shape: Shape): fc.Arbitrary<number[]> {
  const all = shape.map((_, i) => i);
  return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
}

/**
 * Tensors of a shape: multiples of 1/8 for floats, whole numbers in [−4, 4] for int32, any bools.
 */
export function tensors(
  shape: Shape,
  options: { readonly dtype?: DType; readonly device?: string } = {},
): fc.Arbitrary<Tensor> {
  const { dtype = "float32" } = options;
  const size = shape.reduce((a, b) => a * b, 1);
  const range = dtype === "bool" ? { min: 0, max: 1 } : { min: -4, max: 4 };
  const number =
    dtype === "float32" || dtype === "float64"
      ? fc.integer({ min: -32, max: 32 }).map((k) => k / 8)
      : fc.integer(range);
  return fc
    .array(number, fixed(size))
    .map((values) => tensor(values, { shape, ...options, dtype }));
}

/** int32 tensors of a shape with entries in [0, n), n ≥ 1. */
export function indicesInto(n: number, shape: Shape, device?: string): fc.Arbitrary<Tensor> {
  const size = shape.reduce((a, b) => a * b, 1);
  return fc
    .array(fc.integer({ min: 0, max: n - 1 }), fixed(size))
    .map((values) => tensor(values, { shape, dtype: "int32", ...(device && { device }) }));
}

/** A tensor of any shape within the limits. */
export function anyTensor(
  limits: ShapeLimits = {},
  options: { readonly dtype?: DType; readonly device?: string } = {},
): fc.Arbitrary<Tensor> {
  return shapes(limits).chain((shape) => tensors(shape, options));
}

function fixed(length: number): { minLength: number; maxLength: number } {
  return { minLength: length, maxLength: length };
}
