/** @file Which tensor stands for the one of a parameter: transforms lend theirs for a while. */
import type { Tensor } from "./tensor.js";

const lent = new Map<Tensor, Tensor>();

/** Says that `other` stands for `own` until null is set. */
export function setLent(own: Tensor, other: Tensor | null): void {
  if (other === null) lent.delete(own);
  else lent.set(own, other);
}

/** The tensor that stands for `own` now: itself, or the one that is lent. */
export function lentFor(own: Tensor): Tensor {
  return lent.size === 0 ? own : (lent.get(own) ?? own);
}

/** Whether any tensor stands for another one now. */
export function isLending(): boolean {
  return lent.size > 0;
}
