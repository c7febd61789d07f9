/** @file A few points that represent many: farthest-point sampling. */
import { type Tensor, tensor, UsageError } from "@isograd/tensor";
import { given, shown } from "@isograd/tensor/engine";
import { synonyms } from "../expect.js";
import { pointsOf } from "./points.js";

/**
 * Indices of points that are spread over each graph: first the point farthest from the centre, then
 * repeatedly the point farthest from all chosen points. Of n points it chooses `⌈ratio · n⌉`. The
 * choice turns and moves with the points and does not depend on their order, except for ties of
 * distances. Source: Y. Eldar et al., IEEE Trans. Image Processing 6 (1997).
 *
 * @param positions [V, n]
 * @returns indices by graph, in the order of choice, int32
 * @throws UsageError unless 0 < ratio ≤ 1.
 * @example
 * const line = tensor([[0, 0, 0], [1, 0, 0], [2, 0, 0], [6, 0, 0]]);
 * farthestPoints(line, { ratio: 0.5 }).toArray(); // [3,0]
 */
export function farthestPoints(
  positions: Tensor,
  options: { readonly ratio: number; readonly graph?: Tensor | undefined },
): Tensor {
  const { ratio, graph } = given("farthestPoints", options, "ratio# graph", synonyms);
  expectRatio("farthestPoints", ratio);
  const { flat, dim, members } = pointsOf("farthestPoints", positions, graph);
  const chosen = [...members.values()].flatMap((of) => spread(flat, dim, of, ratio));
  return tensor(Int32Array.from(chosen), { device: positions.device });
}

/** @throws UsageError unless 0 < ratio ≤ 1. */
export function expectRatio(op: string, ratio: unknown): asserts ratio is number {
  if (typeof ratio === "number" && ratio > 0 && ratio <= 1) return;
  const help = "take the share of points to choose, such as 0.5";
  throw new UsageError(op, `ratio lies between 0 and 1: got ${shown(ratio)}`, help);
}

function spread(
  flat: ArrayLike<number>,
  dim: number,
  of: readonly number[],
  ratio: number,
): number[] {
  const centre = Array.from({ length: dim }, (_, d) =>
    of.reduce((sum, i) => sum + flat[i * dim + d]! / of.length, 0),
  );
  const squared = (i: number, p: (d: number) => number): number => {
    let q = 0;
    for (let d = 0; d < dim; d++) q += (flat[i * dim + d]! - p(d)) ** 2;
    return q;
  };
  let gaps = of.map((i) => squared(i, (d) => centre[d]!));
  const chosen: number[] = [];
  const taken = of.map(() => false);
  const count = Math.ceil(ratio * of.length);
  while (chosen.length < count) {
    const best = gaps.reduce((at, gap, k) => (gap > gaps[at]! ? k : at), 0);
    const point = of[best]!;
    const near = of.map((i) => squared(i, (d) => flat[point * dim + d]!));
    gaps = near.map((gap, k) => (chosen.length === 0 ? gap : Math.min(gap, gaps[k]!)));
    chosen.push(point);
    taken[best] = true;
    gaps = gaps.map((gap, k) => (taken[k] ? -1 : gap));
  }
  return chosen;
}
