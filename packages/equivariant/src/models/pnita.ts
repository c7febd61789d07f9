/** @file PNITA: the equivariant network on positions alone, R³. */
import { sqrt, square, sum, type Tensor, UsageError, zeros } from "@isograd/tensor";
import type { Wiring } from "../graphs/wiring.js";
import type { SpatialInvariants } from "../layers/edgeRows.js";
import type { Read } from "../layers/lift.js";
import { EPS } from "../theory/invariants.js";
import { EquivariantNetwork } from "./network.js";
import type { NetworkOptions } from "./options.js";

/** Options of {@link Pnita}: only scalars come in and go out. */
export interface PnitaOptions extends NetworkOptions {
  readonly inputs: { readonly scalars: number; readonly edges?: number };
  readonly outputs: { readonly scalars: number };
}

/**
 * The network of {@link Ponita} without orientations: features x[V, C], convolved with kernels of
 * the distance ‖x‖. Exactly equivariant to every rotation and reflection, but it sees only
 * distances: no vectors come in or go out, and neighbours at equal distances look the same whatever
 * their directions.
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
  constructor(options: PnitaOptions) {
    super("Pnita", options, { spatialInputs: 1, fibre: false });
    if (this.inputs.vectors + this.outputs.vectors > 0) {
      throw new UsageError(
        "Pnita",
        "without orientations there are no vectors, neither in nor out",
        "use Ponita, or give their lengths as scalars",
      );
    }
  }

  protected override spatialInvariants(): SpatialInvariants {
    const of = (x: Tensor) => [sqrt(sum(square(x), { axis: 1 }).add(EPS))];
    // Distances are the same both ways.
    return { orientations: 1, antipodes: new Int32Array(1), of };
  }

  protected override fibreColumns(): Tensor[] {
    return [];
  }

  protected override lifted({ scalars }: Wiring): Tensor {
    return scalars as Tensor;
  }

  protected override read(functions: Tensor, { nodes }: Wiring): Read {
    const { dtype, device } = functions;
    return { scalars: functions, vectors: zeros([nodes, 0, 3], { dtype, device }) };
  }
}
