/** @file Rows of tensors: from plain arrays, chosen by number, read in batches. */
import { readFileSync } from "node:fs";
import { noGrad } from "@isograd/autograd";
import { adamw, type Compiler, DataLoader, fit, type Module, schedules } from "@isograd/nn";
import { type Rng, rng, scope, type Tensor, take } from "@isograd/tensor";
import { fromTypedArray } from "@isograd/tensor/engine";
import { saveSafetensors } from "@isograd/tensor/io";
import type { Data } from "./task.js";

/** int32 from plain numbers. */
export function whole(values: ArrayLike<number>, shape: readonly number[]): Tensor {
  return fromTypedArray(Int32Array.from(values), shape, "int32");
}

/** The rows with these numbers. */
export function rows(data: Data, which: readonly number[]): Data {
  const places = whole(which, [which.length]);
  return Object.fromEntries(Object.entries(data).map(([key, x]) => [key, take(x, places)]));
}

/** `count` different whole numbers below n. */
export function sample(random: Rng, n: number, count: number): number[] {
  return Array.from(random.permutation(n).dataSync()).slice(0, count);
}

/** Numbers 0 … n − 1 that pass. */
export function those(n: number, passes: (i: number) => boolean): number[] {
  return Array.from({ length: n }, (_, i) => i).filter(passes);
}

/** The share of examples that are right. */
export function accuracy(correct: (batch: Data) => number, data: Data): number {
  const loader = new DataLoader(data, { batchSize: 256 });
  let right = 0;
  for (const batch of loader) right += noGrad(() => scope(() => correct(batch)));
  return right / loader.size;
}

/** Rows whose largest logit is at the label. */
export function hits(logits: Tensor, labels: Tensor): number {
  return scope(() => logits.argmax({ axis: -1 }).equal(labels).sum().item());
}

/** Pretrains a whole model: AdamW, linear warm-up and decay. */
export async function pretrainOn<M extends Module>(
  model: M,
  data: Data,
  loss: (model: M, batch: Data) => Tensor,
  how: {
    readonly steps: number;
    readonly lr: number;
    readonly batchSize: number;
    readonly compile?: Compiler;
  },
  say: (part: number) => void,
): Promise<void> {
  const { steps, lr, batchSize } = how;
  await fit({
    model: model.train(),
    loss,
    optimizer: adamw(model, { lr, decay: (_, w) => w.rank > 1 }),
    data: new DataLoader(data, { batchSize, shuffle: rng("pretraining"), dropLast: true }),
    maxSteps: steps,
    schedule: schedules.linear({ warmup: Math.ceil(0.05 * steps), total: steps }),
    clipNorm: 1,
    readEvery: 20,
    onStep: ({ step }) => say(step / steps),
    progress: false,
    ...(how.compile && { compile: how.compile }),
  });
  model.eval();
}

/** The weights whose names begin with `prefix` as the bytes of a file; frees the model. */
export function frozen(model: Module, prefix = ""): Uint8Array {
  const bytes = scope(() => {
    const kept = Object.entries(model.stateDict()).filter(([name]) => name.startsWith(prefix));
    return saveSafetensors(Object.fromEntries(kept));
  });
  model.dispose();
  return bytes;
}

/** A file of the data folder, also for the compiled program. */
export function dataFile(name: string): Uint8Array {
  const folder = import.meta.url.includes("/dist/") ? "../../experiments/data/" : "data/";
  return new Uint8Array(readFileSync(new URL(folder + name, import.meta.url)));
}

/** A configuration as a config.json has it. */
export function asJson(config: object): Record<string, unknown> {
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [snake(key), value]));
}
