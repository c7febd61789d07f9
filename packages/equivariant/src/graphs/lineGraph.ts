/** @file The graph whose nodes are the edges of another graph, each a position with a direction. */
import { type Tensor, tensor } from "@isograd/tensor";
import { readable } from "./host.js";
import type { Wiring } from "./wiring.js";

/**
 * Directed edges as oriented points: the position of the receiver and the direction to the sender.
 */
export interface LineGraph {
  /** The edges of the first graph that are nodes here, int32 [N]: all but loops and padding. */
  readonly kept: Tensor;
  /** The receiver of each of these edges, which is its position, and the sender, int32 [N]. */
  readonly base: Tensor;
  readonly tip: Tensor;
  /** Edges between oriented points, int32 [M]. */
  readonly source: Tensor;
  readonly target: Tensor;
  /**
   * The oriented point whose edge connects the positions of receiver and sender; N if they are
   * equal, x = 0 [M].
   */
  readonly via: Tensor;
}

/**
 * Which messages an oriented point receives, in addition to those from its own position: from the
 * node that it points to ("ahead"), or from every neighbour ("around").
 */
export type Hearing = "ahead" | "around";

/** The line graph of a batch. */
export function lineGraph(op: string, wiring: Wiring, hearing: Hearing): LineGraph {
  const { source, target } = wiring.ends();
  const [from, to] = [readable(op, "edges", source), readable(op, "edges", target)];
  const mask = wiring.edgeMask ? readable(op, "the mask", wiring.edgeMask) : null;
  const standing: number[][] = Array.from({ length: wiring.nodes }, () => []);
  const kept: number[] = [];
  for (let e = 0; e < wiring.edges; e++) {
    if (from[e] === to[e] || (mask && mask[e] === 0)) continue;
    (standing[to[e]!] as number[]).push(kept.length);
    kept.push(e);
  }
  const [sources, targets, via]: [number[], number[], number[]] = [[], [], []];
  const hear = (node: number, at: number, by: number): void => {
    for (const other of standing[at] as number[]) {
      sources.push(other);
      targets.push(node);
      via.push(by);
    }
  };
  kept.forEach((e, node) => {
    hear(node, to[e]!, kept.length);
    const ways = hearing === "ahead" ? [node] : (standing[to[e]!] as number[]);
    for (const way of ways) hear(node, from[kept[way]!]!, way);
  });
  const ints = (values: readonly number[]) =>
    tensor(Int32Array.from(values), { device: wiring.positions.device });
  return {
    kept: ints(kept),
    base: ints(kept.map((e) => to[e]!)),
    tip: ints(kept.map((e) => from[e]!)),
    source: ints(sources),
    target: ints(targets),
    via: ints(via),
  };
}
