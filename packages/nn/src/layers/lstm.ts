/** @file LSTM: long short-term memory over a sequence. */
import { scope, split, type Tensor } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import type { GRUResult } from "./gru.js";
import { Recurrent, type RecurrentOptions, type Step } from "./recurrent.js";

/** Result of an LSTM: all outputs, the last state h and the last cell state c. */
export interface LSTMResult extends GRUResult {
  readonly c: Tensor;
}

const lstmStep: Step = (fromInput, fromHidden, [, c]) => {
  const gates = split(fromInput.add(fromHidden), 4, { axis: 1 });
  const [i, f, g, o] = gates as [Tensor, Tensor, Tensor, Tensor];
  const kept = f.sigmoid().mul(c as Tensor);
  const next = kept.add(i.sigmoid().mul(g.tanh()));
  return [o.sigmoid().mul(next.tanh()), next];
};

/**
 * Long short-term memory over a sequence [n, time, input]: gates `i, f, o = σ(W x + U h)`,
 * `g = tanh(W_g x + U_g h)` with a bias in every product, `c ← f ⊙ c + i ⊙ g`, `h = o ⊙ tanh(c)`.
 * Parameters are named `weight_ih_l0` … as in PyTorch, with gates in the order i, f, g, o, and
 * drawn from `U(±1/√size)`. Source: Hochreiter and Schmidhuber, 1997.
 *
 * @throws ShapeError for an input or a state of another shape.
 * @example
 * const model = new LSTM(3, 4, { layers: 2, bidirectional: true, rng: rng(0) });
 * const { output, h, c } = model.forward(ones([2, 5, 3]));
 * [output.shape, h.shape, c.shape]; // [[2, 5, 8], [4, 2, 4], [4, 2, 4]]
 */
export class LSTM extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions) {
    super(inputSize, hiddenSize, 4, options);
  }

  /** Runs from a state, such as an earlier result, whose `output` is not read; default: zeros. */
  forward(x: Tensor, state?: Partial<LSTMResult>): LSTMResult {
    const { h, c } = given("LSTM", state, "h c output");
    return scope(() => {
      const start = [h ?? this.blank(x), c ?? this.blank(x)];
      const [output, states] = this.run(x, start, lstmStep);
      return { output, h: states[0] as Tensor, c: states[1] as Tensor };
    });
  }
}
