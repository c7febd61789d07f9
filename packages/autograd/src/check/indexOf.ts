/** @file The multi-index of an element, for errors. */
import type { Shape } from "@isograd/tensor";

/** The multi-index of element k, row-major. */
export function indexOf(k: number, shape: Shape): number[] {
  const index: number[] = [];
  let rest = k;
  for (const n of [...shape].reverse()) {
    index.unshift(rest % n);
    rest = Math.floor(rest / n);
  }
  return index;
}
