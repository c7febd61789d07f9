/**
 * @file What a rule is, and how one is written: what it reads is said by the helper it is written
 * with.
 */
import type { Spec } from "./devices/device.js";
import type { Inputs } from "./op.js";
import type { Tensor } from "./tensor.js";

/** What a rule reads when the walk passes: only that is kept alive. */
export const Reads = { Nothing: 0, Inputs: 1, Out: 2, Both: 3 } as const;

/** Sends the cotangent of the result to one input; null for no gradient. */
export type Send = (g: Tensor) => Tensor | null;

type PerInput<A extends Inputs, F> = number extends A["length"]
  ? readonly (F | null)[]
  : { readonly [K in keyof A]: F | null };
type Specs<A extends Inputs> = { readonly [K in keyof A]: Spec };

/** The rule of an op with inputs A and attributes P. */
export interface Rule<A extends Inputs, P> {
  readonly reads: number;
  /** Whether the op has several results: then each function gets the list of their cotangents. */
  readonly many: boolean;
  vjp(seen: { inputs: A; out: Tensor; attrs: P }): readonly (Send | null)[];
}

export type AnyRule = Rule<Inputs, unknown>;

/** A rule that needs no values, only shapes and attributes: the op is linear. */
export function linear<A extends Inputs, P>(
  vjp: (seen: { inputs: Specs<A>; out: Spec; attrs: P }) => PerInput<A, Send>,
): Rule<A, P> {
  return { reads: Reads.Nothing, many: false, vjp: vjp as Rule<A, P>["vjp"] };
}

/** A rule that reads the inputs. */
export function fromInputs<A extends Inputs, P>(
  vjp: (seen: { inputs: A; out: Spec; attrs: P }) => PerInput<A, Send>,
): Rule<A, P> {
  return { reads: Reads.Inputs, many: false, vjp: vjp as Rule<A, P>["vjp"] };
}

/** A rule that reads the result. */
export function fromOut<A extends Inputs, P>(
  vjp: (seen: { inputs: Specs<A>; out: Tensor; attrs: P }) => PerInput<A, Send>,
): Rule<A, P> {
  return { reads: Reads.Out, many: false, vjp: vjp as Rule<A, P>["vjp"] };
}

/** A rule that reads the inputs and the result. */
export function fromBoth<A extends Inputs, P>(
  vjp: (seen: { inputs: A; out: Tensor; attrs: P }) => PerInput<A, Send>,
): Rule<A, P> {
  return { reads: Reads.Both, many: false, vjp: vjp as Rule<A, P>["vjp"] };
}

/** A linear rule of an op with several results; a cotangent that never came is null. */
export function linearMany<A extends Inputs, P>(
  vjp: (seen: {
    inputs: Specs<A>;
    out: readonly Spec[];
    attrs: P;
  }) => PerInput<A, (gs: readonly (Tensor | null | undefined)[]) => Tensor | null>,
): Rule<A, P> {
  return { reads: Reads.Nothing, many: true, vjp: vjp as never };
}

/** A rule that reads the results of an op with several; a cotangent that never came is null. */
export function fromOuts<A extends Inputs, P>(
  vjp: (seen: {
    inputs: Specs<A>;
    out: readonly Tensor[];
    attrs: P;
  }) => PerInput<A, (gs: readonly (Tensor | null | undefined)[]) => Tensor | null>,
): Rule<A, P> {
  return { reads: Reads.Out, many: true, vjp: vjp as never };
}

/** A rule that reads the inputs of an op with several results. */
export function fromInputsMany<A extends Inputs, P>(
  vjp: (seen: {
    inputs: A;
    out: readonly Spec[];
    attrs: P;
  }) => PerInput<A, (gs: readonly (Tensor | null | undefined)[]) => Tensor | null>,
): Rule<A, P> {
  return { reads: Reads.Inputs, many: true, vjp: vjp as never };
}
