/** @file Checks of a network's input before any op runs. Errors name the input. */
import { DTypeError, ShapeError, type Tensor } from "@isograd/tensor";
import { formatShape } from "@isograd/tensor/engine";
import type { DenseGraphs, EdgeListGraphs } from "./graph.js";

/** The number of features of each kind that a network takes. */
export interface FeatureSizes {
  readonly scalars: number;
  readonly vectors: number;
  readonly edgeScalars: number;
  /** Dimension of the space; default: 3. */
  readonly dim?: 2 | 3;
}

type Named = readonly [name: string, given: Tensor | undefined, wanted: readonly number[]];

const optional: ReadonlySet<string> = new Set(["mask", "graph", "shifts"]);

function checkShapes(op: string, named: readonly Named[]): void {
  for (const [name, given, wanted] of named) {
    const none = wanted.includes(0) && wanted[wanted.length - (name === "vectors" ? 2 : 1)] === 0;
    if (given === undefined && (none || optional.has(name))) continue;
    if (given === undefined) {
      throw new ShapeError(
        op,
        `the model takes ${name} of shape ${formatShape(wanted)}, none were given`,
        `add them to the batch: { positions, ${name}: … }`,
      );
    }
    if (formatShape(given.shape) === formatShape(wanted)) continue;
    throw new ShapeError(
      op,
      `${name} are ${formatShape(given.shape)}, expected ${formatShape(wanted)}`,
      name === "vectors"
        ? `vectors have a channel axis: [nodes, channels, ${wanted.at(-1)}]`
        : undefined,
    );
  }
}

export function checkDense(op: string, graphs: DenseGraphs, sizes: FeatureSizes): void {
  const { positions, scalars, vectors, edges, mask } = graphs;
  const dim = sizes.dim ?? 3;
  const [b, n] = positions.shape as readonly [number, number, number];
  checkShapes(op, [
    ["positions", positions, [b, n, dim]],
    ["scalars", scalars, [b, n, sizes.scalars]],
    ["vectors", vectors, [b, n, sizes.vectors, dim]],
    ["edges", edges, [b, n, n, sizes.edgeScalars]],
    ["mask", mask, [b, n]],
  ]);
}

export function checkEdgeList(op: string, graphs: EdgeListGraphs, sizes: FeatureSizes): void {
  const { positions, scalars, vectors, edges, shifts, source, target, graph } = graphs;
  const dim = sizes.dim ?? 3;
  if (positions.shape.length !== 2) {
    throw new ShapeError(
      op,
      `positions are ${formatShape(positions.shape)}`,
      `give [nodes, ${dim}] with an edge list, or [graphs, nodes, ${dim}] for complete graphs`,
    );
  }
  if (source === undefined || target === undefined) {
    throw new ShapeError(
      op,
      `positions of shape ${formatShape(positions.shape)} need edges`,
      `give source and target (completeEdges makes them), or positions [graphs, nodes, ${dim}]`,
    );
  }
  const V = positions.shape[0] as number;
  const E = source.size;
  checkShapes(op, [
    ["positions", positions, [V, dim]],
    ["scalars", scalars, [V, sizes.scalars]],
    ["vectors", vectors, [V, sizes.vectors, dim]],
    ["source", source, [E]],
    ["target", target, [E]],
    ["edges", edges, [E, sizes.edgeScalars]],
    ["shifts", shifts, [E, dim]],
    ["graph", graph, [V]],
  ]);
  for (const [name, x] of Object.entries({ source, target, graph })) {
    if (x === undefined || x.dtype === "int32") continue;
    throw new DTypeError(op, `${name} is ${x.dtype}, not int32`, 'cast it: x.cast("int32")');
  }
  if (graph !== undefined && graphs.graphs === undefined) {
    throw new ShapeError(op, "graph was given without graphs, the number of graphs");
  }
}
