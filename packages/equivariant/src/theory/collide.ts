/**
 * @file Finds senders with given attributes by damped Gauss–Newton steps along the group.
 * Attributes can be any differentiable function.
 */
import { grad } from "@isograd/autograd";
import { scope, type Tensor, tensor, zeros } from "@isograd/tensor";
import type { PairInvariants } from "./invariants.js";
import type { HomogeneousSpace, Points } from "./spaces.js";

/** The task of a search: n receivers, and attributes [n, k] to reach. */
export interface Search {
  readonly space: HomogeneousSpace;
  readonly attributes: PairInvariants;
  readonly receiver: Points;
  readonly wanted: Tensor;
}

/**
 * Moves n senders until they have the wanted attributes: `sender ← exp(δ) sender`, with δ the
 * Levenberg–Marquardt step of each, damped more when the last step did not help.
 *
 * @returns the senders, and for each the largest remaining difference of attributes
 */
export function reach(
  search: Search,
  start: Points,
  steps = 40,
): { sender: Points; gaps: number[] } {
  const { space } = search;
  const n = start.position.shape[0] as number;
  const damping = new Float64Array(n).fill(1e-2);
  let sender = start;
  let now = linearised(search, sender);
  const resting = (r: number[], i: number) => square(r) < 1e-24 || damping[i]! >= 1e6;
  for (let step = 0; step < steps && !now.residual.every(resting); step++) {
    const moves = now.residual.map((r, i) => levenberg(now.slopes[i]!, r, damping[i]!));
    const tried = moved(space, sender, moves);
    const next = linearised(search, tried);
    const kept = now.residual.map((r, i) => square(next.residual[i]!) < square(r));
    kept.forEach((better, i) => {
      damping[i] = Math.min(1e6, Math.max(1e-12, damping[i]! * (better ? 0.2 : 8)));
    });
    // Senders that did not come closer stay, and try a shorter step next.
    const held = moves.map((m, i) => m.map((x) => (kept[i] ? x : 0)));
    sender = moved(space, sender, held);
    now = {
      residual: now.residual.map((r, i) => (kept[i] ? next.residual[i]! : r)),
      slopes: now.slopes.map((s, i) => (kept[i] ? next.slopes[i]! : s)),
    };
  }
  return { sender, gaps: now.residual.map((r) => Math.max(...r.map(Math.abs))) };
}

function moved(space: HomogeneousSpace, points: Points, by: number[][]): Points {
  return space.act(space.group.exp(tensor(by, { dtype: "float64" })), points);
}

const square = (v: readonly number[]): number => v.reduce((sum, x) => sum + x * x, 0);

interface Linearised {
  /** [n][k] */
  readonly residual: number[][];
  /** [n][k][parameters] */
  readonly slopes: number[][][];
}

function linearised(search: Search, sender: Points): Linearised {
  const { space, attributes, receiver, wanted } = search;
  const [n, k] = wanted.shape as readonly [number, number];
  return scope(() => {
    const still = zeros([n, space.group.dimension], { dtype: "float64" });
    const gap = (v: Tensor) =>
      attributes(receiver, space.act(space.group.exp(v), sender)).sub(wanted);
    const columns = Array.from({ length: k }, (_, a) =>
      grad((v: Tensor) => gap(v).slice([null, a]).sum())(still).toArray(),
    ) as number[][][];
    const finite = (x: number) => (Number.isFinite(x) ? x : 0);
    const slopes = Array.from({ length: n }, (_, i) => columns.map((c) => c[i]!.map(finite)));
    return { residual: gap(still).toArray() as number[][], slopes };
  });
}

/** `δ = −(JᵀJ + λ (1 + diag JᵀJ))⁻¹ Jᵀ r`. */
function levenberg(J: readonly number[][], r: readonly number[], damping: number): number[] {
  const m = J[0]?.length ?? 0;
  const A = Array.from({ length: m }, (_, a) => {
    const row = Array.from({ length: m }, (_, b) => J.reduce((s, j) => s + j[a]! * j[b]!, 0));
    row[a]! += damping * (1 + row[a]!);
    row.push(-J.reduce((s, j, c) => s + j[a]! * r[c]!, 0));
    return row;
  });
  // The matrix is positive definite, so elimination needs no row exchanges.
  for (let p = 0; p < m; p++) {
    for (let i = 0; i < m; i++) {
      if (i === p) continue;
      const factor = A[i]![p]! / A[p]![p]!;
      for (let c = p; c <= m; c++) A[i]![c]! -= factor * A[p]![c]!;
    }
  }
  return A.map((row, p) => row[m]! / row[p]!);
}
