/**
 * @file Recurrent networks: stacks of GRU and LSTM cells over a sequence, in one direction or in
 * both.
 */
import {
  concat,
  ShapeError,
  scope,
  split,
  stack,
  type Tensor,
  UsageError,
  zeros,
} from "@isograd/tensor";
import { formatShape } from "@isograd/tensor/engine";
import { checkRng, type InitOptions, uniform } from "../init.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";
import { type Dropout, dropoutFor } from "./dropout.js";
import type { LayerOptions } from "./layer.js";

export interface RecurrentOptions extends LayerOptions {
  /** Number of stacked cells; default: 1. */
  readonly layers?: number | undefined;
  /** Whether there are biases; default: true. */
  readonly bias?: boolean | undefined;
  /** Whether a second stack reads the sequence backwards; default: false. */
  readonly bidirectional?: boolean | undefined;
  /** Probability of dropping an element between layers in training; default: 0. */
  readonly dropout?: number | undefined;
}

/** Parameters of one cell in one direction. */
interface Cell {
  readonly input: Parameter;
  readonly hidden: Parameter;
  readonly inputBias: Parameter | null;
  readonly hiddenBias: Parameter | null;
}

/** The tensors [n, size] that a cell carries from step to step; the first is its output. */
type Carried = readonly Tensor[];

/** One step: products with input and hidden state, each [n, gates · size], and the old state. */
type Step = (fromInput: Tensor, fromHidden: Tensor, carried: Carried) => Carried;

/**
 * The part that GRU and LSTM share: parameters named as in PyTorch, and the loops over layers,
 * directions and time.
 */
abstract class Recurrent extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly directions: 1 | 2;
  readonly dropout: Dropout | null;
  readonly #cells: Cell[] = [];

  constructor(inputSize: number, hiddenSize: number, gates: number, options: RecurrentOptions) {
    super();
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    const { layers = 1, bias = true, bidirectional = false, dropout = 0 } = options ?? {};
    const rng = checkRng(new.target.name, options?.rng);
    if (!Number.isInteger(layers) || layers < 1) {
      throw new UsageError(new.target.name, `needs one layer or more, got ${layers}`);
    }
    this.layers = layers;
    this.directions = bidirectional ? 2 : 1;
    const make = { rng, dtype: options.dtype, device: options.device };
    for (let layer = 0; layer < layers; layer++) {
      const width = layer === 0 ? inputSize : hiddenSize * this.directions;
      for (let d = 0; d < this.directions; d++) {
        const cell = makeCell(width, hiddenSize, gates, { ...make, bias });
        this.#cells.push(cell);
        Object.assign(this, named(cell, `l${layer}${d === 1 ? "_reverse" : ""}`));
      }
    }
    this.dropout = dropoutFor(dropout, rng);
  }

  /**
   * Runs the stack. Returns the outputs [n, time, directions · size] and the last states [layers ·
   * directions, n, size].
   */
  protected run(x: Tensor, start: readonly Tensor[], step: Step): [Tensor, Tensor[]] {
    const { layers, directions } = this;
    const name = this.constructor.name;
    if (x.shape.length !== 3 || x.shape[2] !== this.inputSize) {
      throw new ShapeError(
        name,
        `the input is ${formatShape(x.shape)}, expected [n, time, ${this.inputSize}]`,
      );
    }
    const wanted = [layers * directions, x.shape[0] ?? 0, this.hiddenSize];
    for (const s of start) {
      if (formatShape(s.shape) === formatShape(wanted)) continue;
      throw new ShapeError(
        name,
        `the state is ${formatShape(s.shape)}, expected ${formatShape(wanted)}`,
      );
    }
    let sequence = x.permuteDims([1, 0, 2]);
    const ends: Carried[] = [];
    for (let layer = 0; layer < layers; layer++) {
      const { dropout } = this;
      const read = layer === 0 || dropout === null ? sequence : dropout.forward(sequence);
      const outs: Tensor[] = [];
      for (let d = 0; d < directions; d++) {
        const at = layer * directions + d;
        const carried = start.map((s) => s.slice([at]));
        const found = walk(this.#cells[at] as Cell, read, carried, step, d === 1);
        outs.push(found.outputs);
        ends.push(found.carried);
      }
      sequence = outs.length === 1 ? (outs[0] as Tensor) : concat(outs, { axis: 2 });
    }
    const states = start.map((_, i) => stack(ends.map((carried) => carried[i] as Tensor)));
    return [sequence.permuteDims([1, 0, 2]), states];
  }

  /** The default initial state: zeros. */
  protected blank(x: Tensor): Tensor {
    const { dtype, device } = x;
    return zeros([this.layers * this.directions, x.shape[0] ?? 0, this.hiddenSize], {
      dtype,
      device,
    });
  }
}

