/** @file What a recorded program does, step by step: calls of kernels over blocks of memory. */
import type { DType, Shape } from "@isograd/tensor";
import type { Spec } from "@isograd/tensor/engine";
import type { Instruction, Value } from "./program.js";

/** A stretch of memory that calls read and write. Its address is known later. */
export interface Block {
  readonly id: number;
  readonly bytes: number;
  /** What it holds; null for the workspace of one kernel. */
  readonly value: Value | null;
}

/** An address: a block, and bytes from its start. */
export interface Place {
  readonly block: Block;
  readonly offset: number;
}

/** A number, an address, or a list of axes. */
export type Arg = number | Place | Int32Array;

/** One call of a kernel. */
export interface Call {
  readonly kind: "call";
  readonly module: "core" | "math";
  readonly name: string;
  readonly args: readonly Arg[];
  readonly instruction: Instruction;
  /** Whether all threads take part. */
  readonly large: boolean;
  /** Whether its numbers change from call to call. */
  readonly changing: boolean;
}

/** Indices are checked before they are used. */
export interface Check {
  readonly kind: "check";
  readonly args: readonly Arg[];
  readonly instruction: Instruction;
}

/** An instruction without a kernel that can be recorded: the host computes it. */
export interface Host {
  readonly kind: "host";
  readonly operands: readonly Reads[];
  readonly results: readonly (Place & { readonly spec: Spec })[];
  readonly instruction: Instruction;
}

/** An operand of an instruction that the host computes. */
export interface Reads extends Place {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly strides: Shape | null;
}

export type Step = Call | Check | Host;

/** The blocks that a step touches. */
export function touched(step: Step): Place[] {
  return step.kind === "host" ? [...step.operands, ...step.results] : step.args.filter(isPlace);
}

export function isPlace(arg: Arg): arg is Place {
  return typeof arg === "object" && "block" in arg;
}
