/**
 * @file A program as plain data: values, and the instructions that make them. Knows no device and no
 * memory.
 */
import type { DType, Shape } from "@isograd/tensor";
import type { Op, Storage } from "@isograd/tensor/engine";

/** Where the numbers of a value come from. */
export type Origin =
  /** An argument of the call, by its place. */
  | { readonly kind: "argument"; readonly at: number }
  /** A tensor of the state, by its place. */
  | { readonly kind: "state"; readonly at: number }
  /** What a generator draws before each replay, by its place. */
  | { readonly kind: "drawn"; readonly at: number }
  /** A tensor that the function found outside; the program holds its memory. */
  | { readonly kind: "constant"; readonly storage: Storage; readonly walk: Walk | null }
  /** A result of an instruction. */
  | { readonly kind: "made" };

/** How a permuted or broadcast constant lies in its memory. */
export interface Walk {
  readonly shape: Shape;
  /** In elements. */
  readonly strides: Shape;
}

/** Numbers in memory, without a shape: a reshape of a value is the same value. */
export interface Value {
  readonly id: number;
  readonly dtype: DType;
  /** Elements. */
  readonly size: number;
  readonly origin: Origin;
}

/** A value as an instruction reads or makes it. */
export interface Use {
  readonly value: Value;
  readonly shape: Shape;
}

/** Attributes of an op: of the next call, where they change from call to call. */
export interface Attrs {
  now: unknown;
}

/** One op on values. */
export interface Instruction {
  readonly op: Op;
  readonly attrs: Attrs;
  readonly operands: readonly Use[];
  readonly results: readonly Use[];
  /** Whether its attributes, or constants that it reads, change from call to call. */
  readonly changing: boolean;
}

/** A value that a state tensor has after a call. */
export interface Write {
  /** The place of the tensor in the state. */
  readonly at: number;
  readonly value: Value;
}

/** What a function does with tensors, in order. */
export interface Program {
  readonly instructions: readonly Instruction[];
  /** The tensors that the call returns. */
  readonly outputs: readonly Use[];
  readonly writes: readonly Write[];
}

/** The same instructions under other operands; results keep their values. */
export function reading(
  instruction: Instruction,
  replaced: ReadonlyMap<Value, Value>,
): Instruction {
  if (!instruction.operands.some(({ value }) => replaced.has(value))) return instruction;
  const operands = instruction.operands.map(({ value, shape }) => ({
    value: replaced.get(value) ?? value,
    shape,
  }));
  return { ...instruction, operands };
}

/** A program of some instructions, whose results and state follow what was replaced. */
export function withInstructions(
  { outputs, writes }: Program,
  instructions: readonly Instruction[],
  replaced: ReadonlyMap<Value, Value>,
): Program {
  const now = (value: Value): Value => replaced.get(value) ?? value;
  return {
    instructions,
    outputs: outputs.map(({ value, shape }) => ({ value: now(value), shape })),
    writes: writes.map(({ at, value }) => ({ at, value: now(value) })),
  };
}
