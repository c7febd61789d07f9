/** @file The base of all interactions: the kernels of a forward pass, and calibration. */
import { noGrad } from "@isograd/autograd";
import { type Linear, Module, type Parameter } from "@isograd/nn";
import { matmul, permuteDims, reshape, scope, std, type Tensor } from "@isograd/tensor";
import { expectParts, expectShape, wanted } from "../expect.js";
import type { Links } from "../graphs/wiring.js";

/** The data of one forward pass that all layers share. */
export interface Kernels {
  readonly wiring: Links;
  /**
   * Windowed basis of the edges [E·O, B], O = 1 without orientations. It has fewer rows when edges
   * share kernels, and is [E·O·O, B] for kernels of pairs of orientations.
   */
  readonly spatial: Tensor;
  /** The row of each edge and orientation [E·O]; null when each has its own row, in order. */
  readonly rows?: Tensor | null | undefined;
  /** Window times mask for each row of `spatial` [·, 1]; null when all are 1. */
  readonly weight?: Tensor | null | undefined;
  /** Basis of pairs of orientations [O·O, B], or null without orientations. */
  readonly fibre: Tensor | null;
  /** Number of orientations O. */
  readonly orientations: number;
  /**
   * Whether kernels are computed in pieces and not stored, which takes less memory; default: false.
   */
  readonly fused?: boolean | undefined;
}

/**
 * @throws UsageError or ShapeError unless `kernels` are those of a forward pass, and x has a row
 * for each sender and orientation.
 */
export function expectKernels(op: string, x: Tensor, kernels: Kernels, channels: number): void {
  const help = "networks make them; wiring is that of wire(…), spatial the basis of its edges";
  const parts = ["wiring", "spatial", "fibre", "orientations"] as const;
  expectParts<Kernels>(op, "kernels", kernels, parts, help);
  const { wiring, spatial, fibre, orientations: O } = kernels;
  expectParts<Links>(op, "kernels.wiring", wiring, ["senders", "edges", "collect"], help);
  if (!(Number.isInteger(O) && O > 0)) throw wanted(op, "orientations", "a whole number", O, help);
  expectShape(op, "spatial", spatial, ["rows", "basis"], help);
  if (fibre !== null) expectShape(op, "fibre", fibre, [O * O, "basis"], help);
  expectShape(op, "x", x, [wiring.senders * O, channels], "one row for each node and orientation");
}

/** A layer that carries features along edges: [senders·O, C] → [V·O, C]. */
export abstract class InteractionLayer extends Module {
  abstract forward(x: Tensor, kernels: Kernels): Tensor;
  abstract readonly channels: number;

  /** Checks the arguments of `forward` and `calibrate`. */
  protected check(x: Tensor, kernels: Kernels): void {
    expectKernels(this.constructor.name, x, kernels, this.channels);
  }

  /** The steps that `calibrate` scales: a weight, with the input and output of its step. */
  protected abstract steps(
    x: Tensor,
    kernels: Kernels,
  ): Iterable<readonly [weight: Parameter, input: Tensor, output: Tensor]>;

  /**
   * Scales weights so that each step keeps the standard deviation of x:
   * `W *= std(input) / std(output)`.
   */
  calibrate(x: Tensor, kernels: Kernels): void {
    this.check(x, kernels);
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
 * Multiplies a weight by `wanted / found`, unless that is not a positive number, as for a batch
 * without edges.
 */
function scale(weight: Parameter, wanted: Tensor, found: Tensor): void {
  const factor = wanted.item() / found.item();
  if (Number.isFinite(factor) && factor > 0) weight.value = weight.value.mul(factor);
}

/**
 * The step over orientations, `out[i, p, c] = 1/O Σ_o x[i, o, c] F[o, p, c]` with `F = W basis`;
 * with C² channels, F mixes channels: `out[i, p, d] = 1/(O √C) Σ_o Σ_c x[i, o, c] F[o, p, c, d]`.
 * [V·O, C] → [V·O, C].
 */
export function overOrientations(x: Tensor, layer: Linear | null, kernels: Kernels): Tensor {
  const { fibre, orientations: O, wiring } = kernels;
  if (layer === null || fibre === null) return x;
  const C = x.shape[1] as number;
  const V = wiring.nodes;
  if (layer.outFeatures === C) {
    const kernel = reshape(layer.forward(fibre).mul(1 / O), [O, O, C]);
    // One matrix product for each channel: [C, V, O] @ [C, O, O].
    const byChannel = permuteDims(reshape(x, [V, O, C]), [2, 0, 1]);
    const turned = matmul(byChannel, permuteDims(kernel, [2, 0, 1]));
    return reshape(permuteDims(turned, [1, 2, 0]), x.shape);
  }
  const kernel = reshape(layer.forward(fibre).mul(1 / (O * Math.sqrt(C))), [O, O, C, C]);
  const rows = reshape(permuteDims(kernel, [0, 2, 1, 3]), [O * C, O * C]);
  return reshape(matmul(reshape(x, [V, O * C]), rows), x.shape);
}
