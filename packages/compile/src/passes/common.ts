/** @file Common subexpressions: what two instructions compute alike is computed once. */
import { formatShape } from "@isograd/tensor/engine";
import {
  type Instruction,
  type Program,
  reading,
  type Value,
  withInstructions,
} from "../program.js";
import { sameAttrs } from "../same.js";

/**
 * Makes instructions with the same op, attributes and operands one. Those whose attributes change
 * from call to call stay as they are. Equal numbers are equal operands.
 */
export function shareCommon(program: Program): Program {
  const replaced = equalNumbers(program);
  const known = new Map<string, Instruction[]>();
  const kept: Instruction[] = [];
  const ops = new Map<unknown, number>();
  for (const found of program.instructions) {
    const instruction = reading(found, replaced);
    if (instruction.changing) {
      kept.push(instruction);
      continue;
    }
    const { op, operands } = instruction;
    if (!ops.has(op)) ops.set(op, ops.size);
    const uses = operands.map(({ value, shape }) => `${value.id}${formatShape(shape)}`);
    const key = `${ops.get(op)} ${uses}`;
    const alike = known.get(key) ?? [];
    const twin = alike.find(({ attrs }) => sameAttrs(attrs.now, instruction.attrs.now));
    if (twin === undefined) {
      known.set(key, [...alike, instruction]);
      kept.push(instruction);
      continue;
    }
    for (const [i, { value }] of instruction.results.entries()) {
      replaced.set(value, (twin.results[i] as (typeof twin.results)[0]).value);
    }
  }
  return withInstructions(program, kept, replaced);
}

/** Constants of one element that equal an earlier one, each with that one. */
function equalNumbers({ instructions }: Program): Map<Value, Value> {
  const changing = new Set<Value>();
  for (const { changing: changes, operands } of instructions) {
    if (changes) for (const { value } of operands) changing.add(value);
  }
  const replaced = new Map<Value, Value>();
  const known = new Map<string, Value>();
  for (const { value } of instructions.flatMap(({ operands }) => operands)) {
    const { origin, size, dtype } = value;
    if (origin.kind !== "constant" || size !== 1 || changing.has(value)) continue;
    if (origin.walk !== null) continue; // broadcast: more elements than it holds
    const [x] = origin.storage.device.readSync(origin.storage, 1);
    const key = `${dtype} ${Object.is(x, -0) ? "-0" : x}`;
    const twin = known.get(key);
    if (twin === undefined) known.set(key, value);
    else if (twin !== value) replaced.set(value, twin);
  }
  return replaced;
}
