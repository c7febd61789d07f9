/** @file The convolution whose kernel depends on both orientations of a pair. */
import { type LayerOptions, Linear, Parameter } from "@isograd/nn";
import { add, mul, reshape, scope, sum, type Tensor, zeros } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectRng, expectSizes } from "../expect.js";
import { InteractionLayer, type Kernels } from "./interaction.js";

/**
 * `out[i, p, c] = 1/O Σ_{j→i} Σ_o K[e, p, o, c] x[j, o, c] + bias[c]` with K = W basis of the
 * attributes of the pair (p_i, o_p), (p_j, o_o): [E, O, O, C]. Unlike the separable convolution, it
 * can use complete and chiral attributes, and it costs O times as much. Source: arXiv 2310.02970,
 * equation 9.
 */
export class FullConvolution extends InteractionLayer {
  readonly channels: number;
  readonly kernel: Linear;
  readonly bias: Parameter;

  constructor(channels: number, basis: number, options: LayerOptions) {
    super();
    const { rng, dtype, device } = given("FullConvolution", options, "rng dtype device");
    expectRng("FullConvolution", rng);
    expectSizes("FullConvolution", { channels, basis }, (C, B) => C * B);
    this.channels = channels;
    this.kernel = new Linear(basis, channels, { rng, dtype, device, bias: false });
    this.bias = new Parameter(zeros([channels], { dtype, device }));
  }

  forward(x: Tensor, kernels: Kernels): Tensor {
    this.check(x, kernels);
    return scope(() => add(gather(this, x, kernels), this.bias.value));
  }

  protected override *steps(x: Tensor, kernels: Kernels) {
    yield [this.kernel.weight, x, gather(this, x, kernels)] as const;
  }
}

function gather(
  layer: FullConvolution,
  x: Tensor,
  { wiring, spatial, orientations: O }: Kernels,
): Tensor {
  const C = layer.channels;
  const E = wiring.edges;
  const kernel = reshape(layer.kernel.forward(spatial).mul(1 / O), [E, O, O, C]);
  const sent = reshape(wiring.sent(x), [E, 1, O, C]);
  const messages = reshape(sum(mul(kernel, sent), { axis: 2 }), [E, O * C]);
  return reshape(wiring.collect(messages), [wiring.nodes * O, C]);
}
