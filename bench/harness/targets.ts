/** @file Goals of Isograd on one thread; reported as met or missed, never enforced. */
import type { Library } from "./contender.js";
import type { Result } from "./run.js";

/** At least `bound` times as fast as a library or the row's baseline; or at most `bound` µs. */
export interface Target {
  readonly row: string;
  readonly versus?: Library | "baseline";
  readonly bound: number;
}

export const targets: readonly Target[] = [
  { row: "matmul 512", versus: "tfjs", bound: 1.3 },
  { row: "matmul 512", versus: "jax-js jit", bound: 1.8 },
  ...["aᵀ·b", "a·bᵀ", "aᵀ·bᵀ"].map((kind) => ({
    row: `matmul 512 ${kind}`,
    versus: "baseline" as const,
    bound: 0.9,
  })),
  { row: "training step 784-256-128-10", versus: "jax-js jit", bound: 2.2 },
  { row: "training step 784-256-128-10", versus: "tfjs", bound: 10 },
  { row: "value and gradient, MLP 2-16-16-1", bound: 20 },
  ...["tanh", "gelu", "gelu by erf"].flatMap((f) =>
    (["tfjs", "jax-js jit"] as const).map((versus) => ({
      row: `${f}(x·y + z) 1e6`,
      versus,
      bound: 5,
    })),
  ),
  { row: "scatter-add 1e5 rows of 16 → 1e4", versus: "jax-js jit", bound: 20 },
];

/** A target beside what was measured; null when its rows did not run. */
export interface Verdict {
  readonly target: string;
  readonly measured: number;
  readonly met: boolean;
}

export function judge({ row, versus, bound }: Target, results: readonly Result[]): Verdict | null {
  const result = results.find(({ name }) => name === row);
  const own = result?.entries.isograd;
  if (result === undefined || own === undefined) return null;
  if (versus === undefined) {
    const measured = own.ms * 1000;
    return { target: `${row} ≤ ${bound} µs`, measured, met: measured <= bound };
  }
  const other = versus === "baseline" ? result.baseline : result.entries[versus];
  if (other === undefined) return null;
  const name = versus === "baseline" ? result.baseline?.name : versus;
  const measured = other.ratio;
  return { target: `${row} ≥ ${bound}× ${name}`, measured, met: measured >= bound };
}
