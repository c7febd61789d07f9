/** @file What stats() tells of a program. */

/** What became of one signature. */
export interface CompileStats {
  /** Instructions as captured, and after all passes. */
  readonly captured: number;
  readonly instructions: number;
  /** Calls of kernels in one run, and instructions that the host computes. */
  readonly calls: number;
  readonly host: number;
  /** Bytes of the arena in which all intermediate results lie. */
  readonly arenaBytes: number;
  /** Bytes of the WebAssembly module. */
  readonly moduleBytes: number;
  /** Milliseconds that capturing and building took. */
  readonly buildMs: number;
}
