/** @file Checks of a network's input before any op runs. Errors name the input. */
import { DTypeError, ShapeError, type Tensor, UsageError } from "@isograd/tensor";
import { formatShape, shapesEqual } from "@isograd/tensor/engine";
import { expectParts, expectTensorOf, expectWhole } from "../expect.js";
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
    expectTensorOf(op, name, given);
    if (shapesEqual(given.shape, wanted)) continue;
    throw new ShapeError(
      op,
      `${name} are ${formatShape(given.shape)}, expected ${formatShape(wanted)}`,
      name === "vectors"
        ? `vectors have a channel axis: [nodes, channels, ${wanted.at(-1)}]`
        : "lengths are those of positions, and the numbers of features those of the model",
    );
  }
}

/**
 * @throws UsageError unless `graphs` is an object with positions, and `sizes` has numbers of
 * features.
 */
export function expectGraphs(op: string, graphs: unknown, sizes: FeatureSizes): void {
  expectPositions(op, graphs);
  const help = "write { scalars: 1, vectors: 0, edgeScalars: 0 }";
  const names = ["scalars", "vectors", "edgeScalars"] as const;
  expectParts<FeatureSizes>(op, "sizes", sizes, names, help);
  for (const name of names) expectWhole(op, name, sizes[name], 0);
}

function expectPositions(op: string, graphs: unknown): void {
  const help = "give { positions, scalars, … }: [graphs, nodes, 3], or [nodes, 3] with edges";
  expectParts<DenseGraphs>(op, "graphs", graphs, ["positions"], help);
  expectTensorOf(op, "positions", graphs.positions);
}

/** @throws UsageError for parts of the other form of graphs, which would be ignored. */
function refuse(op: string, graphs: object, parts: readonly string[], help: string): void {
  const found = parts.find((part) => Reflect.get(graphs, part) !== undefined);
  if (found === undefined) return;
  const { positions } = graphs as DenseGraphs;
  const problem = `positions of shape ${formatShape(positions.shape)} do not go with ${found}`;
  throw new UsageError(op, problem, help);
}

export function checkDense(op: string, graphs: DenseGraphs, sizes: FeatureSizes): void {
  expectPositions(op, graphs);
  const { positions, scalars, vectors, edges, mask } = graphs;
  const list = ["source", "target", "shifts", "graph"];
  refuse(
    op,
    graphs,
    list,
    "[graphs, nodes, n] are complete graphs; a list of edges has [nodes, n]",
  );
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
  refuse(op, graphs, ["mask"], "leave padding out of a list of nodes");
  expectTensorOf(op, "source", source);
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
  const { graphs: count } = graphs;
  if (graph !== undefined && count === undefined) {
    const help = "give { graph, graphs: 3 }: graphs can be empty, so graph alone does not tell";
    throw new ShapeError(op, "graph was given without graphs, the number of graphs", help);
  }
  if (count !== undefined) expectWhole(op, "graphs", count, 0);
  if (graph === undefined && count !== undefined && count !== 1) {
    const problem = `graphs ${count} was given without graph, the graph of each node`;
    throw new ShapeError(op, problem, "give { graph, graphs }, or leave graphs out for one graph");
  }
}
