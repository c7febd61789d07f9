/** @file What Isograd wants to reach, single thread; told as met or missed, never enforced. */
import type { Library } from "./contender.js";
import type { Result } from "./run.js";

/** `at least` so many times faster than a library, or than another row of its own; or `at most` so many µs. */
export interface Target {
  readonly row: string;
  readonly versus?: Library | { readonly row: string };
  readonly bound: number;
}

export const targets: readonly Target[] = [
  { row: "matmul 512", versus: "tfjs", bound: 1.3 },
  { row: "matmul 512", versus: "jax-js jit", bound: 1.8 },
  ...["aᵀ·b", "a·bᵀ", "aᵀ·bᵀ"].map((kind) => ({
    row: `matmul 512 ${kind}`,
    versus: { row: "matmul 512" },
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

export function judge(target: Target, results: readonly Result[]): Verdict | null {
  const find = (name: string) => results.find((result) => result.name === name);
  const { row, versus, bound } = target;
  const own = find(row)?.entries.isograd;
  if (own === undefined) return null;
  if (versus === undefined) {
    const measured = own.ms * 1000;
    return { target: `${row} ≤ ${bound} µs`, measured, met: measured <= bound };
  }
  const named = typeof versus === "string";
  const measured = named
    ? find(row)?.entries[versus]?.ratio
    : (find(versus.row)?.entries.isograd?.ms ?? Number.NaN) / own.ms;
  if (measured === undefined || Number.isNaN(measured)) return null;
  const other = named ? versus : versus.row;
  return { target: `${row} ≥ ${bound}× ${other}`, measured, met: measured >= bound };
}
