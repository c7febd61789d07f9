/** @file What people read of values and instructions: their names, numbers and attributes. */
import { formatShape, shapesEqual } from "@isograd/tensor/engine";
import type { Instruction, Use, Value } from "./program.js";

/** The name of a value, the same in every text about a program. */
export function nameOf({ id, origin }: Value): string {
  if (origin.kind === "made") return `%${id}`;
  return `${origin.kind}${origin.kind === "constant" ? id : origin.at}`;
}

/** A value with its dtype and a shape. */
export function described({ value, shape }: Use): string {
  return `${nameOf(value)} ${value.dtype}${formatShape(shape)}`;
}

/** The number that a constant without axes is; null for all else. */
export function numberOf({ value, shape }: Use): string | null {
  const { origin, dtype } = value;
  if (origin.kind !== "constant" || shape.length > 0 || origin.storage.size !== 1) return null;
  const [own] = origin.storage.device.readSync(origin.storage, 1);
  return dtype === "float32" ? shortest(Number(own)) : String(own);
}

/** The shortest decimal that is this number in float32. */
export function shortest(x: number): string {
  if (Object.is(x, -0)) return "-0";
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(x.toPrecision(digits));
    if (Math.fround(short) === x) return String(short);
  }
  return String(x);
}

/** Characters of attributes at most. */
const LONGEST = 60;

/** The attributes of an instruction that are short: numbers, words, lists of them. */
function attributes({ attrs, changing }: Instruction): string[] {
  const own = attrs.now;
  if (changing || typeof own !== "object" || own === null) return [];
  const found: string[] = [];
  let length = 0;
  for (const [name, value] of Object.entries(own)) {
    const text = attribute(value);
    if (text === null) continue;
    length += name.length + text.length + 3;
    if (length > LONGEST) return [...found, "…"];
    found.push(`${name}=${text}`);
  }
  return found;
}

/** Defaults such as `false` tell nothing. */
function attribute(value: unknown): string | null {
  if (value === false || value === undefined || value === null) return null;
  if (["number", "boolean", "string"].includes(typeof value)) return String(value);
  if (!Array.isArray(value)) return "…";
  return `[${value.map((x) => attribute(x) ?? "·").join(", ")}]`;
}

/** What an instruction is called with: its operands, each by `operand`, and its attributes. */
export function argumentsOf(own: Instruction, operand: (use: Use) => string): string[] {
  const operands = own.operands.map((use) => (own.changing ? null : numberOf(use)) ?? operand(use));
  return [...operands, ...attributes(own)];
}

/** The name of an op, on one line. */
export function opOf({ op }: Instruction): string {
  return op.name.replace(/[\p{Cc}\u2028\u2029]/gu, " ");
}

/** An instruction on one line, each result by `result`. */
export function textOf(
  own: Instruction,
  result: (use: Use) => string = ({ value }) => nameOf(value),
  operand: (use: Use) => string = ({ value }) => nameOf(value),
): string {
  const to = few(own.results.map(result)).join(", ");
  return `${to} = ${opOf(own)}(${argumentsOf(own, operand).join(", ")})`;
}

/** Names an operand, with its shape where that is not the one that it was made with. */
export function operandOf(madeAs: ReadonlyMap<Value, Use>): (use: Use) => string {
  return ({ value, shape }) => {
    const own = madeAs.get(value);
    const same = own === undefined || shapesEqual(own.shape, shape);
    return same ? nameOf(value) : `${nameOf(value)}${formatShape(shape)}`;
  };
}

/** The first and the last of many. */
export function few(items: readonly string[]): readonly string[] {
  if (items.length <= 4) return items;
  return [...items.slice(0, 2), `… ${items.length - 3} more …`, ...items.slice(-1)];
}
