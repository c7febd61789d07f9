/**
 * @file Edges that share a kernel: on grids with −o for each o, the kernel of i ← j also gives that
 * of j ← i.
 */
import { reshape, sub, type Tensor, take, tensor } from "@isograd/tensor";
import { wanted } from "../expect.js";
import type { DenseGraphs } from "./graph.js";
import { valuesOf } from "./host.js";

/**
 * One edge of each pair of nodes, and the loops. The invariants o·x and ‖x − (o·x)o‖ do not change
 * with x ↦ −x and o ↦ −o, so the kernel of j ← i at o is that of i ← j at −o. On loops x = 0, so
 * the kernel does not depend on o. For each graph, n (n − 1)/2 O + n rows remain of n² O.
 */
export interface Halves {
  /** x = p_j − p_i of the pairs i < j: [b n (n − 1)/2, 3]. */
  readonly displacements: Tensor;
  /** Features of those edges [b n (n − 1)/2, ce], or null. */
  readonly attributes: Tensor | null;
  /** Features of the loops [b n, ce], or null. */
  readonly loopAttributes: Tensor | null;
  /** Number of loops b n. */
  readonly loops: number;
  /**
   * The row of the kernel of each edge and orientation [E·O]; rows of pairs come before those of
   * loops.
   */
  readonly rows: Tensor;
}

/**
 * The halves of complete graphs; null when the two edges of a pair can differ in more than
 * direction.
 *
 * @param antipodes the index of −o for each o of the grid
 */
export function halvesOf(graphs: DenseGraphs, antipodes: Int32Array): Halves | null {
  if (!(antipodes instanceof Int32Array)) {
    throw wanted("wiring.halves", "antipodes", "an Int32Array", antipodes, "one index for each o");
  }
  const { positions, edges, mask, symmetric } = graphs;
  const [b, n, dim] = positions.shape as readonly [number, number, number];
  if (mask !== undefined || n < 2 || (edges !== undefined && symmetric !== true)) return null;
  const [first, second, diagonal]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < n; i++) {
    diagonal.push(i * n + i);
    for (let j = i + 1; j < n; j++) {
      first.push(i);
      second.push(j);
    }
  }
  const pairs = first.length;
  const picked = (x: Tensor, at: readonly number[]) => take(x, ints(at, x.device), { axis: 1 });
  const features = (at: readonly number[]): Tensor | null => {
    if (edges === undefined) return null;
    const size = edges.shape[3] as number;
    return reshape(picked(reshape(edges, [b, n * n, size]), at), [b * at.length, size]);
  };
  const x = sub(picked(positions, second), picked(positions, first));
  return {
    displacements: reshape(x, [b * pairs, dim]),
    attributes: features(first.map((i, p) => i * n + second[p]!)),
    loopAttributes: features(diagonal),
    loops: b * n,
    rows: ints(rowsOf(b, n, antipodes), positions.device),
  };
}

function ints(values: ArrayLike<number>, device: string): Tensor {
  return tensor(Int32Array.from(values), { device });
}

function rowsOf(b: number, n: number, antipodes: Int32Array): Int32Array {
  const O = antipodes.length;
  const pairs = (n * (n - 1)) / 2;
  const rows = new Int32Array(b * n * n * O);
  let at = 0;
  for (let g = 0; g < b; g++) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const [low, high] = i < j ? [i, j] : [j, i];
        const pair = (low * (2 * n - low - 1)) / 2 + high - low - 1;
        const start = (g * pairs + pair) * O;
        for (let o = 0; o < O; o++) {
          if (i === j) rows[at++] = b * pairs * O + g * n + i;
          else rows[at++] = start + (i < j ? o : antipodes[o]!);
        }
      }
    }
  }
  return rows;
}

/**
 * The index of −o for each vector o of a grid [O, dim]; null when one is missing, or when the grid
 * cannot be read synchronously.
 */
export function antipodesOf(grid: Tensor): Int32Array | null {
  const points = valuesOf(grid);
  if (points === null) return null;
  const [O, dim] = grid.shape as readonly [number, number];
  const tolerance = grid.dtype === "float64" ? 1e-13 : 1e-6;
  const found = new Int32Array(O);
  for (let o = 0; o < O; o++) {
    let at = -1;
    for (let p = 0; p < O && at < 0; p++) {
      let gap = 0;
      for (let d = 0; d < dim; d++) {
        gap = Math.max(gap, Math.abs(points[o * dim + d]! + points[p * dim + d]!));
      }
      if (gap <= tolerance) at = p;
    }
    if (at < 0) return null;
    found[o] = at;
  }
  return found;
}
