/** @file The separable convolution over positions, then over orientations. */
import { type LayerOptions, Linear, Parameter } from "@isograd/nn";
import { add, reshape, scope, type Tensor, take, UsageError, zeros } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectRng, expectSizes } from "../expect.js";
import { InteractionLayer, type Kernels, overOrientations } from "./interaction.js";
import { passMessages } from "./messages.js";

export interface ConvolutionOptions extends LayerOptions {
  /** Whether to convolve also over orientations. */
  readonly fibre: boolean;
  /** Whether the kernel over orientations mixes channels; default: false, depth-wise. */
  readonly mixing?: boolean | undefined;
}

/**
 * On features x [V·O, C]:
 *
 * 1. `K = W_x basis` [E, O, C], `x1[i, o, c] = Σ_{j→i} K[e, o, c] x[j, o, c]`;
 * 2. `F = W_f fibreBasis` [O, O, C], `x2[i, p, c] = 1/O Σ_o x1[i, o, c] F[o, p, c]`;
 * 3. `x2 + bias`.
 *
 * Without orientations step 2 is skipped. With `mixing`, F is [O, O, C, C] and step 2 also sums
 * over channels. Source: arXiv 2310.02970, equation 13.
 */
export class SeparableConvolution extends InteractionLayer {
  readonly channels: number;
  readonly spatial: Linear;
  readonly fibre: Linear | null;
  readonly bias: Parameter;

  constructor(channels: number, basis: number, options: ConvolutionOptions) {
    super();
    const op = "SeparableConvolution";
    const names = "fibre? mixing? rng dtype device";
    const { fibre, mixing = false, ...make } = given(op, options, names);
    if (mixing && !fibre) {
      const problem = "mixing needs the step over orientations";
      throw new UsageError(op, problem, "take { fibre: true, mixing: true }");
    }
    expectRng(op, make.rng);
    expectSizes(op, { channels, basis }, (C, B) => C * B * (mixing ? 1 + C : 2));
    this.channels = channels;
    const free = { ...make, bias: false };
    this.spatial = new Linear(basis, channels, free);
    const out = mixing ? channels * channels : channels;
    this.fibre = fibre ? new Linear(basis, out, free) : null;
    this.bias = new Parameter(zeros([channels], { dtype: make.dtype, device: make.device }));
  }

  forward(x: Tensor, kernels: Kernels): Tensor {
    this.check(x, kernels);
    return scope(() => {
      const gathered = gather(this, x, kernels);
      return add(overOrientations(gathered, this.fibre, kernels), this.bias.value);
    });
  }

  protected override *steps(x: Tensor, kernels: Kernels) {
    yield [this.spatial.weight, x, gather(this, x, kernels)] as const;
    if (this.fibre === null) return;
    const gathered = gather(this, x, kernels);
    const turned = overOrientations(gathered, this.fibre, kernels);
    yield [this.fibre.weight, gathered, turned] as const;
  }
}

/** Step 1: [senders·O, C] → [V·O, C]. */
function gather(
  layer: SeparableConvolution,
  x: Tensor,
  { wiring, spatial, rows, fused, orientations: O }: Kernels,
): Tensor {
  const { weight } = layer.spatial;
  const C = layer.channels;
  if (fused === true && !rows) {
    const plan = wiring.plan(O, C);
    if (plan !== null) return passMessages(spatial, weight.value, x, plan);
  }
  const distinct = layer.spatial.forward(spatial);
  const kernel = rows ? take(distinct, rows) : distinct;
  const perEdge = reshape(kernel, [wiring.edges, O * C]);
  const sums = wiring.aggregate(perEdge, reshape(x, [wiring.senders, O * C]));
  return reshape(sums, [wiring.nodes * O, C]);
}
