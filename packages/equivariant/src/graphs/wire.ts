/** @file Checks a batch of graphs, of either form, and wires it for message passing. */
import { checkDense, checkEdgeList, type FeatureSizes } from "./checks.js";
import { type Graphs, isDense } from "./graph.js";
import { wireDense } from "./wireDense.js";
import { wireEdgeList } from "./wireEdgeList.js";
import type { Wiring } from "./wiring.js";

/**
 * Checks a batch and wires it.
 *
 * @throws ShapeError, naming what does not fit.
 */
export function wire(op: string, graphs: Graphs, sizes: FeatureSizes): Wiring {
  if (isDense(graphs)) {
    checkDense(op, graphs, sizes);
    return wireDense(graphs);
  }
  checkEdgeList(op, graphs, sizes);
  return wireEdgeList(graphs);
}
