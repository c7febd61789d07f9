/**
 * @file PONITA as the network of a diffusion: clouds of atoms of known kinds, and how noisy they
 * are.
 */
import { type Grid, grids, Ponita } from "@isograd/equivariant";
import { Module } from "@isograd/nn";
import { broadcastTo, concat, reshape, rng, type Tensor, tensor } from "@isograd/tensor";
import type { Preset } from "../harness/benchmark.js";
import type { Network } from "./edm.js";

const SIZES = {
  quick: { channels: 8, layers: 1, grid: grids.platonic("octahedron") },
  small: { channels: 32, layers: 3, grid: grids.platonic("cube") },
  paper: { channels: 256, layers: 9, grid: grids.fibonacci(16) },
} as const;

/** Atoms enter by their kind, one-hot divided by 4; nodes and edges carry the noise level. */
export class DiffusionModel extends Module {
  readonly network: Ponita;
  readonly grid: Grid;
  private readonly kinds: Tensor;

  constructor(
    numbers: readonly number[],
    preset: Preset,
    { dtype = "float32" }: { dtype?: "float32" | "float64" } = {},
  ) {
    super();
    const elements = [...new Set(numbers)].sort((a, b) => a - b);
    const oneHot = numbers.map((z) => elements.map((e) => (e === z ? 0.25 : 0)));
    this.kinds = tensor(oneHot, { dtype });
    const { channels, layers, grid } = SIZES[preset];
    this.grid = grid;
    this.network = new Ponita({
      inputs: { scalars: elements.length + 1, edges: 1 },
      outputs: { vectors: 1 },
      ...{ channels, layers, grid, rng: rng("diffusion"), dtype },
    });
  }

  get atoms(): number {
    return this.kinds.shape[0] ?? 0;
  }

  calibrate(scaled: Tensor, level: Tensor): void {
    this.network.calibrate(this.graphs(scaled, level));
  }

  /** F of the denoiser. */
  readonly predict: Network = (scaled, level) =>
    reshape(this.network.forward(this.graphs(scaled, level)).vectors, scaled.shape);

  private graphs(positions: Tensor, level: Tensor) {
    const [b = 0, n = 0] = positions.shape;
    const [, elements = 0] = this.kinds.shape;
    const kinds = broadcastTo(this.kinds, [b, n, elements]);
    const noise = broadcastTo(reshape(level, [b, 1, 1]), [b, n, 1]);
    return {
      positions,
      scalars: concat([kinds, noise], { axis: 2 }),
      edges: broadcastTo(reshape(level, [b, 1, 1, 1]), [b, n, n, 1]),
      symmetric: true,
    };
  }
}
