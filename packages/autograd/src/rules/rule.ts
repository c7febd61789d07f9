/** @file The type of a table of rules. Rules themselves are defined by the tensor package. */
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

/** One rule for each op of a family; a wrong number of functions is a type error, too. */
export type RulesFor<M> = {
  readonly [K in OpNames<M>]: OpOf<M, K> extends Op<infer A, infer P> ? Rule<A, P> | null : never;
};
