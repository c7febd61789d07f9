/**
 * @file What all ways of exchanging messages share: the kernels of a forward pass, and calibration.
 */
import { noGrad } from "@isograd/autograd";
import { type Linear, Module, type Parameter } from "@isograd/nn";
import { matmul, permuteDims, reshape, scope, std, type Tensor } from "@isograd/tensor";
import type { Links } from "../graphs/wiring.js";

/** What the interactions of all layers share in one forward pass. */
export interface Kernels {
  readonly wiring: Links;
  /**
   * Windowed basis of the edges [E·O, B], O = 1 without orientations; or of those that differ; or,
   * for kernels of pairs of orientations, [E·O·O, B].
   */
  readonly spatial: Tensor;
  /** The row of each edge and orientation [E·O]; null when all are there in order. */
  readonly rows?: Tensor | null | undefined;
  /** Window times mask, one number for each row of `spatial` [·, 1]; null when 1 everywhere. */
  readonly weight?: Tensor | null | undefined;
  /** Basis of pairs of orientations [O·O, B], or null without orientations. */
  readonly fibre: Tensor | null;
  /** Number of orientations O. */
  readonly orientations: number;
  /** Whether kernels are computed in pieces and forgotten, to hold less memory. */
  readonly fused?: boolean | undefined;
}

/** A layer that carries features along edges: [senders·O, C] → [V·O, C]. */
export abstract class InteractionLayer extends Module {
  abstract forward(x: Tensor, kernels: Kernels): Tensor;
  /** What is scaled, step by step: a weight, and the step's input and output. */
  protected abstract steps(
    x: Tensor,
    kernels: Kernels,
  ): Iterable<readonly [weight: Parameter, input: Tensor, output: Tensor]>;

  /**
   * Scales weights so that, on x, each step keeps the standard deviation: `W *= std(input) /
   * std(output)`.
   */
  calibrate(x: Tensor, kernels: Kernels): void {
    noGrad(() =>
      scope(() => {
        for (const [weight, input, output] of this.steps(x, kernels)) {
          scale(weight, std(input), std(output));
        }
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

/**
 * The step over orientations, `out[i, p, c] = 1/O Σ_o x[i, o, c] F[o, p, c]` with `F = W basis`;
 * with C² channels of F they are mixed, `out[i, p, d] = 1/(O √C) Σ_o Σ_c x[i, o, c] F[o, p, c, d]`.
 * [V·O, C] → [V·O, C].
 */
export function overOrientations(x: Tensor, layer: Linear | null, kernels: Kernels): Tensor {
  const { fibre, orientations: O, wiring } = kernels;
  if (layer === null || fibre === null) return x;
  const C = x.shape[1] as number;
  const V = wiring.nodes;
  if (layer.outFeatures === C) {
    const kernel = reshape(layer.forward(fibre).mul(1 / O), [O, O, C]);
    // One product of matrices per channel: [C, V, O] @ [C, O, O].
    const byChannel = permuteDims(reshape(x, [V, O, C]), [2, 0, 1]);
    const turned = matmul(byChannel, permuteDims(kernel, [2, 0, 1]));
    return reshape(permuteDims(turned, [1, 2, 0]), x.shape);
  }
  const kernel = reshape(layer.forward(fibre).mul(1 / (O * Math.sqrt(C))), [O, O, C, C]);
  const rows = reshape(permuteDims(kernel, [0, 2, 1, 3]), [O * C, O * C]);
  return reshape(matmul(reshape(x, [V, O * C]), rows), x.shape);
}
