/** @file Steps that are captured once and replayed as one program. */
export {
  type Compiled,
  type CompileOptions,
  compile,
  type GraphOptions,
  type PrintOptions,
} from "./compile.js";
export type { CompileStats, PassStats, ProgramStats } from "./stats.js";
