/** @file PNITA: the equivariant network on positions alone, R³ or R². */
import { UsageError } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { synonyms } from "../expect.js";
import type { Fibre } from "../fibres/fibre.js";
import { pointFibre, pointSizes } from "../fibres/points.js";
import { expectDim } from "../geometry/rotations.js";
import { EquivariantNetwork } from "./network.js";
import { NETWORK, type NetworkOptions } from "./options.js";

/** Options of {@link Pnita}: inputs and outputs are scalars. */
export interface PnitaOptions extends NetworkOptions {
  readonly inputs: { readonly scalars: number; readonly edges?: number | undefined };
  readonly outputs: { readonly scalars: number };
  /** Dimension of the space; default: 3. */
  readonly dim?: 2 | 3 | undefined;
}

/**
 * The network of {@link Ponita} without orientations: features x[V, C], convolved with kernels of
 * the distance ‖x‖. Exactly equivariant to every rotation and reflection, but it depends only on
 * distances: it has no input or output vectors, and it cannot distinguish neighbours at equal
 * distances in different directions.
 *
 * Source: arXiv 2310.02970 (PNITA).
 *
 * @example
 * const model = new Pnita({
 *   inputs: { scalars: 1 },
 *   outputs: { scalars: 1 },
 *   channels: 16,
 *   layers: 2,
 *   level: "graph",
 *   rng: rng(0),
 * });
 * const graphs = { positions: rng(1).normal([10, 5, 3]), scalars: ones([10, 5, 1]) };
 * model.forward(graphs).scalars.shape; // [10,1]
 */
export class Pnita extends EquivariantNetwork {
  private readonly dim: 2 | 3;

  constructor(options: PnitaOptions) {
    const { dim = 3, ...rest } = given("Pnita", options, `${NETWORK} dim#` as const, synonyms);
    expectDim("Pnita", dim);
    super("Pnita", rest, pointSizes(dim));
    this.dim = dim;
    if (this.inputs.vectors + this.outputs.vectors > 0) {
      throw new UsageError(
        "Pnita",
        "without orientations there are no vectors, neither in nor out",
        "use Ponita, or give their lengths as scalars",
      );
    }
  }

  protected override fibre(): Fibre {
    return pointFibre(this.dim);
  }
}
