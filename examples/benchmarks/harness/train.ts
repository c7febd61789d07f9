/** @file Training as all benchmarks do it, with checkpoints from which a later start continues. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  adam,
  checkpointFile,
  type FitOptions,
  type FitRecord,
  fit,
  type Module,
  schedules,
} from "@isograd/nn";
import type { Context } from "./benchmark.js";

/** What differs from one training to the next. */
export interface Training<M extends Module, B>
  extends Pick<FitOptions<M, B>, "model" | "loss" | "data" | "validation" | "generators"> {
  readonly key: string;
  readonly steps: number;
  readonly lr: number;
  /** On weights of Linear layers only (default: 1e-10). */
  readonly weightDecay?: number;
  /** Decay of the average of the weights (default: no average). */
  readonly ema?: number;
  /** Steps of linear warm-up (default: a twentieth of all, at most 100). */
  readonly warmup?: number;
  /** Largest global norm of gradients (default: 0.5). */
  readonly clipNorm?: number;
  /** Steps between checkpoints (default: 500). */
  readonly checkpointEvery?: number;
}

/** How a training went. */
export interface Trained {
  readonly parameters: number;
  readonly steps: number;
  /** By the clock, other programs included. */
  readonly seconds: number;
  /** CPU time of this process. */
  readonly cpuSeconds: number;
  /** Where validation was best, and how good; null without validation. */
  readonly best: { readonly step: number; readonly loss: number } | null;
  /** Means of the training loss over equal parts of the run. */
  readonly curve: readonly { readonly step: number; readonly loss: number }[];
}

/**
 * Trains by Adam, with weight decay on the weights of Linear layers, gradients clipped to a norm,
 * linear warm-up and cosine decay; the model ends with the weights that were best in validation.
 * With a folder for checkpoints, a stopped training continues from the last one, and a finished one
 * is only loaded.
 */
export async function train<M extends Module, B>(
  training: Training<M, B>,
  context: Context,
): Promise<Trained> {
  const { model, key, steps, lr, weightDecay = 1e-10 } = training;
  const { clipNorm = 0.5, checkpointEvery = 500 } = training;
  const { warmup = Math.min(100, Math.ceil(steps / 20)) } = training;
  const { checkpoints } = context;
  const path = checkpoints === null ? null : await checkpointPath(checkpoints, key);
  const file = path === null ? null : checkpointFile(`${path}.safetensors`);
  const clock = await cpuClock(path === null ? null : `${path}.json`);
  const result = await fit<M, B>({
    model,
    loss: training.loss,
    data: training.data,
    optimizer: adam(model, { lr, weightDecay, decay: (name) => isLinearWeight(name) }),
    maxSteps: steps,
    schedule: schedules.cosine({ total: Math.max(steps, warmup + 1), warmup }),
    clipNorm,
    ...(training.validation && { validation: training.validation }),
    ...(training.ema !== undefined && { ema: training.ema }),
    ...(file && {
      ...(training.generators && { generators: training.generators }),
      onCheckpoint: async (bytes: Uint8Array) => {
        await clock.save();
        await file.write(bytes);
      },
      checkpointEvery,
      resume: await file.read(),
    }),
    ...(context.compile && { compile: context.compile }),
    signal: context.signal,
    progress: context.progress,
    title: key,
  });
  const { best, history } = result;
  return {
    parameters: model.parameterCount,
    steps: result.steps,
    seconds: Math.round(result.seconds),
    cpuSeconds: Math.round(clock.seconds()),
    best: best && { step: best.step, loss: best.valLoss },
    curve: means(history, 40),
  };
}

/**
 * Weights of Linear layers are called so; layer norms have weights too, of one axis, under `norm`.
 */
function isLinearWeight(name: string): boolean {
  return name.endsWith("weight") && !/norm/i.test(name);
}

async function checkpointPath(folder: string, key: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  return join(folder, key.replaceAll(/[^\w.-]+/g, "-"));
}

/** CPU seconds since the first start: a small file keeps those of earlier starts. */
async function cpuClock(path: string | null) {
  const before = path === null ? 0 : await readFile(path, "utf8").then(Number, () => 0);
  const start = process.cpuUsage();
  const seconds = (): number => {
    const { user, system } = process.cpuUsage(start);
    return before + (user + system) / 1e6;
  };
  return {
    seconds,
    async save(): Promise<void> {
      if (path === null) return;
      await writeFile(`${path}.tmp`, String(seconds()));
      await rename(`${path}.tmp`, path);
    },
  };
}

/** The history in at most `parts` parts: the last step of each, and its mean loss. */
export function means(history: readonly FitRecord[], parts: number): Trained["curve"] {
  const size = Math.max(1, Math.ceil(history.length / parts));
  const found: { step: number; loss: number }[] = [];
  for (let i = 0; i < history.length; i += size) {
    const part = history.slice(i, i + size);
    const total = part.reduce((sum, { loss }) => sum + loss, 0);
    found.push({
      step: part.at(-1)?.step ?? 0,
      loss: Number((total / part.length).toPrecision(4)),
    });
  }
  return found;
}
