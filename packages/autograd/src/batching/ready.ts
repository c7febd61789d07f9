/**
 * @file Calls whose value is there before their op runs: under vmap nothing has to run it again.
 */
import type { Tensor } from "@isograd/tensor";

/** Where the attributes of such a call have the value. */
export const ready: unique symbol = Symbol("ready");

/** Attributes that may have it. */
export interface Ready {
  readonly [ready]?: Tensor | undefined;
}
