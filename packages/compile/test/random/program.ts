/**
 * @file A random program over the registry: as a function of its arguments that writes to a state,
 * and as a step of an optimiser.
 */
import { noGrad, valueAndGrad } from "@isograd/autograd";
import { adam, Buffer, type Optimizer, sgd } from "@isograd/nn";
import { type Tensor, tensor } from "@isograd/tensor";
import { isFloat, makeArray, sizeOf } from "@isograd/tensor/engine";
import type { Given, Plan } from "./plans.js";
import { prepare, REFUSING } from "./prepare.js";
import { type Call, makes } from "./run.js";

/** How often each op was in a program. */
export const used = new Map<string, number>();

/** Numbers without a pattern, a few of them special. */
function numbers({ shape, dtype }: Given, seed: number): Tensor {
  const data = makeArray(dtype, sizeOf(shape));
  let state = (seed + 1) * 2654435761;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const u = state / 2 ** 32;
    data[i] =
      dtype === "int32" ? Math.floor(u * 9) - 3 : dtype === "bool" ? +(u > 0.5) : 3 * u - 1.5;
  }
  const special = [Number.NaN, Number.POSITIVE_INFINITY, -0, 1e30][seed % 16];
  if (special !== undefined && isFloat(dtype) && data.length > 0) data[data.length >>> 1] = special;
  return tensor(data, { shape, dtype });
}

/** What a program consists of: its calls, and the tensors beside its arguments. */
export class Random {
  readonly plan: Plan;
  readonly calls: readonly Call[];
  readonly constants: readonly Tensor[];

  constructor(plan: Plan) {
    this.plan = plan;
    this.constants = plan.constants.map((own, i) => numbers(own, plan.seed + 31 * i));
    const known = [...this.constants, ...this.state(), ...this.args(0)];
    this.calls = prepare(plan, known);
    for (const { op } of this.calls) used.set(op.name, (used.get(op.name) ?? 0) + 1);
  }

  args(call: number): Tensor[] {
    const { args, twice, seed } = this.plan;
    const own = args.map((given, i) => numbers(given, seed + 7 * i + 13 * call));
    return twice ? [...own, own[0] as Tensor] : own;
  }

  state(): Tensor[] {
    return this.plan.state.map((given, i) => numbers(given, this.plan.seed + 17 * i));
  }

  /**
   * Runs all calls; `ran` is called after each. Returns the outputs, and all of linear algebra, whose
   * errors are lost where nobody needs its results.
   */
  run(
    args: readonly Tensor[],
    state: readonly Tensor[],
    ran: (call: number, values: readonly Tensor[]) => void = () => {},
  ): Tensor[] {
    const values = [...this.constants, ...state, ...args];
    const factors: Tensor[] = [];
    this.calls.forEach((call, i) => {
      const made = makes(call, values);
      values.push(...made);
      if (REFUSING.has(call.op.name)) factors.push(...made);
      ran(i, values);
    });
    return [...this.plan.outputs.map((n) => back(values, n)), ...factors];
  }
}

function back(values: readonly Tensor[], n: number): Tensor {
  return values[values.length - 1 - (n % values.length)] as Tensor;
}

/** A program with a state of its own. */
export interface Subject {
  readonly run: (...args: Tensor[]) => Tensor[];
  readonly state: readonly Tensor[];
  readonly optimizer: Optimizer | null;
  /** All that it reads and writes. */
  readonly all: unknown;
}

/** The program with its writes to buffers. */
export function writing(program: Random): Subject {
  const buffers = program.state().map((x) => new Buffer(x));
  const write = (call: number, values: readonly Tensor[]): void => {
    for (const { after, to, from } of program.plan.writes) {
      const slot = buffers[to];
      if (slot === undefined || after % program.calls.length !== call) continue;
      const value = back(values, from);
      const fits = slot.dtype === value.dtype && sizeOf(slot.shape) === value.size;
      if (fits) slot.value = value.reshape([...slot.shape]);
    }
  };
  const state = buffers.map(({ value }) => value);
  const run = (...args: Tensor[]) => noGrad(() => program.run(args, state, write));
  return { run, state, optimizer: null, all: buffers };
}

type Weights = Record<string, Tensor>;

function optimizerOf({ plan }: Random, weights: Weights): Optimizer | null {
  if (plan.optimizer === null || Object.keys(weights).length === 0) return null;
  return (plan.optimizer === "adam" ? adam : sgd)(weights, { lr: 0.01 });
}

/** Value and gradients with respect to arguments and state, and a step of an optimiser. */
export function training(program: Random): Subject {
  const state = program.state();
  const weights: Weights = Object.fromEntries(
    state.flatMap((x, i) => (isFloat(x.dtype) ? [[`w${i}`, x]] : [])),
  );
  const optimizer = optimizerOf(program, weights);
  const run = (...args: Tensor[]): Tensor[] => {
    const floats = args.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []));
    const loss = ({ inputs, own }: { inputs: Tensor[]; own: Weights }): Tensor => {
      const xs = args.map((x, i) =>
        floats.includes(i) ? (inputs[floats.indexOf(i)] as Tensor) : x,
      );
      const lent = state.map((x, i) => own[`w${i}`] ?? x);
      return program
        .run(xs, lent)
        .filter(({ dtype }) => isFloat(dtype))
        .map((x) => x.tanh().square().sum().cast("float32"))
        .reduce((a, b) => a.add(b));
    };
    const inputs = floats.map((i) => args[i] as Tensor);
    const [value, grads] = valueAndGrad(loss)({ inputs, own: weights });
    if (optimizer !== null) optimizer.step(grads.own);
    return [value, ...grads.inputs];
  };
  return { run, state, optimizer, all: [state, ...(optimizer === null ? [] : [optimizer])] };
}
