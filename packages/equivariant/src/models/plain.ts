/** @file Networks without built-in symmetry: baselines that learn from coordinates. */
import { type LayerOptions, Linear, MLP, Module, TransformerBlock } from "@isograd/nn";
import { concat, reshape, ShapeError, scope, type Tensor, UsageError } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectWhole, synonyms } from "../expect.js";
import { expectDim } from "../geometry/rotations.js";
import { checkDense, type FeatureSizes } from "../graphs/checks.js";
import type { DenseGraphs } from "../graphs/graph.js";
import type { Outputs } from "./network.js";
import { type NetworkOptions, resolveOptions, SIZES } from "./options.js";

/** Options of {@link PlainTransformer} and {@link PlainMlp}. */
export interface PlainOptions
  extends LayerOptions,
    Pick<NetworkOptions, "inputs" | "outputs" | "channels" | "layers" | "level" | "pooling"> {
  /** Dimension of the space; default: 3. */
  readonly dim?: 2 | 3 | undefined;
}

/** Options of {@link PlainTransformer}. */
export interface PlainTransformerOptions extends PlainOptions {
  /** Number of heads of attention; default: 4. */
  readonly heads?: number | undefined;
}

/** Coordinates, scalars and components of vectors of each node [b, n, features]. */
function tokens({ positions, scalars, vectors }: DenseGraphs): Tensor {
  const [b, n] = positions.shape as readonly [number, number, number];
  const parts = [positions, scalars, vectors && reshape(vectors, [b, n, -1])];
  return concat(
    parts.filter((x) => x !== undefined),
    { axis: 2 },
  );
}

interface Sizes {
  readonly inputs: FeatureSizes;
  readonly outputs: { readonly scalars: number; readonly vectors: number };
  readonly dim: 2 | 3;
  /** Input features of a token, and output numbers of a node. */
  readonly features: number;
  readonly wanted: number;
}

function sizesOf(op: string, options: PlainOptions) {
  const { dim = 3, ...rest } = options;
  expectDim(op, dim);
  const resolved = resolveOptions(op, rest, { dim });
  const { inputs, outputs } = resolved;
  if (inputs.edgeScalars > 0) {
    throw new ShapeError(op, "it takes no features of edges", "give them as scalars of nodes");
  }
  const features = dim + inputs.scalars + dim * inputs.vectors;
  const wanted = outputs.scalars + dim * outputs.vectors;
  return { ...resolved, dim, features, wanted };
}

/** Numbers [b, n, ds + dim·dv] as scalars and vectors. */
function split(said: Tensor, { outputs, dim }: Sizes): Outputs {
  const lead = said.shape.slice(0, -1);
  const all = lead.map(() => null);
  const { scalars: ds, vectors: dv } = outputs;
  return {
    scalars: said.slice([...all, [0, ds]]),
    vectors: reshape(said.slice([...all, [ds, null]]), [...lead, dv, dim]),
  };
}

/**
 * A transformer whose tokens are nodes: coordinates, scalars and components of vectors. It is
 * equivariant to permutations, but not to rotations and translations. Only for complete graphs.
 *
 * @throws ShapeError when a batch does not have the features that the network was made for.
 * @example
 * const model = new PlainTransformer({
 *   inputs: { scalars: 1 },
 *   outputs: { vectors: 1 },
 *   channels: 16,
 *   layers: 2,
 *   rng: rng(0),
 * });
 * const graphs = { positions: rng(1).normal([10, 5, 3]), scalars: ones([10, 5, 1]) };
 * model.forward(graphs).vectors.shape; // [10,5,1,3]
 */
export class PlainTransformer extends Module {
  readonly embedding: Linear;
  readonly blocks: TransformerBlock[];
  readonly head: Linear;
  readonly level: "node" | "graph";
  private readonly sizes: Sizes & { readonly pooling: "sum" | "mean" };

