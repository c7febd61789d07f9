/** @file Steps that are captured once and replayed as one program. */
export { type Compiled, type CompileOptions, compile } from "./compile.js";
export type { CompileStats, PassStats } from "./stats.js";
