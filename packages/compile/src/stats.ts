/** @file What stats() tells of a program. */

/** What one pass left of a program. */
export interface PassStats {
  readonly name: string;
  /** Instructions after it. */
  readonly instructions: number;
}

/** What a program is made of. */
export interface ProgramStats {
  /** Instructions after all passes. */
  readonly instructions: number;
  /** Calls of kernels in one run; those of a group count once, not for each strip. */
  readonly calls: number;
  /** Instructions that the host computes. */
  readonly host: number;
  /** Groups of calls that run strip by strip, and the calls in all of them. */
  readonly groups: number;
  readonly fusedCalls: number;
  /** Bytes of the arena in which all intermediate results lie. */
  readonly arenaBytes: number;
  /** Bytes of the WebAssembly module. */
  readonly moduleBytes: number;
}

/** What became of one signature. */
export interface CompileStats extends ProgramStats {
  /** Instructions as captured. */
  readonly captured: number;
  /** Each pass, in their order, with the instructions after it. */
  readonly passes: readonly PassStats[];
  /** Programs that walk back through the call, made when a gradient was first asked for. */
  readonly back: readonly ProgramStats[];
  /** Milliseconds of the run of the function that was captured, on tensors without numbers. */
  readonly captureMs: number;
  /** Milliseconds of all passes. */
  readonly passesMs: number;
  /** Milliseconds of recording the calls of kernels, fusing them and placing their memory. */
  readonly planMs: number;
  /** Milliseconds of writing the WebAssembly module, and of the engine that compiles it. */
  readonly moduleMs: number;
  /** Milliseconds from the first call until the program was ready: the four above. */
  readonly buildMs: number;
}
