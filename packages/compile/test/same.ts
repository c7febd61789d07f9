/** @file Trees of tensors as values, and whether two of them are the same to the bit. */
import type { DType, Shape, Tensor, TypedArray } from "@isograd/tensor";
import { forEachTensor, isTensor } from "@isograd/tensor/engine";
import { expect } from "vitest";

/** The numbers of a tensor. */
export interface Values {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: TypedArray;
}

/** All tensors of a tree, in order; one that stands in it twice is there twice. */
export function read(tree: unknown): Values[] {
  if (Array.isArray(tree)) return tree.flatMap(read);
  if (isTensor(tree)) return [valuesOf(tree)];
  const found: Values[] = [];
  forEachTensor(tree, (x) => found.push(valuesOf(x)));
  return found;
}

function valuesOf(x: Tensor): Values {
  return { shape: x.shape, dtype: x.dtype, data: x.dataSync() };
}

/** What a call gives, or the text of its error. */
export function outcome(call: () => unknown): readonly Values[] | string {
  try {
    return read(call());
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Fails unless both are the same, NaN as NaN and −0 unlike 0. Many times faster than `toEqual`,
 * which says where they differ.
 */
export function expectSame(
  found: readonly Values[] | string,
  wanted: readonly Values[] | string,
  note = "",
): void {
  if (same(found, wanted)) return;
  expect(found, note).toEqual(wanted);
  expect.unreachable(`${note}: the values differ`);
}

function same(a: readonly Values[] | string, b: readonly Values[] | string): boolean {
  if (typeof a === "string" || typeof b === "string") return a === b;
  return a.length === b.length && a.every((x, i) => sameValues(x, b[i] as Values));
}

function sameValues(a: Values, b: Values): boolean {
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) return false;
  const [p, q] = [a.data, b.data];
  if (p.length !== q.length) return false;
  for (let i = 0; i < p.length; i++) if (!Object.is(p[i], q[i])) return false;
  return true;
}
