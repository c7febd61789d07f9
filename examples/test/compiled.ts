/** @file A compiler that counts its programs, for tests of training loops. */
import { type CompileStats, compile } from "@isograd/compile";
import type { Compiler } from "@isograd/nn";

/** `compile`, and what the programs were that it made, once they are freed. */
export function counting(): { readonly compiler: Compiler; readonly programs: CompileStats[] } {
  const programs: CompileStats[] = [];
  const compiler: Compiler = (f, options) => {
    const fast = compile(f, options);
    const { dispose } = fast;
    return Object.assign(fast, {
      dispose() {
        programs.push(...fast.stats());
        dispose();
      },
    });
  };
  return { compiler, programs };
}
