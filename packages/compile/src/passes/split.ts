/** @file A program forward and back becomes two: the second reads what the first leaves. */
import { type Instruction, type Program, reading, type Use, type Value } from "../program.js";

/** The two halves of a program. */
export interface Halves {
  /** Its outputs are those of the function, then what the way back reads of it. */
  readonly forward: Program;
  /** Its arguments are `reads`, in that order; its outputs are the cotangents. */
  readonly back: Program;
  /** What the way back reads: arguments, state, and values that the forward half made or drew. */
  readonly reads: readonly Value[];
}

/**
 * Splits a program whose first `count` outputs, and whose writes, are those of the function.
 * `made`: the values that the function itself makes. Views are made again on the way back, so
 * that their memory need not be copied.
 */
export function split(program: Program, count: number, made: ReadonlySet<Value>): Halves {
  const first = partOf(program.instructions, made);
  const ahead = program.instructions.filter((own) => first.has(own));
  const behind = program.instructions.filter((own) => !first.has(own));
  const outputs = program.outputs.slice(0, count);
  const cotangents = program.outputs.slice(count);
  const makers = new Map<Value, Instruction>();
  for (const own of ahead) for (const { value } of own.results) makers.set(value, own);
  const own = new Set(behind.flatMap(({ results }) => results.map(({ value }) => value)));

  const reads = new Map<Value, Value>();
  const again = new Set<Instruction>();
  const read = (value: Value): void => {
    if (own.has(value) || reads.has(value) || value.origin.kind === "constant") return;
    const maker = makers.get(value);
    if (maker?.op.view !== undefined) {
      again.add(maker);
      for (const use of maker.operands) read(use.value);
    } else reads.set(value, { ...value, origin: { kind: "argument", at: reads.size } });
  };
  for (const { operands } of behind) for (const { value } of operands) read(value);
  for (const { value } of cotangents) read(value);

  const left = [...reads.keys()]
    .filter(isMade)
    .filter((value) => !outputs.some((use) => use.value === value));
  const forward = {
    instructions: ahead,
    outputs: [...outputs, ...left.map((value): Use => ({ value, shape: [value.size] }))],
    writes: program.writes,
  };
  const back = {
    instructions: [...ahead.filter((x) => again.has(x)), ...behind].map((x) => reading(x, reads)),
    outputs: cotangents.map(({ value, shape }) => ({ value: reads.get(value) ?? value, shape })),
    writes: [],
  };
  return { forward, back, reads: [...reads.keys()] };
}

/** The instructions that make some values, and what those read of each other. */
function partOf(
  instructions: readonly Instruction[],
  made: ReadonlySet<Value>,
): ReadonlySet<Instruction> {
  const needed = new Set(made);
  const part = new Set<Instruction>();
  for (const own of [...instructions].reverse()) {
    if (!own.results.some(({ value }) => needed.has(value))) continue;
    part.add(own);
    for (const { value } of own.operands) needed.add(value);
  }
  return part;
}

/** Whether a value is there only while the program runs. */
export function isMade({ origin }: Value): boolean {
  return origin.kind === "made" || origin.kind === "drawn";
}
