/** @file The ops of a family, by the names under which the family exports them. */
import type { Op } from "@isograd/tensor/engine";

/** Names and ops; a family also exports functions that are no ops. */
export function opsOf(family: object): [name: string, op: Op][] {
  return Object.entries(family).flatMap(([name, member]): [string, Op][] => {
    const { op } = member as { readonly op?: Op };
    return op === undefined ? [] : [[name, op]];
  });
}
