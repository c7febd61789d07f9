/**
 * @file A run leaves nothing behind. The garbage of other tests is collected first: otherwise it
 * would be freed during a pause.
 */
import { FormatError, rng } from "@isograd/tensor";
import { saveSafetensors } from "@isograd/tensor/io";
import { beforeEach, describe, expect, it } from "vitest";
import { adamw, DataLoader, fit } from "../../src/index.js";
import { alive, collectGarbage } from "../helpers.js";
import { loss, Noisy, noisyRun, sine } from "./problems.js";

describe("fit", () => {
  beforeEach(collectGarbage);

  it("keeps memory flat over 800 steps, and gives it back", async () => {
    const run = noisyRun();
    const before = alive();
    const marks: ReturnType<typeof alive>[] = [];
    const validation = { data: new DataLoader(sine(1), { batchSize: 20 }), every: 100 };
    const { steps } = await fit({
      ...run,
      validation,
      maxSteps: 800,
      clipNorm: 1,
      ema: 0.99,
      onStep: ({ step }) => void (step % 160 === 117 && marks.push(alive())),
    });
    expect(steps).toBe(800);
    expect(new Set(marks.map((m) => m.bytes)).size).toBe(1);
    expect(new Set(marks.map((m) => m.tensors)).size).toBe(1);
    run.optimizer.dispose();
    for (const x of Object.values(validation.data.data)) x.dispose();
    expect(alive()).toEqual(before);
  });

  it("puts the learning rate back and frees everything after an error", async () => {
    const run = noisyRun();
    const before = alive();
    let calls = 0;
    const failing = fit({
      ...run,
      epochs: 5,
      ema: 0.9,
      schedule: () => 0.1,
      loss: (m, b) => {
        if (++calls === 7) throw new Error("from the loss");
        return loss(m, b);
      },
    });
    await expect(failing).rejects.toThrow("from the loss");
    expect(run.optimizer.lr).toBe(0.01);
    run.optimizer.dispose();
    expect(alive()).toEqual(before);
  });

  it("refuses other files and other models, and leaves nothing behind", async () => {
    const weights = saveSafetensors(noisyRun().model.stateDict());
    const run = noisyRun();
    const before = alive();
    await expect(fit({ ...run, epochs: 1, resume: weights })).rejects.toThrow(FormatError);
    const last: Uint8Array[] = [];
    await fit({ ...run, epochs: 1, onCheckpoint: (b) => void last.push(b) });
    run.optimizer.dispose();
    expect(alive()).toEqual(before);
    const other = new Noisy(rng(0));
    const optimizer = adamw(other, { lr: 0.1 });
    await expect(
      fit({ ...run, model: other, optimizer, epochs: 1, resume: last[0] ?? null }),
    ).rejects.toThrow("adamw: this is the state of adam");
  });
});
