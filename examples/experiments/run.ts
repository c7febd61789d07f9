/** @file One adaptation: a method, a learning rate, a seed; and what comes out. */
import type { Adapter } from "@isograd/gpart";
import { adamw, type Compiler, DataLoader, fit, type Module, schedules } from "@isograd/nn";
import { rng } from "@isograd/tensor";
import { adapt, type Study } from "./methods.js";
import { accuracy } from "./samples.js";
import type { Base, Data, Task } from "./task.js";

/** How one adaptation goes. */
export interface RunOptions {
  readonly lr: number;
  readonly headLr: number;
  /** Chooses examples, their order and the new head: the same for all methods. */
  readonly seed: number;
  /** Seed of the method itself (default: `seed`). */
  readonly methodSeed?: number;
  readonly steps: number;
  /** Compiles the steps; default: they run op by op. */
  readonly compile?: Compiler;
}

/** An adapted model. */
export interface Adapted<M extends Module> {
  readonly adapter: Adapter<M>;
  /** Mean training loss of the last tenth of the steps. */
  readonly loss: number;
  readonly seconds: number;
}

/** Trains by AdamW without decay, with linear warm-up (6 %) and decay, as the papers do. */
export async function train<M extends Module>(
  task: Task<M>,
  base: Base,
  study: Study,
  options: RunOptions,
): Promise<Adapted<M>> {
  const { lr, headLr, seed, methodSeed = seed, steps } = options;
  const adapter = adapt(task.model(base, seed), task, study, methodSeed);
  // the head alone is what is trained: it has no rate beside that of the method
  const apart = study.method !== "head only";
  const groups = apart ? [{ match: (name: string) => name.startsWith("saved."), lr: headLr }] : [];
  const late: number[] = [];
  const examples = task.train(seed);
  const { seconds } = await fit({
    model: adapter,
    loss: (a, batch) => a.run((model) => task.loss(model, batch)),
    optimizer: adamw(adapter, { lr, weightDecay: 0, groups }),
    data: new DataLoader(examples, {
      batchSize: task.batchSize,
      shuffle: rng(`order ${seed}`),
      dropLast: true,
    }),
    maxSteps: steps,
    schedule: schedules.linear({ warmup: Math.ceil(0.06 * steps), total: steps }),
    readEvery: Math.min(5, Math.ceil(steps / 40)),
    onStep: ({ step, loss }) => {
      if (step > 0.9 * steps) late.push(loss);
    },
    progress: false,
    ...(options.compile && { compile: options.compile }),
  });
  for (const x of Object.values(examples)) x.dispose();
  adapter.eval();
  return { adapter, loss: late.reduce((a, b) => a + b, 0) / late.length, seconds };
}

/** The share of examples that an adapted model gets right. */
export function score<M extends Module>(task: Task<M>, adapter: Adapter<M>, data: Data): number {
  return accuracy((batch) => adapter.run((model) => task.correct(model, batch)), data);
}

/** Frees an adapter and its model. */
export function forget<M extends Module>({ adapter }: Adapted<M>): void {
  const { model } = adapter;
  adapter.dispose();
  model.dispose();
}
