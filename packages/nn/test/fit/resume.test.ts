/** @file Checkpoints: a resumed run gives the same bits as one that was never stopped. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rng } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  adamw,
  checkpointFile,
  DataLoader,
  type FitResult,
  fit,
  schedules,
} from "../../src/index.js";
import { bits } from "../helpers.js";
import { loss, Noisy, sine } from "./problems.js";

/** Loss, averages, validation, patience, shuffling and dropout, all from one generator. */
async function train(
  more: object,
): Promise<{ readonly result: FitResult; readonly weights: unknown }> {
  const random = rng(9);
  const model = new Noisy(random);
  const result = await fit({
    model,
    loss,
    optimizer: adamw(model, { lr: 0.02 }),
    data: new DataLoader(sine(), { batchSize: 8, shuffle: random }),
    schedule: schedules.cosine({ total: 43 }),
    ema: 0.8,
    patience: 50,
    validation: { data: new DataLoader(sine(1), { batchSize: 10 }), every: 4 },
    maxSteps: 43,
    progress: false,
    ...more,
  });
  return { result, weights: bits(model.stateDict()) };
}

const numbers = ({ history, best, steps }: FitResult) => ({
  history: history.map(({ seconds: _, ...rest }) => rest),
  best,
  steps,
});

describe("resume", () => {
  it.each([5, 13, 20, 40])("from step %i is bit-exact", async (step) => {
    const files = new Map<number, Uint8Array>();
    const save = {
      checkpointEvery: 1,
      onCheckpoint: (bytes: Uint8Array, at: { step: number }) => void files.set(at.step, bytes),
    };
    const whole = await train(save);
    expect(files.size).toBe(43);
    const rest = await train({ resume: files.get(step) });
    expect(numbers(rest.result)).toEqual(numbers(whole.result));
    expect(rest.weights).toEqual(whole.weights);
  });

  it("takes up a run that ended at its last step, also at the end of an epoch", async () => {
    for (const end of [17, 20]) {
      const last: Uint8Array[] = [];
      await train({ maxSteps: end, onCheckpoint: (bytes: Uint8Array) => void last.push(bytes) });
      expect(last).toHaveLength(1);
      const rest = await train({ resume: last[0] });
      const whole = await train({});
      expect(numbers(rest.result)).toEqual(numbers(whole.result));
      expect(rest.weights).toEqual(whole.weights);
    }
  });

  it("validates at the end of epochs exactly once", async () => {
    const byEpoch = {
      validation: { data: new DataLoader(sine(1), { batchSize: 10 }) },
      ema: undefined,
    };
    const files = new Map<number, Uint8Array>();
    const onCheckpoint = (bytes: Uint8Array, at: { step: number }) =>
      void files.set(at.step, bytes);
    const whole = await train({ ...byEpoch, checkpointEvery: 5, onCheckpoint });
    for (const step of [10, 15]) {
      const rest = await train({ ...byEpoch, resume: files.get(step) });
      expect(numbers(rest.result)).toEqual(numbers(whole.result));
      expect(rest.weights).toEqual(whole.weights);
    }
  });

  it("passes over batches of data that cannot be set to a place", async () => {
    const batches = Array.from({ length: 4 }, (_, i) => sine(i, 8));
    const last: Uint8Array[] = [];
    const plain = { data: batches, validation: undefined, patience: undefined };
    await train({ ...plain, maxSteps: 6, onCheckpoint: (b: Uint8Array) => void last.push(b) });
    const rest = await train({ ...plain, resume: last[0] });
    expect(rest.weights).toEqual((await train(plain)).weights);
  });

  it("keeps checkpoints in files", async () => {
    const folder = mkdtempSync(join(tmpdir(), "isograd-"));
    try {
      const file = checkpointFile(join(folder, "run.safetensors"));
      expect(await file.read()).toBeNull();
      await train({ maxSteps: 11, resume: await file.read(), onCheckpoint: file.write });
      const rest = await train({ resume: await file.read(), onCheckpoint: file.write });
      expect(rest.weights).toEqual((await train({})).weights);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
