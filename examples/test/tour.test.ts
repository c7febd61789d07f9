/** @file The tour in small: its data, each of its tasks, loading an adapter, and the report. */
import { noGrad } from "@isograd/autograd";
import { loadAdapter } from "@isograd/gpart";
import { memory } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { mean, short, standardError, table } from "../shared/statistics.js";
import type { Findings } from "../tour/findings.js";
import { makePonita, ponitaPredicts, still, straight } from "../tour/models.js";
import { asHtml } from "../tour/report.js";
import { freeze, METHODS, perform, restore } from "../tour/tasks.js";
import { asText } from "../tour/text.js";
import { testError, trainPonita } from "../tour/train.js";
import { firstOf, simulateWorld } from "../tour/world.js";

const world = simulateWorld({}, { train: 60, test: 60 }, 7);
const base = makePonita(0);
const weights = freeze(base);
const adapt = (method: (typeof METHODS)[number], steps = 3) =>
  perform({ kind: "adapt", method, seed: 1, baseSeed: 0, weights, steps, batchSize: 20 }, world);

describe("the tour", () => {
  it("simulates the same world for the same seed, and predictors see it", () => {
    const again = simulateWorld({}, { train: 60, test: 60 }, 7);
    expect(again.train.displacement.dataSync()).toEqual(world.train.displacement.dataSync());
    expect(world.paths.shape).toEqual([6, 11, 5, 3]);
    const [nothing, line] = [testError(still, world.test), testError(straight, world.test)];
    expect(nothing).toBeGreaterThan(line);
    expect(line).toBeGreaterThan(0.02);
  });

  it("trains PONITA and leaves no memory behind", async () => {
    const model = makePonita(1);
    const before = testError((b) => ponitaPredicts(model, b), world.test);
    const run = { maxSteps: 12, batchSize: 20, lr: 5e-3, seed: 0 };
    await trainPonita(model, world.train, run);
    expect(testError((b) => ponitaPredicts(model, b), world.test)).toBeLessThan(before);
    const first = memory().tensors;
    await trainPonita(model, world.train, run);
    expect(memory().tensors - first).toBeLessThan(200);
  });

  it("trains an MLP of equal size", async () => {
    const parameters = base.parameterCount;
    const task = {
      kind: "flat",
      parameters,
      seed: 0,
      minutes: 0.01,
      batchSize: 20,
      lr: 1e-3,
    } as const;
    const found = await perform(task, world);
    expect(Math.abs(found.parameters - parameters) / parameters).toBeLessThan(0.02);
    expect(found.rotation).toBeGreaterThan(1e-3);
    expect(found.curve.steps).toBeGreaterThan(0);
  });

  it.each(METHODS)("adapts by %s and gives the same outputs when loaded", async (method) => {
    const found = await adapt(method);
    expect(found.mse).toBeLessThan(10);
    const again = loadAdapter(restore(weights, 0), found.files);
    const said = noGrad(() => again.run((m) => ponitaPredicts(m, firstOf(world.test, 50))));
    expect(said.dataSync()).toEqual(found.predictions);
    if (method === "GPart") {
      for (const ratio of found.ratios) expect(Math.abs(ratio - 1)).toBeLessThan(1e-9);
      expect(found.trained).toBe((await adapt("LoRA", 1)).trained);
    }
  });
});

describe("the report", () => {
  const curve = {
    points: [1, 2].map((k) => ({ step: k, seconds: k, loss: 1 / k })),
    steps: 2,
    seconds: 2,
  };
  const findings: Findings = {
    seed: 0,
    samples: { train: 10, test: 10, adapt: 5 },
    learned: [
      { name: "PONITA", parameters: 35171, mse: 0.01, rotation: 0.1, gridRotation: 1e-7, curve },
    ],
    law: "a < b",
    before: [{ name: "no motion", mse: 0.5 }],
    adapted: [
      { method: "GPart", trained: 7, bytes: 700, mse: [1, 2, 3], curves: [curve], ratios: [1, 1] },
    ],
    reloaded: { same: true, numbers: 7, bytes: 700 },
    shown: [{ path: [[[0, 0, 0]], [[1, 1, 0]]], predicted: [[1, 0.9, 0]] }],
    seconds: 3,
    machine: "a test",
  };

  it("is one page that needs nothing else", () => {
    const page = asHtml(findings);
    expect(page).toContain("a &lt; b");
    expect(page.match(/<svg/g)?.length).toBe(5);
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it("says the same on the terminal", () => {
    expect(asText(findings)).toContain("GPart");
    expect(asText(findings)).toContain("2 ± 0.577");
    expect(asText(findings)).toContain("the same to the last bit");
  });

  it("counts right", () => {
    expect(mean([1, 2, 3])).toBe(2);
    expect(standardError([1, 2, 3])).toBeCloseTo(Math.sqrt(1 / 3), 12);
    expect([short(0), short(0.012345), short(1e-7)]).toEqual(["0", "0.0123", "1.0e-7"]);
    expect(table(["a", "b"], [["x", "10"]]).split("\n")[2]).toBe("x  10");
  });
});
