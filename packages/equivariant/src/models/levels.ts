/**
 * @file Points at several resolutions, each chosen from the one before, and the edges between them.
 */
import { type Tensor, take } from "@isograd/tensor";
import { farthestPoints } from "../graphs/farthest.js";
import { knnBetween, knnGraph } from "../graphs/neighbours.js";
import { links } from "../graphs/wireEdgeList.js";
import type { Links, Wiring } from "../graphs/wiring.js";

/** A coarser level, and its edges: within, from the finer one, and back to it. */
export interface Level {
  readonly positions: Tensor;
  readonly graph: Tensor | null;
  readonly within: Links;
  readonly down: Links;
  readonly up: Links;
}

export interface LevelOptions {
  /** Number of coarser levels. */
  readonly count: number;
  /** Share of the points that the next level keeps. */
  readonly ratio: number;
  /** Edges to each point, in every graph of the levels. */
  readonly neighbours: number;
}

/** The coarser levels of a batch. */
export function levelsOf(wiring: Wiring, options: LevelOptions): Level[] {
  const { ratio, neighbours: k, count } = options;
  const levels: Level[] = [];
  let { positions, graph }: { positions: Tensor; graph: Tensor | null } = wiring;
  for (let i = 0; i < count; i++) {
    const chosen = farthestPoints(positions, { ratio, ...(graph && { graph }) });
    const coarse = { positions: take(positions, chosen), graph: graph && take(graph, chosen) };
    const fine = { positions, graph };
    const among = { k, ...(coarse.graph && { graph: coarse.graph }) };
    const at = (senders: Tensor, receivers: Tensor) => ({ senders, receivers });
    levels.push({
      ...coarse,
      within: links({
        ...knnGraph(coarse.positions, among),
        ...at(coarse.positions, coarse.positions),
      }),
      down: links({ ...knnBetween(fine, coarse, k), ...at(positions, coarse.positions) }),
      up: links({ ...knnBetween(coarse, fine, k), ...at(coarse.positions, positions) }),
    });
    ({ positions, graph } = coarse);
  }
  return levels;
}
