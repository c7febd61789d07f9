/** @file Points as host arrays, checked: from these, graphs are built. */
import { type Tensor, UsageError } from "@isograd/tensor";
import { expectShape } from "../expect.js";
import { readable } from "./host.js";

/** V points of n coordinates, by row, and the graph of each, if there are several. */
export interface HostPoints {
  readonly flat: ArrayLike<number>;
  readonly owners: ArrayLike<number> | null;
  readonly V: number;
  readonly dim: number;
  /** The points of each graph, in order. */
  readonly members: ReadonlyMap<number, readonly number[]>;
}

/**
 * Reads positions [V, n] and graphs [V].
 *
 * @throws ShapeError for other shapes; UsageError for coordinates that are not finite: no distance
 * to them is smaller than another.
 */
export function pointsOf(op: string, positions: Tensor, graph?: Tensor | undefined): HostPoints {
  expectShape(op, "positions", positions, ["nodes", "n"], "give [nodes, n]");
  const [V, dim] = positions.shape as readonly [number, number];
  if (graph !== undefined) {
    expectShape(op, "graph", graph, [V], "give the number of the graph of each node");
  }
  const flat = readable(op, "positions", positions);
  for (let k = 0; k < flat.length; k++) {
    if (Number.isFinite(flat[k])) continue;
    const problem = `positions contain ${flat[k]} at [${Math.floor(k / dim)}, ${k % dim}]`;
    throw new UsageError(op, problem, "distances need finite numbers: leave such points out");
  }
  const owners = graph ? readable(op, "graph", graph) : null;
  const members = new Map<number, number[]>();
  for (let i = 0; i < V; i++) {
    const g = owners ? (owners[i] as number) : 0;
    const known = members.get(g);
    if (known) known.push(i);
    else members.set(g, [i]);
  }
  return { flat, owners, V, dim, members };
}
