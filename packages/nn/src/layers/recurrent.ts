/** @file Stacks of recurrent cells over a sequence: the part that GRU and LSTM share. */
import { concat, ShapeError, split, stack, type Tensor, UsageError, zeros } from "@isograd/tensor";
import { expectFunction, expectTensor, formatShape, given, shown } from "@isograd/tensor/engine";
import { expectSizes, expectWhole } from "../expect.js";
import { checkRng, type InitOptions, uniform } from "../init.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";
import { type Dropout, dropoutFor, dropped } from "./dropout.js";
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
export type Carried = readonly Tensor[];

/** One step: products with input and hidden state, each [n, gates · size], and the old state. */
export type Step = (fromInput: Tensor, fromHidden: Tensor, carried: Carried) => Carried;

/** A stack of cells: parameters named as in PyTorch, and loops over layers, directions and time. */
export abstract class Recurrent extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly directions: 1 | 2;
  readonly dropout: Dropout | null;
  readonly #cells: Cell[] = [];

  constructor(inputSize: number, hiddenSize: number, gates: number, options: RecurrentOptions) {
    super();
    const op = new.target.name;
    const {
      layers = 1,
      bias = true,
      bidirectional = false,
      dropout = 0,
      dtype,
      device,
      ...rest
    } = given(op, options, "layers# bias? bidirectional? dropout# rng dtype device");
    const rng = checkRng(op, rest.rng);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    expectSizes(op, { inputSize, hiddenSize }, []);
    expectWhole(op, "layers", layers, 1);
    const [most, widest] = [layers * hiddenSize * gates, Math.max(inputSize, 2 * hiddenSize)];
    expectSizes(op, { inputSize, hiddenSize, layers }, [most, widest]);
    if (dropout !== 0 && layers === 1) {
      const help = "it drops elements between layers: give layers: 2 or more, or leave it out";
      throw new UsageError(op, `a dropout of ${dropout} has no effect on one layer`, help);
    }
    this.layers = layers;
    this.directions = bidirectional ? 2 : 1;
    const make = { rng, dtype, device };
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
    expectTensor(name, x);
    expectFunction(name, step);
    if (!Array.isArray(start)) {
      throw new UsageError(name, `the state is ${shown(start)}`, "give a list of tensors");
    }
    if (x.shape.length !== 3 || x.shape[2] !== this.inputSize) {
      throw new ShapeError(
        name,
        `the input is ${formatShape(x.shape)}, expected [n, time, ${this.inputSize}]`,
        "the batch comes first, then time, then the features of a step",
      );
    }
    const wanted = [layers * directions, x.shape[0] ?? 0, this.hiddenSize];
    for (const s of start) {
      expectTensor(name, s);
      if (formatShape(s.shape) === formatShape(wanted)) continue;
      throw new ShapeError(
        name,
        `the state is ${formatShape(s.shape)}, expected ${formatShape(wanted)}`,
        "a state is [layers · directions, n, hidden size], as forward returned it",
      );
    }
    let sequence = x.permuteDims([1, 0, 2]);
    const ends: Carried[] = [];
    for (let layer = 0; layer < layers; layer++) {
      const read = layer === 0 ? sequence : dropped(this.dropout, sequence);
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
    expectTensor(this.constructor.name, x);
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
