/** @file Steps that are captured once and replayed as one program. */
export { type Compiled, type CompileOptions, type CompileStats, compile } from "./compile.js";
