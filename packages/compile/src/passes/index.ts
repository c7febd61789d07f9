/** @file The passes over a program, in their order: each computes the same bits with less work. */
import type { Program } from "../program.js";
import type { PassStats } from "../stats.js";
import { simplify } from "./algebra.js";
import { shareCommon } from "./common.js";
import { dropDead } from "./dead.js";
import { shareSlopes } from "./slopes.js";

/** A pass, under the name that `stats()` tells. It makes another program, and changes none. */
export interface Pass {
  readonly name: string;
  readonly pass: (program: Program) => Program;
}

/** All passes, in the order in which they run. */
export const PASSES: readonly Pass[] = [
  { name: "dead code", pass: dropDead },
  { name: "algebra", pass: simplify },
  { name: "common subexpressions", pass: shareCommon },
  { name: "shared slopes", pass: shareSlopes },
];

/** A program after some passes, and how many instructions each of them left. */
export function optimised(
  program: Program,
  passes: readonly Pass[] = PASSES,
): { readonly program: Program; readonly passed: readonly PassStats[] } {
  let now = program;
  const passed = passes.map(({ name, pass }) => {
    now = pass(now);
    return { name, instructions: now.instructions.length };
  });
  return { program: now, passed };
}
