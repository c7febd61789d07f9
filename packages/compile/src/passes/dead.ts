/** @file Dead code: instructions whose results nobody reads. */
import type { Instruction, Program, Value } from "../program.js";

/**
 * Drops what neither a result nor a state depends on. Ops that read at indices stay: one that is
 * out of range is an error of the op that meets it first, whether its result is needed or not.
 */
export function dropDead(program: Program): Program {
  const needed = new Set<Value>();
  for (const { value } of [...program.outputs, ...program.writes]) needed.add(value);
  const kept: Instruction[] = [];
  for (let i = program.instructions.length - 1; i >= 0; i--) {
    const instruction = program.instructions[i] as Instruction;
    const used = instruction.results.some(({ value }) => needed.has(value));
    if (!used && !checksIndices(instruction)) continue;
    for (const { value } of instruction.operands) needed.add(value);
    kept.push(instruction);
  }
  return { ...program, instructions: kept.reverse() };
}

/** Whether the second operand says where the op reads or writes the first. */
function checksIndices({ op, operands: [, indices] }: Instruction): boolean {
  return op.scalar === undefined && indices?.value.dtype === "int32";
}
