/** @file Prepares a batch of graphs, in either form, for message passing. */
import { checkDense, checkEdgeList, expectGraphs, type FeatureSizes } from "./checks.js";
import { type Graphs, isDense } from "./graph.js";
import { wireDense } from "./wireDense.js";
import { wireEdgeList } from "./wireEdgeList.js";
import type { Wiring } from "./wiring.js";

/**
 * Checks a batch and prepares it for message passing.
 *
 * @throws ShapeError with the name of the input that does not fit; UsageError for inputs of the
 * other form, which would be ignored.
 */
export function wire(op: string, graphs: Graphs, sizes: FeatureSizes): Wiring {
  expectGraphs(op, graphs, sizes);
  if (isDense(graphs)) {
    checkDense(op, graphs, sizes);
    return wireDense(graphs);
  }
  checkEdgeList(op, graphs, sizes);
  return wireEdgeList(graphs);
}
