/**
 * @file Ops that run under the names of several functions, so that errors name the function that
 * the user called.
 *
 * @internal
 */
import type { Inputs, Op } from "../../core/contract.js";

const originals = new WeakMap<object, Op>();

/** The op that an op of another name stands for: kernels and batching are found by it. */
export function originalOf(op: Op): Op {
  return originals.get(op) ?? op;
}

/** The original op, or the one of that name. */
export type NamedOps<A extends Inputs, P> = (as?: string) => Op<A, P>;

/**
 * `make(name)`, and the same op under other names, each made once: `ops()` is the original,
 * `ops("putAlongAxis")` is that of another function.
 */
export function namedOps<A extends Inputs, P>(
  name: string,
  make: (name: string) => Op<A, P>,
): NamedOps<A, P>;
export function namedOps(name: string, make: (name: string) => Op): NamedOps<Inputs, unknown> {
  const original = make(name);
  const made = new Map([[name, original]]);
  return (as = name) => {
    const known = made.get(as);
    if (known !== undefined) return known;
    const op = make(as);
    made.set(as, op);
    originals.set(op, original);
    return op;
  };
}
