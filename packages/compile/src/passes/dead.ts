/** @file Dead code: instructions whose results nobody reads. */
import type { Instruction, Program, Value } from "../program.js";

/** Drops what neither a result nor a state depends on. Ops are pure, so nothing else is lost. */
export function dropDead(program: Program): Program {
  const needed = new Set<Value>();
  for (const { value } of [...program.outputs, ...program.writes]) needed.add(value);
  const kept: Instruction[] = [];
  for (let i = program.instructions.length - 1; i >= 0; i--) {
    const instruction = program.instructions[i] as Instruction;
    if (!instruction.results.some(({ value }) => needed.has(value))) continue;
    for (const { value } of instruction.operands) needed.add(value);
    kept.push(instruction);
  }
  return { ...program, instructions: kept.reverse() };
}
