/**
 * @file `expect(x).toBeCloseToTensor(y)` and `toEqualTensor`: failures name the index and both
 * values.
 */
import type { Nested, Tensor } from "@isograd/tensor";
import { expect } from "vitest";
import { firstDifference, type Tolerance, type Values, valuesOf } from "./closeness.js";

/** The matchers that `installMatchers` adds to `expect`. */
export interface TensorMatchers<R> {
  /** Same shape, and every element within the tolerance (default: rtol 1e-6, atol 1e-8). */
  toBeCloseToTensor(expected: Tensor | Nested | Values, tolerance?: Tolerance): R;
  /** Same shape and the same numbers; NaN equals NaN, and 0 equals −0. */
  toEqualTensor(expected: Tensor | Nested | Values): R;
}

declare module "vitest" {
  // biome-ignore lint/suspicious/noExplicitAny: must repeat the declaration that it extends
  interface Matchers<T = any> extends TensorMatchers<T> {}
}

type Comparable = Tensor | Nested | Values;

function compare(name: string, received: Comparable, expected: Comparable, tolerance: Tolerance) {
  const difference = firstDifference(valuesOf(received), valuesOf(expected), tolerance);
  return {
    pass: difference === null,
    message: () => `${name}: ${difference ?? "the tensors are equal, expected a difference"}`,
  };
}

/** Adds the matchers to `expect`. Call it once at the top of a test file. */
export function installMatchers(): void {
  expect.extend({
    toBeCloseToTensor: (received: Comparable, expected: Comparable, tolerance: Tolerance = {}) =>
      compare("toBeCloseToTensor", received, expected, tolerance),
    toEqualTensor: (received: Comparable, expected: Comparable) =>
      compare("toEqualTensor", received, expected, { rtol: 0, atol: 0 }),
  });
}
