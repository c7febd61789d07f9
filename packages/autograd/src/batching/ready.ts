/** @file Calls whose value is known before their op runs: vmap need not compute it again. */
import type { Tensor } from "@isograd/tensor";

/** The key of the value in the attributes of such a call. */
export const ready: unique symbol = Symbol("ready");

/** Attributes that may contain the value. */
export interface Ready {
  readonly [ready]?: Tensor | undefined;
}
