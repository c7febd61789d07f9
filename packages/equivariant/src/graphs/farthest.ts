/** @file A few points that represent many: farthest-point sampling. */
import { type Tensor, tensor, UsageError } from "@isograd/tensor";
import { readable } from "./host.js";

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
  const { ratio, graph } = options;
  if (!(ratio > 0 && ratio <= 1)) {
    throw new UsageError("farthestPoints", `ratio lies between 0 and 1: got ${ratio}`);
  }
  const [V, dim] = positions.shape as readonly [number, number];
  const flat = readable("farthestPoints", "positions", positions);
  const owners = graph ? readable("farthestPoints", "graph", graph) : null;
  const members = new Map<number, number[]>();
  for (let i = 0; i < V; i++) {
    const g = owners ? (owners[i] as number) : 0;
    members.set(g, [...(members.get(g) ?? []), i]);
  }
  const chosen = [...members.values()].flatMap((of) => spread(flat, dim, of, ratio));
  return tensor(Int32Array.from(chosen), { device: positions.device });
}

function spread(flat: ArrayLike<number>, dim: number, of: number[], ratio: number): number[] {
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
