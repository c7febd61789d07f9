/** @file Programs as text: a line for each instruction. */
import type { Shape } from "@isograd/tensor";
import { described, few, nameOf, numberOf, operandOf, textOf } from "./names.js";
import { type Planned, placesOf } from "./places.js";
import type { Program, Use, Value } from "./program.js";
import type { ProgramStats } from "./stats.js";

/** A program, where it lies, and the shapes of what it is given. */
export interface Shown extends Planned {
  readonly program: Program;
  readonly shapes: Readonly<Record<"argument" | "state", readonly Shape[]>>;
  readonly title: string;
  readonly stats: ProgramStats;
}

/** Columns up to which notes stand below each other. */
const WIDE = 76;

/** What is given, one line an instruction with where its results lie, and what is returned. */
export function print({ program, title, shapes, stats, ...planned }: Shown): string {
  const { instructions, outputs, writes } = program;
  const places = placesOf(planned);
  const madeAs = usesOf(program, shapes);
  const operand = operandOf(madeAs);
  const lines = instructions.map((own) => {
    const where = own.results.map(({ value }) => places.where(value));
    const notes = [...few([...new Set(where.filter((text) => text !== ""))]), ...places.marks(own)];
    return {
      group: places.groups(own).join(),
      text: textOf(own, described, operand),
      note: notes.join("; "),
    };
  });
  const given = [...madeAs.values()]
    .filter((use) => use.value.origin.kind !== "made" && numberOf(use) === null)
    .map(described);
  const ends = [
    ...writes.map(({ at, value }) => `state${at} ← ${nameOf(value)}`),
    `return ${outputs.map(described).join(", ")}`.trimEnd(),
  ];
  const margin = Math.max(...lines.map(({ group }) => group.length), 0);
  const width = Math.max(...lines.map(({ text }) => text.length).filter((n) => n <= WIDE), 0);
  const laid = lines.map(({ group, text, note }) => {
    const line = `${group.padStart(margin)}  ${text}`;
    return note === "" ? line : `${line.padEnd(margin + 2 + width)}  ; ${note}`;
  });
  const indent = " ".repeat(margin + 2);
  return [
    headOf(title, stats),
    ...given.map((text) => indent + text),
    ...laid,
    ...ends.map((text) => indent + text),
  ].join("\n");
}

function headOf(
  title: string,
  { instructions, calls, groups, fusedCalls, arenaBytes }: ProgramStats,
): string {
  const fused = groups === 0 ? "" : ` (${fusedCalls} fused in ${many(groups, "group")})`;
  return [
    `${title}: ${many(instructions, "instruction")}`,
    `${many(calls, "call")}${fused}`,
    `arena of ${arenaBytes} bytes`,
  ].join(", ");
}

function many(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

/** Each value with the shape that it is given or made with; what is given first. */
function usesOf({ instructions, outputs }: Program, shapes: Shown["shapes"]): Map<Value, Use> {
  const found = new Map<Value, Use>();
  const read = instructions.flatMap(({ operands }) => operands);
  for (const { value, shape } of [...read, ...outputs]) {
    const { origin } = value;
    if (origin.kind === "made" || found.has(value)) continue;
    const own = origin.kind === "argument" || origin.kind === "state" ? origin : null;
    const first = origin.kind === "constant" ? origin.walk?.shape : undefined;
    found.set(value, { value, shape: (own && shapes[own.kind][own.at]) ?? first ?? shape });
  }
  const kinds = ["argument", "state", "drawn", "constant"];
  const order = ({ id, origin }: Value) =>
    kinds.indexOf(origin.kind) * 2 ** 32 + ("at" in origin ? origin.at : id);
  const sorted = [...found].sort(([a], [b]) => order(a) - order(b));
  const made = instructions.flatMap(({ results }) => results);
  return new Map([...sorted, ...made.map((use) => [use.value, use] as const)]);
}