  constructor(options: PlainTransformerOptions) {
    super();
    const op = "PlainTransformer";
    const { heads = 4, ...rest } = given(op, options, `${SIZES} dim# heads#` as const, synonyms);
    expectWhole(op, "heads", heads, 1);
    const { rng, channels, layers, dtype, device, level, ...sizes } = sizesOf(op, rest);
    if (channels % heads !== 0) {
      const problem = `${channels} channels do not make ${heads} heads`;
      throw new UsageError(op, problem, "take a divisor of the channels");
    }
    const make = { rng, dtype, device };
    this.embedding = new Linear(sizes.features, channels, make);
    this.blocks = Array.from({ length: layers }, () => new TransformerBlock(channels, heads, make));
    this.head = new Linear(channels, sizes.wanted, make);
    this.level = level;
    this.sizes = sizes;
  }

  forward(graphs: DenseGraphs): Outputs {
    checkDense("PlainTransformer", graphs, this.sizes.inputs);
    const { mask } = graphs;
    return scope(() => {
      const masks = mask ? { keyMask: mask.greater(0) } : {};
      const embedded = this.embedding.forward(tokens(graphs));
      const x = this.blocks.reduce((y, block) => block.forward(y, masks), embedded);
      const spoken = this.head.forward(x);
      const said = mask ? spoken.mul(mask.expandDims(-1)) : spoken;
      if (this.level === "node") return split(said, this.sizes);
      const total = said.sum({ axis: 1 });
      if (this.sizes.pooling === "sum") return split(total, this.sizes);
      const counts = mask ? mask.sum({ axis: 1, keepdims: true }).maximum(1) : said.shape[1];
      return split(total.div(counts as Tensor), this.sizes);
    });
  }
}

/** Options of {@link PlainMlp}. */
export interface PlainMlpOptions extends Omit<PlainOptions, "pooling"> {
  /** Number of nodes of every graph. */
  readonly nodes: number;
}

/**
 * A multilayer perceptron on all coordinates of a graph at once: it has no symmetry, not even under
 * permutations. Only for graphs of one size.
 *
 * @throws ShapeError when a batch does not have the features that the network was made for.
 * @example
 * const model = new PlainMlp({
 *   nodes: 5,
 *   inputs: { scalars: 1 },
 *   outputs: { vectors: 1 },
 *   channels: 16,
 *   layers: 2,
 *   rng: rng(0),
 * });
 * const graphs = { positions: rng(1).normal([10, 5, 3]), scalars: ones([10, 5, 1]) };
 * model.forward(graphs).vectors.shape; // [10,5,1,3]
 */
export class PlainMlp extends Module {
  readonly mlp: MLP;
  readonly nodes: number;
  readonly level: "node" | "graph";
  private readonly sizes: Sizes;

  constructor(options: PlainMlpOptions) {
    super();
    const names = "nodes# inputs outputs channels# layers# level dim# rng dtype device";
    const { nodes, ...rest } = given("PlainMlp", options, names, synonyms);
    expectWhole("PlainMlp", "nodes", nodes, 1, 2 ** 20);
    const { rng, channels, layers, dtype, device, level, ...sizes } = sizesOf("PlainMlp", rest);
    const weights = channels * nodes * (sizes.features + sizes.wanted);
    expectWhole("PlainMlp", "the number of weights", weights, 1);
    const hidden = Array.from({ length: layers }, () => channels);
    const out = level === "graph" ? sizes.wanted : nodes * sizes.wanted;
    const make = { rng, dtype, device, activation: "silu" as const };
    this.mlp = new MLP([nodes * sizes.features, ...hidden, out], make);
    this.nodes = nodes;
    this.level = level;
    this.sizes = sizes;
  }

  forward(graphs: DenseGraphs): Outputs {
    checkDense("PlainMlp", graphs, this.sizes.inputs);
    const [b, n] = graphs.positions.shape as readonly [number, number, number];
    if (n !== this.nodes || graphs.mask !== undefined) {
      throw new ShapeError(
        "PlainMlp",
        `graphs have ${n} nodes${graphs.mask ? " with padding" : ""}, expected ${this.nodes}`,
        "it takes graphs of one size only",
      );
    }
    return scope(() => {
      const said = this.mlp.forward(reshape(tokens(graphs), [b, -1]));
      if (this.level === "graph") return split(said, this.sizes);
      return split(reshape(said, [b, n, this.sizes.wanted]), this.sizes);
    });
  }
}
