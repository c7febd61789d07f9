/** @file Programs as text: a line for each instruction. */
import { formatShape } from "@isograd/tensor/engine";
import type { Plan } from "./plan.js";
import type { Program, Use, Value } from "./program.js";

function nameOf({ id, origin }: Value): string {
  if (origin.kind === "argument") return `argument${origin.at}`;
  if (origin.kind === "state") return `state${origin.at}`;
  if (origin.kind === "drawn") return `drawn${origin.at}`;
  return origin.kind === "constant" ? `constant${id}` : `%${id}`;
}

function described({ value, shape }: Use): string {
  return `${nameOf(value)} ${value.dtype}${formatShape(shape)}`;
}

/** One line an instruction; then the results and what is written. */
export function print({ instructions, outputs, writes }: Program, { bytes }: Plan): string {
  const lines = instructions.map(({ op, operands, results }) => {
    const to = results.map(described).join(", ");
    return `  ${to} = ${op.name}(${operands.map(({ value }) => nameOf(value)).join(", ")})`;
  });
  const ends = [
    ...writes.map(({ at, value }) => `  state${at} ← ${nameOf(value)}`),
    `  return ${outputs.map(described).join(", ")}`,
  ];
  return [
    `program: ${instructions.length} instructions, arena of ${bytes} bytes`,
    ...lines,
    ...ends,
  ].join("\n");
}
