/** @file Training runs: how each model of the tour learns, and how it is tested. */

import { noGrad } from "@isograd/autograd";
import { compile } from "@isograd/compile";
import type { Ponita } from "@isograd/equivariant";
import type { Adapter } from "@isograd/gpart";
import {
  adam,
  DataLoader,
  type FitRecord,
  fit,
  type Module,
  type Reporter,
  schedules,
} from "@isograd/nn";
import { rng, scope, type Tensor } from "@isograd/tensor";
import { error, type Predictor, ponitaPredicts } from "./models.js";
import { type Batch, loader, turned } from "./world.js";

/** A curve of losses against seconds. */
export interface Curve {
  readonly points: readonly {
    readonly seconds: number;
    readonly step: number;
    readonly loss: number;
  }[];
  readonly steps: number;
  readonly seconds: number;
}

/** What a run needs besides the model. */
export interface Run {
  readonly minutes?: number;
  readonly maxSteps?: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly seed: number;
  readonly title?: string;
  readonly progress?: boolean | Reporter;
  /** Whether steps run as one program (default: true); the bits are the same. */
  readonly compiled?: boolean;
  /** Turns each batch at random (default: true), since space has no preferred direction. */
  readonly turn?: boolean;
}

/** Trains a model by Adam with warm-up and cosine decay, clipping at 0.5; returns its curve. */
export async function train<M extends Module>(
  model: M,
  predict: (model: M, batch: Batch) => Tensor,
  data: Batch,
  run: Run,
): Promise<Curve> {
  const random = rng(`turns ${run.seed}`);
  const smoothed: { seconds: number; step: number; loss: number }[] = [];
  const recent: number[] = [];
  const onStep = ({ step, loss, seconds }: FitRecord): void => {
    recent.push(loss);
    if (recent.length < 20) return;
    smoothed.push({ step, seconds, loss: recent.reduce((a, b) => a + b, 0) / recent.length });
    recent.length = 0;
  };
  const fall = schedules.cosine({ final: 0.01 });
  const result = await fit({
    model,
    loss: (m: M, batch: Batch) => {
      const seen = run.turn === false ? batch : turned(batch, random);
      return error(predict(m, seen), seen);
    },
    optimizer: adam(model, { lr: run.lr }),
    data: loader(data, run.batchSize, rng(`shuffle ${run.seed}`)),
    ...(run.minutes === undefined ? {} : { minutes: run.minutes }),
    ...(run.maxSteps === undefined ? {} : { maxSteps: run.maxSteps }),
    schedule: (step, progress) => Math.min(1, (step + 1) / 30) * fall(step, progress),
    clipNorm: 0.5,
    ...(run.compiled === false ? {} : { compile }),
    onStep,
    progress: run.progress ?? false,
    title: run.title ?? "",
  });
  return { points: smoothed, steps: result.steps, seconds: result.seconds };
}

/** Scales PONITA's kernels on a first batch, then trains it. */
export async function trainPonita(model: Ponita, data: Batch, run: Run): Promise<Curve> {
  const [first] = new DataLoader(data, { batchSize: run.batchSize });
  if (first !== undefined) model.calibrate(first);
  return train(model, ponitaPredicts, data, run);
}

/** Trains the numbers of an adapter; its model does not change. */
export function trainAdapter(adapter: Adapter<Ponita>, data: Batch, run: Run): Promise<Curve> {
  return train(adapter, (a, batch) => a.run((model) => ponitaPredicts(model, batch)), data, run);
}

/** Mean squared error over a whole set. */
export function testError(predict: Predictor, data: Batch): number {
  let total = 0;
  let batches = 0;
  for (const batch of new DataLoader(data, { batchSize: 200 })) {
    total += noGrad(() => scope(() => error(predict(batch), batch).item()));
    batches++;
  }
  return total / batches;
}
