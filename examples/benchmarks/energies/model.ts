/** @file Energies by a network, forces as minus their gradient, and the loss on both. */
import { valueAndGrad } from "@isograd/autograd";
import { type DenseGraphs, grids, Pnita, Ponita } from "@isograd/equivariant";
import { losses, Module } from "@isograd/nn";
import { abs, broadcastTo, mean, mul, reshape, rng, type Tensor, tensor } from "@isograd/tensor";
import type { Preset } from "../harness/benchmark.js";
import type { Poses } from "./data.js";

export type NetworkName = "PONITA" | "PNITA";

/** Sizes of the networks; PNITA has no grid. */
const SIZES = {
  quick: { channels: 8, layers: 1, grid: grids.platonic("octahedron") },
  small: { channels: 32, layers: 3, grid: grids.platonic("cube") },
  paper: { channels: 128, layers: 5, grid: grids.fibonacci(20) },
} as const;

export interface Prediction {
  /** [b] */
  readonly energies: Tensor;
  /** [b, n, 3] */
  readonly forces: Tensor;
}

/** The energy of a molecule as a function of its positions. Atoms enter by their kind only. */
export class EnergyModel extends Module {
  readonly network: Ponita | Pnita;
  private readonly kinds: Tensor;

  constructor(
    name: NetworkName,
    numbers: readonly number[],
    preset: Preset,
    { seed = 0, dtype = "float32" }: { seed?: number; dtype?: "float32" | "float64" } = {},
  ) {
    super();
    const elements = [...new Set(numbers)].sort((a, b) => a - b);
    this.kinds = tensor(
      numbers.map((z) => elements.map((e) => (e === z ? 1 : 0))),
      { dtype },
    );
    const { grid, ...sizes } = SIZES[preset];
    const options = {
      inputs: { scalars: elements.length },
      outputs: { scalars: 1 },
      level: "graph",
      rng: rng(`${name} ${seed}`),
      dtype,
      ...sizes,
    } as const;
    this.network = name === "PONITA" ? new Ponita({ ...options, grid }) : new Pnita(options);
  }

  /** Scales the kernels on first poses. */
  calibrate(positions: Tensor): void {
    this.network.calibrate(this.graphs(positions));
  }

  /** [b, n, 3] → [b]. */
  energies(positions: Tensor): Tensor {
    return reshape(this.network.forward(this.graphs(positions)).scalars, [-1]);
  }

  /** Energies, and forces `F = −∂E/∂x`, which can be differentiated once more. */
  forward(positions: Tensor): Prediction {
    const total = (x: Tensor): [Tensor, Tensor] => {
      const energies = this.energies(x);
      return [energies.sum(), energies]; // a sum, because no molecule of a batch sees another
    };
    const [[, energies], slope] = valueAndGrad(total, { hasAux: true })(positions);
    return { energies, forces: slope.neg() };
  }

  /** What the network takes. */
  graphs(positions: Tensor): DenseGraphs {
    const [b = 0, n = 0] = positions.shape;
    const [, kinds = 0] = this.kinds.shape;
    return { positions, scalars: broadcastTo(this.kinds, [b, n, kinds]) };
  }
}

/** `MSE(E)/500 + MSE(F)` in units of the RMS force. Source: arXiv 2310.02970, appendix. */
export function energyAndForceLoss({ energies, forces }: Prediction, poses: Poses): Tensor {
  const apart = losses.mse(energies, poses.energies);
  return mul(apart, 1 / 500).add(losses.mse(forces, poses.forces));
}

/** Mean absolute errors of energies and of the components of forces, in units of the RMS force. */
export function absoluteErrors(said: Prediction, poses: Poses): { energy: Tensor; force: Tensor } {
  return {
    energy: mean(abs(said.energies.sub(poses.energies))),
    force: mean(abs(said.forces.sub(poses.forces))),
  };
}
