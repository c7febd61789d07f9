/** @file Graphs, models and comparisons for the tests. */
import {
  type DenseGraphs,
  type Grid,
  grids,
  type Matrix,
  Ponita,
  type PonitaOptions,
  type SeparableConvolution,
} from "@isograd/equivariant";
import { type DType, matmul, rng, type Tensor, tensor } from "@isograd/tensor";

export type Floats = "float32" | "float64";

/** Random graphs with one scalar and one vector for each node, and one scalar for each edge. */
export function randomGraphs(seed: number | string, b = 2, n = 4, dtype: Floats = "float64") {
  const random = rng(seed, { dtype });
  return {
    positions: random.normal([b, n, 3]),
    scalars: random.normal([b, n, 1]),
    vectors: random.normal([b, n, 1, 3]),
    edges: random.normal([b, n, n, 1]),
  } satisfies DenseGraphs;
}

/** A small PONITA for {@link randomGraphs}. */
export function smallPonita(options: Partial<PonitaOptions> = {}): Ponita {
  return new Ponita({
    inputs: { scalars: 1, vectors: 1, edges: 1 },
    outputs: { scalars: 2, vectors: 2 },
    channels: 8,
    layers: 2,
    grid: grids.fibonacci(6),
    rng: rng(0),
    dtype: "float64",
    ...options,
  });
}

/** The convolution of the first block. */
export function separable(model: Ponita): SeparableConvolution {
  return model.blocks[0]?.convolution as SeparableConvolution;
}

/** `x Rᵀ` on the last axis. */
export function turn(x: Tensor, rotation: Matrix): Tensor {
  return matmul(x, tensor(rotation, { dtype: x.dtype }).mT);
}

/** `‖a − b‖ / ‖b‖` over all elements. */
export function relativeError(a: Tensor, b: Tensor): number {
  const [x, y] = [a.dataSync(), b.dataSync()];
  let [off, size] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    off += (x[i]! - y[i]!) ** 2;
    size += y[i]! ** 2;
  }
  return x.length === y.length ? Math.sqrt(off / (size || 1)) : Number.NaN;
}

/** The tolerance of exact identities. */
export function exactTo(dtype: DType): number {
  return dtype === "float64" ? 1e-9 : 1e-4;
}

export const solids = ["tetrahedron", "octahedron", "cube", "icosahedron", "dodecahedron"] as const;

/** Largest distance from a point of one set to the nearest of another. */
export function farthest(points: readonly (readonly number[])[], grid: Grid): number {
  const distance = (p: readonly number[], q: readonly number[]) =>
    Math.hypot(...p.map((x, i) => x - q[i]!));
  return Math.max(...points.map((p) => Math.min(...grid.points.map((q) => distance(p, q)))));
}