function makeCell(
  width: number,
  size: number,
  gates: number,
  { bias, ...make }: InitOptions & { readonly bias: boolean },
): Cell {
  const bound = 1 / Math.sqrt(Math.max(1, size));
  const draw = (shape: readonly number[]) =>
    new Parameter(uniform(shape, { ...make, low: -bound, high: bound }));
  return {
    input: draw([gates * size, width]),
    hidden: draw([gates * size, size]),
    inputBias: bias ? draw([gates * size]) : null,
    hiddenBias: bias ? draw([gates * size]) : null,
  };
}

function named(cell: Cell, suffix: string): Record<string, Parameter> {
  const { input, hidden, inputBias, hiddenBias } = cell;
  const found: Record<string, Parameter> = {
    [`weight_ih_${suffix}`]: input,
    [`weight_hh_${suffix}`]: hidden,
  };
  if (inputBias !== null) found[`bias_ih_${suffix}`] = inputBias;
  if (hiddenBias !== null) found[`bias_hh_${suffix}`] = hiddenBias;
  return found;
}

/**
 * Runs a cell over time: outputs [time, n, size]. The products with the input are one matrix
 * product for all steps. For time = 0 there are no outputs and the state stays as it was.
 */
function walk(
  cell: Cell,
  sequence: Tensor,
  start: Carried,
  step: Step,
  backwards: boolean,
): { readonly outputs: Tensor; readonly carried: Carried } {
  const [time = 0] = sequence.shape;
  const h = start[0] as Tensor;
  if (time === 0) {
    return {
      outputs: zeros([0, ...h.shape], { dtype: h.dtype, device: h.device }),
      carried: start,
    };
  }
  const biased = (y: Tensor, bias: Parameter | null) => (bias === null ? y : y.add(bias.value));
  const all = biased(sequence.matmul(cell.input.value.mT), cell.inputBias);
  const inputs = split(all, time).map((part) => part.reshape(part.shape.slice(1)));
  const outputs = new Array<Tensor>(time);
  const weight = cell.hidden.value.mT;
  let carried = start;
  for (let i = 0; i < time; i++) {
    const t = backwards ? time - 1 - i : i;
    const fromHidden = biased((carried[0] as Tensor).matmul(weight), cell.hiddenBias);
    carried = step(inputs[t] as Tensor, fromHidden, carried);
    outputs[t] = carried[0] as Tensor;
  }
  return { outputs: stack(outputs), carried };
}

/**
 * Result of a GRU: all outputs [n, time, directions · size] and the last state [layers ·
 * directions, n, size].
 */
export interface GRUResult {
  readonly output: Tensor;
  readonly h: Tensor;
}

/** Result of an LSTM: all outputs, the last state h and the last cell state c. */
export interface LSTMResult extends GRUResult {
  readonly c: Tensor;
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

  forward(
    x: Tensor,
    state: { readonly h?: Tensor | undefined; readonly c?: Tensor | undefined } = {},
  ): LSTMResult {
    return scope(() => {
      const start = [state.h ?? this.blank(x), state.c ?? this.blank(x)];
      const [output, states] = this.run(x, start, lstmStep);
      return { output, h: states[0] as Tensor, c: states[1] as Tensor };
    });
  }
}
