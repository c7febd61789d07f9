/** @file Means of losses and metrics over data, without gradients and in evaluation mode. */
import { noGrad } from "@isograd/autograd";
import { scope, Tensor, UsageError } from "@isograd/tensor";
import {
  expectFunction,
  expectSync,
  expectTensor,
  formatShape,
  given,
  shown,
} from "@isograd/tensor/engine";
import { DataLoader } from "../data/loader.js";
import { expectRecord } from "../expect.js";
import { modulesOf, type Trainable } from "../optim/targets.js";
import type { BatchFunction, Compiler } from "./options.js";
import { pacer } from "./pause.js";

/** How means are measured. */
export interface EvaluateOptions {
  /** Compiles the functions, with the same bits: pass `compile` of @isograd/compile. */
  readonly compile?: Compiler | undefined;
}

/**
 * Means of functions of a batch over all data, weighted by the size of the batches of a DataLoader.
 * Modules are put into evaluation mode and back.
 *
 * @throws UsageError when there are no batches.
 * @example
 * const loader = new DataLoader({ x: tensor([1, 2, 3]) }, { batchSize: 2 });
 * const drop = new Dropout(0.5, { rng: rng(0) });
 * await evaluate(drop, loader, { mean: (m, { x }) => m.forward(x).mean() }); // { mean: 2 }
 */
export async function evaluate<M extends Trainable, B, K extends string>(
  model: M,
  data: Iterable<B>,
  functions: Readonly<Record<K, BatchFunction<M, B>>>,
  options?: EvaluateOptions,
): Promise<Record<K, number>> {
  const { compile } = given("evaluate", options, "compile()");
  expectBatches("evaluate", "data", data);
  const measure = measureOf(model, functions, compile);
  try {
    return await meansOf(model, data, measure);
  } finally {
    measure.dispose();
  }
}

/** Functions of a batch, as one. */
export interface Measure<B, K extends string> {
  readonly names: readonly K[];
  /** Their values, tensors of one element. */
  values(batch: B): Tensor[];
  dispose(): void;
}

/** Makes one function of several. */
export function measureOf<M extends Trainable, B, K extends string>(
  model: M,
  functions: Readonly<Record<K, BatchFunction<M, B>>>,
  compile: Compiler | undefined,
): Measure<B, K> {
  expectRecord("evaluate", "functions by name", functions, HELP);
  const names = Object.keys(functions) as K[];
  for (const name of names) expectFunction("evaluate", functions[name], HELP);
  const all = (batch: B) => names.map((name) => oneNumber(name, functions[name](model, batch)));
  const values = compile === undefined ? all : compile(all, { state: model });
  expectFunction("evaluate", values, "compile is that of @isograd/compile");
  return { names, values, dispose: () => (values as ReturnType<Compiler>).dispose?.() };
}

/** Means of the values over all data, in evaluation mode. */
export async function meansOf<M extends Trainable, B, K extends string>(
  model: M,
  data: Iterable<B>,
  { names, values: measure }: Measure<B, K>,
): Promise<Record<K, number>> {
  const sums = names.map(() => 0);
  const weights = { total: 0, batches: 0 };
  const restore = evaluationMode(model);
  const breathe = pacer(50);
  try {
    for (const batch of data) {
      const weight = data instanceof DataLoader ? data.sizeOf(weights.batches) : 1;
      const values = noGrad(() => scope(() => measure(batch)));
      try {
        for (const [i, value] of values.entries()) {
          sums[i] = (sums[i] as number) + weight * (await readNumber(value));
        }
      } finally {
        for (const value of values) value.dispose();
      }
      weights.total += weight;
      weights.batches++;
      await breathe();
    }
  } finally {
    restore();
  }
  if (weights.batches === 0) {
    const help = "is it empty, or an iterator that was used already?";
    throw new UsageError("evaluate", "the data gave no batches", help);
  }
  const means = names.map((name, i) => [name, (sums[i] as number) / weights.total]);
  return Object.fromEntries(means) as Record<K, number>;
}

const HELP = "write { loss: (model, batch) => … }";

/** A handle on the value of a function. @throws UsageError unless it is a tensor of one element. */
function oneNumber(name: string, value: unknown): Tensor {
  expectSync(name, value, "a mean is made of ops: load data in the loader");
  expectTensor(name, value);
  if (value.size === 1) return value.alias(true, name);
  const problem = `the function returned shape ${formatShape(value.shape)}`;
  throw new UsageError(name, problem, "reduce it to a single number: value.mean()");
}

/** @throws UsageError unless x gives batches: it is iterable, or a function where that `may` be. */
export function expectBatches(op: string, what: string, x: unknown, may = false): void {
  if (may && typeof x === "function") return;
  const { [Symbol.iterator]: iterate } = (x ?? {}) as Partial<Iterable<unknown>>;
  if (typeof iterate === "function" && typeof x === "object" && !(x instanceof Tensor)) return;
  const help = "give a DataLoader or a list of batches; what is loaded async is awaited before";
  throw new UsageError(op, `${what} is ${shown(x)}, which gives no batches`, help);
}

/** Puts all modules into evaluation mode; the function returned restores their modes. */
function evaluationMode(model: Trainable): () => void {
  const before = modulesOf(model).flatMap((m) =>
    [...m.namedModules().values()].map((x) => [x, x.training] as const),
  );
  for (const [module] of before) module.training = false;
  return () => {
    for (const [module, training] of before) module.training = training;
  };
}

/** The only element of x. */
export async function readNumber(x: Tensor): Promise<number> {
  return (await x.data())[0] as number;
}
