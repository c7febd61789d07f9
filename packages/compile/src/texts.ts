/** @file What one signature's programs look like: as text, as modules, as graphs. */
import type { Entry } from "./entry.js";
import type { dotOf } from "./graph.js";
import { countsOf, type Loaded } from "./loaded.js";
import { textOf } from "./names.js";
import { placesOf } from "./places.js";
import { print } from "./print.js";
import { shapesIn } from "./signature.js";
import { disassemble } from "./wat.js";

/** The modules of an entry in the text format of WebAssembly. */
export function watsOf({ loaded, back }: Entry): string[] {
  return [loaded, ...(back?.loaded() ?? [])].map(watOf);
}

function watOf({ machine, plan: { slots }, work }: Loaded): string {
  const names = slots.map(({ kind, at }) => `${kind === "output" ? "result" : kind}${at}`);
  const callers = work.flatMap((own) =>
    own.kind === "group" ? own.parts.map(({ call }) => call.instruction) : own.instruction,
  );
  return disassemble(machine.module(), {
    locals: [...names, "strip", "last"],
    calls: callers.map((own) => textOf(own)),
  });
}

/** The programs of an entry, readable: the way forward, then those back. */
export function textsOf({ loaded, back, signature, state }: Entry): string[] {
  const shapes = { argument: signature.flatMap(shapesIn), state: state.map((x) => x.shape) };
  const text = (title: string, own: Loaded, known: typeof shapes) =>
    print({ ...own, title, stats: countsOf(own), shapes: known });
  const unknown = { argument: [], state: [] };
  const walks = back?.loaded() ?? [];
  return [
    text("program", loaded, shapes),
    ...walks.map((own) => text("the way back", own, unknown)),
  ];
}

/** The programs of an entry as graphs; what was captured without passes. */
export function graphsOf(
  { loaded, back, captured }: Entry,
  passes: boolean,
  as: typeof dotOf,
): string[] {
  if (!passes) return [as(captured.program, () => [])];
  return [loaded, ...(back?.loaded() ?? [])].map((own) => as(own.program, placesOf(own).groups));
}
