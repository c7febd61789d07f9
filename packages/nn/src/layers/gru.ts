/** @file GRU: gated recurrent units over a sequence. */
import { scope, split, type Tensor } from "@isograd/tensor";
import { Recurrent, type RecurrentOptions, type Step } from "./recurrent.js";

/**
 * Result of a GRU: all outputs [n, time, directions · size] and the last state [layers ·
 * directions, n, size].
 */
export interface GRUResult {
  readonly output: Tensor;
  readonly h: Tensor;
}

const gruStep: Step = (fromInput, fromHidden, [h]) => {
  const [xr, xz, xn] = split(fromInput, 3, { axis: 1 }) as [Tensor, Tensor, Tensor];
  const [hr, hz, hn] = split(fromHidden, 3, { axis: 1 }) as [Tensor, Tensor, Tensor];
  const r = xr.add(hr).sigmoid();
  const z = xz.add(hz).sigmoid();
  const n = xn.add(r.mul(hn)).tanh();
  return [n.add(z.mul((h as Tensor).sub(n)))];
};

/**
 * Gated recurrent units over a sequence [n, time, input]: `r = σ(W_r x + U_r h)`,
 * `z = σ(W_z x + U_z h)`, `n = tanh(W_n x + r ⊙ (U_n h))` with a bias in every product,
 * `h ← (1 − z) ⊙ n + z ⊙ h`. Parameters are named `weight_ih_l0` … as in PyTorch, and drawn from
 * `U(±1/√size)`. Source: arXiv 1406.1078.
 *
 * @throws ShapeError for an input or a state of another shape.
 * @example
 * const { output, h } = new GRU(3, 4, { rng: rng(0) }).forward(ones([2, 5, 3]));
 * [output.shape, h.shape]; // [[2, 5, 4], [1, 2, 4]]
 */
export class GRU extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions) {
    super(inputSize, hiddenSize, 3, options);
  }

  forward(x: Tensor, h?: Tensor): GRUResult {
    return scope(() => {
      const [output, states] = this.run(x, [h ?? this.blank(x)], gruStep);
      return { output, h: states[0] as Tensor };
    });
  }
}
