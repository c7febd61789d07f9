/**
 * @file What a rule is, and how one is written: what it reads is said by the helper it is written
 * with.
 */
import type {
  Inputs,
  PerInput,
  RuleOfMany,
  RuleOfOne,
  Send,
  SendMany,
  Spec,
  SpecsOf,
} from "./contract.js";
import type { Tensor } from "./tensor.js";

/** What a rule reads when the walk passes: only that is kept alive. */
export const Reads = { Nothing: 0, Inputs: 1, Out: 2, Both: 3 } as const;

/** A rule that needs no values, only shapes and attributes: the op is linear. */
export function linear<A extends Inputs, P>(
  vjp: (seen: { inputs: SpecsOf<A>; out: Spec; attrs: P }) => PerInput<A, Send>,
): RuleOfOne<A, P>;
export function linear(vjp: RuleOfOne<Inputs, unknown>["vjp"]): RuleOfOne<Inputs, unknown> {
  return { reads: Reads.Nothing, many: false, vjp };
}

/** A rule that reads the inputs. */
export function fromInputs<A extends Inputs, P>(
  vjp: (seen: { inputs: A; out: Spec; attrs: P }) => PerInput<A, Send>,
): RuleOfOne<A, P>;
export function fromInputs(vjp: RuleOfOne<Inputs, unknown>["vjp"]): RuleOfOne<Inputs, unknown> {
  return { reads: Reads.Inputs, many: false, vjp };
}

/** A rule that reads the result. */
export function fromOut<A extends Inputs, P>(
  vjp: (seen: { inputs: SpecsOf<A>; out: Tensor; attrs: P }) => PerInput<A, Send>,
): RuleOfOne<A, P>;
export function fromOut(vjp: RuleOfOne<Inputs, unknown>["vjp"]): RuleOfOne<Inputs, unknown> {
  return { reads: Reads.Out, many: false, vjp };
}

/** A rule that reads the inputs and the result. */
export function fromBoth<A extends Inputs, P>(
  vjp: (seen: { inputs: A; out: Tensor; attrs: P }) => PerInput<A, Send>,
): RuleOfOne<A, P>;
export function fromBoth(vjp: RuleOfOne<Inputs, unknown>["vjp"]): RuleOfOne<Inputs, unknown> {
  return { reads: Reads.Both, many: false, vjp };
}

/** A linear rule of an op with several results; a cotangent that never came is null. */
export function linearMany<A extends Inputs, P>(
  vjp: (seen: { inputs: SpecsOf<A>; out: readonly Spec[]; attrs: P }) => PerInput<A, SendMany>,
): RuleOfMany<A, P>;
export function linearMany(vjp: RuleOfMany<Inputs, unknown>["vjp"]): RuleOfMany<Inputs, unknown> {
  return { reads: Reads.Nothing, many: true, vjp };
}

/** A rule that reads the results of an op with several; a cotangent that never came is null. */
export function fromOuts<A extends Inputs, P>(
  vjp: (seen: { inputs: SpecsOf<A>; out: readonly Tensor[]; attrs: P }) => PerInput<A, SendMany>,
): RuleOfMany<A, P>;
export function fromOuts(vjp: RuleOfMany<Inputs, unknown>["vjp"]): RuleOfMany<Inputs, unknown> {
  return { reads: Reads.Out, many: true, vjp };
}

/** A rule that reads the inputs of an op with several results. */
export function fromInputsMany<A extends Inputs, P>(
  vjp: (seen: { inputs: A; out: readonly Spec[]; attrs: P }) => PerInput<A, SendMany>,
): RuleOfMany<A, P>;
export function fromInputsMany(
  vjp: RuleOfMany<Inputs, unknown>["vjp"],
): RuleOfMany<Inputs, unknown> {
  return { reads: Reads.Inputs, many: true, vjp };
}
