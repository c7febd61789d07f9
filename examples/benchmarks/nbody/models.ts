/** @file The predictors of the N-body benchmark: all give displacements [b, n, 3]. */
import { Egnn, type Grid, grids, Pnita, Ponita } from "@isograd/equivariant";
import { MLP, Module } from "@isograd/nn";
import {
  concat,
  expandDims,
  matmul,
  mean,
  mul,
  reshape,
  rng,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
} from "@isograd/tensor";
import type { Batch } from "../../tour/world.js";

/** A model and what it does with a batch. */
export interface Mover extends Module {
  displacements(batch: Batch): Tensor;
  /** Scales kernels on a first batch, where there are any. */
  calibrate?(batch: Batch): void;
}

/** Sizes of the networks. */
export interface Sizes {
  readonly channels: number;
  readonly basis: number;
  readonly layers: number;
  readonly grid: Grid;
  readonly layerScale?: number;
  /**
   * Whether edges carry the products of charges and nodes their squares, so that flipping the sign
   * of all charges changes nothing, as in the law; otherwise nodes carry charges.
   */
  readonly chargeProducts: boolean;
  /** Bessel functions of the distance that kernels of PONITA and PNITA see, up to a cut-off. */
  readonly radial?: { readonly size: number; readonly cutoff: number };
  /** Widths of EGNN and of the MLP. */
  readonly egnnChannels: number;
  readonly hidden: number;
}

const CUBE = grids.platonic("cube");

/** Sizes for two cores and minutes, and the paper's sizes. */
export const SIZES = {
  quick: {
    ...{ channels: 8, basis: 8, layers: 2, grid: grids.platonic("octahedron") },
    ...{ chargeProducts: true, egnnChannels: 8, hidden: 32 },
  },
  small: {
    ...{ channels: 64, basis: 64, layers: 4, grid: CUBE },
    ...{ chargeProducts: true, egnnChannels: 64, hidden: 380 },
    radial: { size: 8, cutoff: 12 },
  },
  paper: {
    ...{ channels: 128, basis: 256, layers: 5, grid: grids.fibonacci(16), layerScale: 1e-6 },
    ...{ chargeProducts: false, egnnChannels: 64, hidden: 512 },
  },
} as const satisfies Record<string, Sizes>;

function kernelOptions({ layerScale, radial }: Sizes) {
  return {
    ...(layerScale !== undefined && { layerScale }),
    ...(radial && {
      cutoff: radial.cutoff,
      radial: { kind: "bessel", size: radial.size } as const,
    }),
  };
}

/** PONITA: charges and velocities in, displacements out. */
export class PonitaMover extends Module implements Mover {
  readonly sizes: Sizes;
  readonly network: Ponita;

  constructor(sizes: Sizes, seed: string) {
    super();
    this.sizes = sizes;
    const { channels, basis, layers, grid, chargeProducts } = sizes;
    this.network = new Ponita({
      inputs: { scalars: 1, vectors: 1, ...(chargeProducts && { edges: 1 }) },
      outputs: { vectors: 1 },
      ...{ channels, basis, layers, grid, rng: rng(seed) },
      ...kernelOptions(sizes),
    });
  }

  /** Scales the kernels on a first batch. */
  calibrate(batch: Batch): void {
    this.network.calibrate(this.graphs(batch));
  }

  displacements(batch: Batch): Tensor {
    return reshape(this.network.forward(this.graphs(batch)).vectors, batch.displacement.shape);
  }

  private graphs({ positions, scalars, vectors, edges }: Batch) {
    const nodes = { positions, vectors };
    if (!this.sizes.chargeProducts) return { ...nodes, scalars };
    return { ...nodes, scalars: square(scalars), edges, symmetric: true }; // qᵢqⱼ = qⱼqᵢ
  }
}

/** Numbers a, b per node that weigh pairs: `w_ij = a_i · b_j`. */
const RANK = 8;

/**
 * PNITA sees distances and products of charges, no directions: speeds in. It gives numbers α, a, b
 * per node, and the displacement is `α_i v_i + Σ_j (a_i · b_j)(x_i − x_j)/(1 + ‖x_i − x_j‖)`,
 * equivariant to every rotation.
 */
export class PnitaMover extends Module implements Mover {
  readonly network: Pnita;

  constructor(sizes: Sizes, seed: string) {
    super();
    const { channels, basis, layers } = sizes;
    this.network = new Pnita({
      inputs: { scalars: 2, edges: 1 },
      outputs: { scalars: 1 + 2 * RANK },
      ...{ channels, basis, layers, rng: rng(seed) },
      ...kernelOptions(sizes),
    });
  }

  calibrate(batch: Batch): void {
    this.network.calibrate(this.graphs(batch));
  }

  displacements(batch: Batch): Tensor {
    const { scalars: said } = this.network.forward(this.graphs(batch));
    const part = (from: number, to: number): Tensor => said.slice([null, null, [from, to]]);
    const weights = matmul(part(1, 1 + RANK), part(1 + RANK, 1 + 2 * RANK).mT); // [b, n, n]
    const { positions, vectors, displacement } = batch;
    const apart = sub(expandDims(positions, 2), expandDims(positions, 1));
    const distance = sqrt(square(apart).sum({ axis: 3, keepdims: true }).add(1e-12));
    const pulls = sum(mul(expandDims(weights, 3), apart.div(distance.add(1))), {
      axis: 2,
    });
    return mul(part(0, 1), reshape(vectors, displacement.shape)).add(pulls);
  }

  private graphs({ positions, scalars, vectors, edges }: Batch) {
    const speed = reshape(sqrt(square(vectors).sum({ axis: 3 }).add(1e-12)), scalars.shape);
    return {
      positions,
      scalars: concat([square(scalars), speed], { axis: 2 }),
      edges,
      symmetric: true,
    };
  }
}

/** EGNN: the graph network whose messages move positions. */
export class EgnnMover extends Module implements Mover {
  readonly network: Egnn;

  constructor({ egnnChannels, layers }: Sizes, seed: string) {
    super();
    this.network = new Egnn({
      inputs: { scalars: 1, vectors: 1, edges: 1 },
      outputs: { vectors: 1 },
      ...{ channels: egnnChannels, layers: layers + 1, rng: rng(seed) },
    });
  }

  displacements({ positions, scalars, vectors, edges, displacement }: Batch): Tensor {
    const nodes = { positions, scalars: square(scalars), vectors };
    const { vectors: said } = this.network.forward({ ...nodes, edges });
    return reshape(said, displacement.shape);
  }
}

/** Positions (about their mean), velocities and charges in, displacements out: no structure. */
export class MlpMover extends Module implements Mover {
  readonly mlp: MLP;

  constructor({ hidden }: Sizes, bodies: number, seed: string) {
    super();
    const sizes = [bodies * 7, hidden, hidden, bodies * 3];
    this.mlp = new MLP(sizes, { rng: rng(seed), activation: "silu" });
  }

  displacements({ positions, vectors, scalars, displacement }: Batch): Tensor {
    const [b = 0] = positions.shape;
    const centred = sub(positions, mean(positions, { axis: 1, keepdims: true }));
    const flat = [centred, vectors, scalars].map((x) => reshape(x, [b, -1]));
    return reshape(this.mlp.forward(concat(flat, { axis: 1 })), displacement.shape);
  }
}

/** The t for which t · v is nearest to the displacements, `t = Σ v·d / Σ v·v`. */
export function bestTime({ vectors, displacement }: Batch): number {
  const v = reshape(vectors, displacement.shape);
  return sum(mul(v, displacement)).item() / sum(square(v)).item();
}
