/** @file Loops of plain references over strided elements and over rows. @internal */

import { walkStrides } from "../../base/shape.js";
import type { View } from "../../core/contract.js";

/** Fills `out` with elements of x: from the place `start` on, by `strides`. */
export function copy(x: View, strides: readonly number[], start: number, out: View): void {
  walkStrides(out.shape, [strides], (k, [at]) => {
    out.data[k] = x.data[start + (at as number)] as number;
  });
}

/** Calls `visit(start, length, row)` for each row of the last axis. */
export function eachRow(
  x: View,
  visit: (start: number, length: number, row: number) => void,
): void {
  const length = x.shape[x.shape.length - 1] as number;
  for (let r = 0; r * length < x.data.length; r++) visit(r * length, length, r);
}
