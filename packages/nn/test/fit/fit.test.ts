/** @file The training loop: it learns, stops when told, reports, and leaves nothing behind. */
import { rng, sigmoid, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { describe, expect, it, vi } from "vitest";
import { reporterFor } from "../../src/fit/progress.js";
import {
  adam,
  DataLoader,
  evaluate,
  type FitRecord,
  fit,
  losses,
  MLP,
  type Reporter,
  schedules,
  sgd,
} from "../../src/index.js";
import { bits } from "../helpers.js";
import { type Batch, loss, Noisy, noisyRun, sine, xor } from "./problems.js";

describe("learning", () => {
  it("learns XOR", async () => {
    const run = xor();
    const { history, steps, stopped } = await fit({ ...run, maxSteps: 200 });
    expect([steps, stopped, history.length]).toEqual([200, "maxSteps", 200]);
    expect(history.at(-1)?.loss).toBeLessThan(0.05);
    expect(run.model.training).toBe(false);
    const x = tensor([
      [0, 1],
      [1, 1],
    ]);
    const [yes, no] = Array.from(sigmoid(run.model.forward(x)).dataSync());
    expect(yes).toBeGreaterThan(0.9);
    expect(no).toBeLessThan(0.1);
  });

  it("learns a sine by epochs, with schedule, clipping, averaging and validation", async () => {
    const random = rng(0);
    const model = new MLP([1, 16, 1], { activation: "tanh", rng: random });
    const { history, best } = await fit({
      model,
      loss,
      optimizer: adam(model, { lr: 0.02 }),
      data: new DataLoader(sine(0, 128), { batchSize: 32, shuffle: random }),
      epochs: 100,
      schedule: schedules.cosine({ total: 400, warmup: 10 }),
      clipNorm: 1,
      ema: 0.9,
      validation: {
        data: new DataLoader(sine(1, 50), { batchSize: 20 }),
        metrics: { l1: (m, b) => losses.l1(m.forward(b.x), b.y) },
        every: 50,
      },
      progress: false,
    });
    const validated = history.filter((r) => r.valLoss !== undefined);
    expect(validated.map((r) => r.step)).toEqual([50, 100, 150, 200, 250, 300, 350, 400]);
    expect(best?.valLoss).toBeLessThan(0.01);
    expect(validated.at(-1)?.metrics?.l1).toBeLessThan(0.1);
    expect(history[0]?.lr).toBeCloseTo(0.002, 10);
    expect(history.at(-1)?.lr).toBeLessThan(1e-5);
    const { mse } = await evaluate(model, new DataLoader(sine(1, 50)), { mse: loss });
    expect(mse).toBeCloseTo(best?.valLoss ?? 0, 5);
  });

  it("trains trees of tensors on batches made for each step", async () => {
    const params = { w: tensor([0]), b: tensor([0]) };
    const random = rng(0);
    const { history } = await fit({
      model: params,
      loss: (p, x: Tensor) => losses.mse(x.mul(p.w).add(p.b), x.mul(3).sub(1)),
      optimizer: sgd(params, { lr: 0.2 }),
      data: () => random.normal([16]),
      maxSteps: 100,
      progress: false,
    });
    expect(history.at(-1)?.loss).toBeLessThan(1e-6);
    expect(params.w.item()).toBeCloseTo(3, 3);
  });

  it("repeats bit for bit from the same seeds", async () => {
    const [a, b] = [noisyRun(), noisyRun()];
    const first = await fit({ ...a, epochs: 3 });
    const second = await fit({ ...b, epochs: 3 });
    expect(first.history.map((r) => r.loss)).toEqual(second.history.map((r) => r.loss));
    expect(bits(a.model.stateDict())).toEqual(bits(b.model.stateDict()));
  });
});

describe("stopping", () => {
  it("stops early and brings the best weights back", async () => {
    const run = noisyRun();
    const means = [5, 4, 3, 6, 7, 1];
    const seen: Record<string, number[]>[] = [];
    const result = await fit({
      ...run,
      epochs: 20,
      patience: 2,
      validation: { data: [{} as Batch], loss: () => tensor(means.shift() as number) },
      onValidation: () => void seen.push(bits(run.model.stateDict())),
    });
    expect([result.stopped, result.steps]).toEqual(["patience", 25]);
    expect(result.best).toEqual({ step: 15, valLoss: 3 });
    expect(bits(run.model.stateDict())).toEqual(seen[2]);
    expect(seen[2]).not.toEqual(seen[4]);
  });

  it("keeps the last weights when told, and needs minDelta to be better", async () => {
    const run = noisyRun();
    const means = [5, 4.95, 4.9];
    const last: Record<string, number[]>[] = [];
    const result = await fit({
      ...run,
      epochs: 3,
      minDelta: 0.2,
      restoreBest: false,
      validation: { data: [{} as Batch], loss: () => tensor(means.shift() as number) },
      onEpoch: () => void last.push(bits(run.model.stateDict())),
    });
    expect(result.best?.step).toBe(5);
    expect(bits(run.model.stateDict())).toEqual(last[2]);
  });

  it("stops for callbacks, signals, time and losses that are no numbers", async () => {
    const stop = async (more: object) => (await fit({ ...xor(), maxSteps: 1000, ...more })).stopped;
    expect(await stop({ onStep: ({ step }: FitRecord) => step < 5 })).toBe("callback");
    expect(await stop({ onEpoch: async () => false })).toBe("callback");
    expect(await stop({ signal: AbortSignal.abort() })).toBe("signal");
    expect(await stop({ maxSteps: undefined, minutes: 1 / 6000 })).toBe("minutes");
    expect(await stop({ maxSteps: undefined, epochs: 2 })).toBe("epochs");
    const nan = (_: MLP, { x }: Batch) => x.sum().mul(Number.NaN);
    expect(await stop({ loss: (m: MLP, b: Batch) => nan(m, b).add(m.forward(b.x).sum()) })).toBe(
      "diverged",
    );
  });

  it("says what is missing", async () => {
    await expect(fit(xor())).rejects.toThrow("fit: nothing says when to stop");
    await expect(fit({ ...xor(), epochs: 1, patience: 1 })).rejects.toThrow(UsageError);
    await expect(fit({ ...xor(), epochs: 1, data: [] })).rejects.toThrow(
      "the data gave no batches",
    );
    await expect(fit({ ...xor(), epochs: 1, data: () => sine() })).rejects.toThrow("has no epochs");
  });
});

describe("manners", () => {
  it("lets the event loop run", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    await fit({ ...xor(), maxSteps: undefined, minutes: 0.3 / 60 });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
  });

  it("evaluates in evaluation mode, weighted by batch size, and goes back", async () => {
    const model = new Noisy(rng(0));
    const data = new DataLoader({ x: tensor([1, 2, 6]) }, { batchSize: 2 });
    const means = await evaluate(model, data, {
      mean: (m, { x }) => x.mean().add(m.training ? 100 : 0),
      count: (_, { x }) => tensor(x.size),
    });
    expect(means.mean).toBeCloseTo(3, 6);
    expect(means.count).toBeCloseTo(5 / 3, 6);
    expect(model.training).toBe(true);
    await expect(evaluate(model, [], {})).rejects.toThrow("no batches");
  });

  it("reports to a reporter, or in lines", async () => {
    const heard: string[] = [];
    const reporter: Reporter = {
      start: (title) => heard.push(`start ${title}`),
      step: ({ step }, part) => heard.push(`${step} ${part}`),
      finish: (last, stopped) => heard.push(`${last?.step} ${stopped}`),
    };
    await fit({ ...xor(), maxSteps: 2, progress: reporter, title: "xor" });
    expect(heard).toEqual(["start xor", "1 0.5", "2 1", "2 maxSteps"]);
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    await fit({ ...xor(), maxSteps: 2, progress: "lines", title: "xor" });
    expect(log.mock.calls.map(([line]) => line)).toEqual([
      expect.stringMatching(/^xor: step 1 {2}loss 0\.\d{4} {2}\d+\.\d s$/),
      expect.stringMatching(/^xor: done, step 2/),
    ]);
    log.mockRestore();
  });

  it("draws a bar on a terminal, over itself, and prints lines elsewhere", () => {
    const screen = {
      isTTY: true,
      columns: 60,
      text: "",
      write(more: string) {
        this.text += more;
      },
    };
    const shown = (): string => screen.text.split("\r\u001b[2K").pop() ?? "";
    const bar = reporterFor(undefined, screen);
    bar?.start("xor");
    expect(shown()).toBe(`${"─".repeat(24)}  xor: training`);
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 100);
    bar?.step({ step: 7, epoch: 0, loss: 0.25, valLoss: 0.5, lr: 1, seconds: 61 }, 0.5);
    const half = `${"━".repeat(12)}${"─".repeat(12)}`;
    expect(shown()).toBe(`${half}  xor: step 7  loss 0.2500  val 0.5`); // cut at the last column
    bar?.finish({ step: 8, epoch: 0, loss: 1e-5, lr: 1, seconds: 62 }, "signal");
    expect(shown()).toBe("xor: stopped, step 8  loss 1.00e-5  1 min 2 s  val 0.5000\n");
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    reporterFor("bar", { write: () => {} })?.finish(null, "epochs");
    reporterFor("bar", null)?.finish(null, "epochs");
    expect(log.mock.calls).toEqual([["done"], ["done"]]);
    expect(reporterFor(undefined, null)).toBeNull();
    vi.restoreAllMocks();
  });

  it("reads the loss as rarely as told", async () => {
    const { history } = await fit({ ...xor(), maxSteps: 25, readEvery: 10 });
    expect(history.map((r) => r.step)).toEqual([10, 20]);
  });
});
