/**
 * @file What tables of rules are made of. What a rule is stands beside the op: ops may bring their
 * own.
 */
import type { Op, OpNames, OpOf, Rule } from "@isograd/tensor/engine";

export {
  type AnyRule,
  fromBoth,
  fromInputs,
  fromOut,
  linear,
  linearMany,
  Reads,
  type Rule,
  type Send,
} from "@isograd/tensor/engine";

/**
 * One rule for every op of a family: a name left out, or a wrong number of functions, does not
 * compile.
 */
export type RulesFor<M> = {
  readonly [K in OpNames<M>]: OpOf<M, K> extends Op<infer A, infer P> ? Rule<A, P> | null : never;
};
