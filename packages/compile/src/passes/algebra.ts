/**
 * @file Algebra that keeps every bit: products with 1, differences with 0, and signs that change
 * twice are what they began with. x + 0 is not among them: it makes 0 of −0.
 */
import { add, div, mul, neg, sub } from "@isograd/tensor";
import { shapesEqual } from "@isograd/tensor/engine";
import {
  type Instruction,
  type Program,
  reading,
  type Use,
  type Value,
  withInstructions,
} from "../program.js";

/** An op, and the number that leaves its other operand as it is, as first or second operand. */
interface Neutral {
  readonly op: unknown;
  readonly number: number;
  readonly first: boolean;
}

const NEG: unknown = neg.op;
const NEUTRAL: readonly Neutral[] = [
  { op: mul.op, number: 1, first: true },
  { op: div.op, number: 1, first: false },
  { op: sub.op, number: 0, first: false },
  { op: add.op, number: -0, first: true },
];

/** Leaves out instructions whose result is one of their operands. */
export function simplify(program: Program): Program {
  const replaced = new Map<Value, Value>();
  const makers = new Map<Value, Instruction>();
  const instructions = program.instructions.flatMap((found): Instruction[] => {
    const own = reading(found, replaced);
    const same = own.changing ? null : sameAs(own, makers);
    if (same !== null) {
      replaced.set((own.results[0] as Use).value, same.value);
      return [];
    }
    for (const { value } of own.results) makers.set(value, own);
    return [own];
  });
  return withInstructions(program, instructions, replaced);
}

/** What the result of an instruction is, bit for bit, with the same shape and dtype; or null. */
function sameAs(
  { op, operands, results }: Instruction,
  makers: ReadonlyMap<Value, Instruction>,
): Use | null {
  const [x, y] = operands;
  const [result] = results;
  if (x === undefined || result === undefined) return null;
  if (op === NEG) {
    const inner = makers.get(x.value);
    const own = inner?.op === op ? inner.operands[0] : undefined;
    return own !== undefined && fits(own, result) ? own : null;
  }
  if (y === undefined) return null;
  for (const { op: neutral, number, first } of NEUTRAL) {
    if (op !== neutral) continue;
    if (fits(x, result) && isNumber(y.value, number)) return x;
    if (first && fits(y, result) && isNumber(x.value, number)) return y;
  }
  return null;
}

/** Whether one tensor may take the place of another. A constant may lie in other ways than it. */
function fits(x: Use, result: Use): boolean {
  const { origin, dtype } = x.value;
  if (origin.kind === "constant" && origin.walk !== null) return false;
  return dtype === result.value.dtype && shapesEqual(x.shape, result.shape);
}

/** Whether a value is one number, and which. */
function isNumber({ origin, size }: Value, number: number): boolean {
  if (origin.kind !== "constant" || size !== 1) return false;
  return Object.is(origin.storage.device.readSync(origin.storage, 1)[0], number);
}
