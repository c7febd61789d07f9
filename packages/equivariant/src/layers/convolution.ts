/** @file The separable depth-wise convolution over positions, then over orientations. */
import { noGrad } from "@isograd/autograd";
import { type LayerOptions, Linear, Module, Parameter } from "@isograd/nn";
import {
  add,
  matmul,
  permuteDims,
  reshape,
  scope,
  std,
  type Tensor,
  take,
  zeros,
} from "@isograd/tensor";
import type { Wiring } from "../graphs/wiring.js";

/** What the convolutions of all layers share in one forward pass. */
export interface Kernels {
  readonly wiring: Wiring;
  /** Windowed basis of the edges [E·O, B], O = 1 without orientations; or of those that differ. */
  readonly spatial: Tensor;
  /** The row of each edge and orientation [E·O]; null when all are there in order. */
  readonly rows?: Tensor | null;
  /** Basis of pairs of orientations [O·O, B], or null without orientations. */
  readonly fibre: Tensor | null;
  /** Number of orientations O. */
  readonly orientations: number;
}

/**
 * On features x [V·O, C]:
 *
 * 1. `K = W_x basis` [E, O, C], `x1[i, o, c] = Σ_{j→i} K[e, o, c] x[j, o, c]`;
 * 2. `F = W_f fibreBasis` [O, O, C], `x2[i, p, c] = 1/O Σ_o x1[i, o, c] F[o, p, c]`;
 * 3. `x2 + bias`.
 *
 * Without orientations step 2 is left out. Source: arXiv 2310.02970, equation 13.
 */
export class SeparableConvolution extends Module {
  readonly spatial: Linear;
  readonly fibre: Linear | null;
  readonly bias: Parameter;

  constructor(
    readonly channels: number,
    basis: number,
    options: LayerOptions & { readonly fibre: boolean },
  ) {
    super();
    const { fibre, ...make } = options;
    this.spatial = new Linear(basis, channels, { ...make, bias: false });
    this.fibre = fibre ? new Linear(basis, channels, { ...make, bias: false }) : null;
    this.bias = new Parameter(zeros([channels], make));
  }

  forward(x: Tensor, kernels: Kernels): Tensor {
    return scope(() => add(this.turn(this.gather(x, kernels), kernels), this.bias.value));
  }

  /** Step 1: [V·O, C] → [V·O, C]. */
  private gather(x: Tensor, { wiring, spatial, rows }: Kernels): Tensor {
    const width = x.size / Math.max(wiring.nodes, 1);
    const distinct = this.spatial.forward(spatial);
    const kernel = rows ? take(distinct, rows) : distinct;
    const perEdge = reshape(kernel, [wiring.edges, width]);
    const sums = wiring.aggregate(perEdge, reshape(x, [wiring.nodes, width]));
    return reshape(sums, x.shape);
  }

  /** Step 2: [V·O, C] → [V·O, C]. */
  private turn(x: Tensor, { wiring, fibre, orientations: O }: Kernels): Tensor {
    if (this.fibre === null || fibre === null) return x;
    const C = this.channels;
    const kernel = reshape(this.fibre.forward(fibre).mul(1 / O), [O, O, C]);
    // One product of matrices per channel: [C, V, O] @ [C, O, O].
    const byChannel = permuteDims(reshape(x, [wiring.nodes, O, C]), [2, 0, 1]);
    const turned = matmul(byChannel, permuteDims(kernel, [2, 0, 1]));
    return reshape(permuteDims(turned, [1, 2, 0]), x.shape);
  }

  /**
   * Scales the kernels so that, on x, steps 1 and 2 keep the standard deviation:
   * `W_x *= std(x)/std(x1)`, then `W_f *= std(x1)/std(x2)`.
   */
  calibrate(x: Tensor, kernels: Kernels): void {
    noGrad(() =>
      scope(() => {
        scale(this.spatial.weight, std(x), std(this.gather(x, kernels)));
        if (this.fibre === null) return;
        const gathered = this.gather(x, kernels);
        scale(this.fibre.weight, std(gathered), std(this.turn(gathered, kernels)));
      }),
    );
  }
}

/**
 * Multiplies a weight by `wanted / found`, unless that is no positive number: a batch without edges
 * says nothing.
 */
function scale(weight: Parameter, wanted: Tensor, found: Tensor): void {
  const factor = wanted.item() / found.item();
  if (Number.isFinite(factor) && factor > 0) weight.value = weight.value.mul(factor);
}
