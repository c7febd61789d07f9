/** @file Messages that are a nonlinear function of both features and the invariants. */
import { type LayerOptions, Linear } from "@isograd/nn";
import { add, gelu, mul, reshape, scope, type Tensor } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectRng, expectSizes } from "../expect.js";
import { InteractionLayer, type Kernels, overOrientations } from "./interaction.js";

/**
 * `x1[i, o] = Σ_{j→i} w_ij W_m GELU(W_r x[i, o] + W_s x[j, o] + W_a a[e, o])`, with the basis a of
 * the invariants and the window w, for each orientation separately; then the step over orientations
 * of the separable convolution, and a bias. Source: arXiv 2310.02970, equation 7.
 */
export class MessagePassing extends InteractionLayer {
  readonly channels: number;
  readonly receiver: Linear;
  readonly sender: Linear;
  readonly invariants: Linear;
  readonly message: Linear;
  readonly fibre: Linear | null;

  constructor(
    channels: number,
    basis: number,
    options: LayerOptions & { readonly fibre: boolean },
  ) {
    super();
    const { fibre, ...make } = given("MessagePassing", options, "fibre? rng dtype device");
    expectRng("MessagePassing", make.rng);
    expectSizes("MessagePassing", { channels, basis }, (C, B) => C * (3 * C + 2 * B));
    this.channels = channels;
    const free = { ...make, bias: false };
    this.receiver = new Linear(channels, channels, make);
    this.sender = new Linear(channels, channels, free);
    this.invariants = new Linear(basis, channels, free);
    this.message = new Linear(channels, channels, free);
    this.fibre = fibre ? new Linear(basis, channels, free) : null;
  }

  forward(x: Tensor, kernels: Kernels): Tensor {
    this.check(x, kernels);
    return scope(() => overOrientations(gather(this, x, kernels), this.fibre, kernels));
  }

  protected override *steps(x: Tensor, kernels: Kernels) {
    yield [this.message.weight, x, gather(this, x, kernels)] as const;
    if (this.fibre === null) return;
    const gathered = gather(this, x, kernels);
    const turned = overOrientations(gathered, this.fibre, kernels);
    yield [this.fibre.weight, gathered, turned] as const;
  }
}

function gather(
  layer: MessagePassing,
  x: Tensor,
  { wiring, spatial, weight, orientations: O }: Kernels,
): Tensor {
  const C = layer.channels;
  const rows = [wiring.edges * O, C];
  const from = reshape(wiring.sent(layer.sender.forward(x)), rows);
  const to = reshape(wiring.received(layer.receiver.forward(x)), rows);
  const said = gelu(add(add(from, to), layer.invariants.forward(spatial)));
  const messages = weight ? mul(said, weight) : said;
  // The map is linear: after the sum it runs over nodes instead of edges.
  const sums = wiring.collect(reshape(messages, [wiring.edges, O * C]));
  return layer.message.forward(reshape(sums, [wiring.nodes * O, C]));
}
