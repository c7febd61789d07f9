/**
 * @file The experiments in small: data, budgets, a lab that goes on where it stopped, tables and
 * plots.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "@isograd/compile";
import { memory, rng } from "@isograd/tensor";
import { afterAll, describe, expect, it } from "vitest";
import { arithmeticTask, sentence } from "../experiments/arithmetic.js";
import { beyond, conduct, type LabOptions, openLab } from "../experiments/lab.js";
import { landscape } from "../experiments/landscape.js";
import { hide, languageTask } from "../experiments/language.js";
import { adapt, METHODS, nameOf, type Study } from "../experiments/methods.js";
import { comparison, otherSchemes } from "../experiments/plan.js";
import { picturesOf, readResults, writeReport } from "../experiments/report.js";
import { forget, train } from "../experiments/run.js";
import { rows, whole } from "../experiments/samples.js";
import type { Results, Run } from "../experiments/store.js";
import { asMarkdown, differences, scoreTable, tablesOf } from "../experiments/tables.js";
import type { Data, Task } from "../experiments/task.js";
import { visionTask } from "../experiments/vision.js";
import { FIRST_WORD, MASK, PAD, vocabularyOf } from "../experiments/words.js";
import { counting } from "./compiled.js";

const folder = mkdtempSync(join(tmpdir(), "experiments-"));
afterAll(() => rmSync(folder, { recursive: true }));
const silent = { phase: () => undefined, done: () => undefined };
const options: LabOptions = {
  ...{ pretrainSteps: 2, steps: 4, seeds: [0, 1], searchSeeds: [1000], margin: 0 },
  ...{ results: folder, cache: join(folder, "bases") },
};

describe("the data", () => {
  it("has a vocabulary of the most frequent words", () => {
    const words = vocabularyOf(["the tiny editor", "The editor; an EDITOR", "x"], 7);
    expect(words.size).toBe(7);
    // editor 3, the 2, then "an" before "tiny" and "x"
    expect(words.encode("an editor the unseen", 7)).toEqual([1, 6, 4, 5, 3, PAD, PAD]);
    expect(words.encode("an editor", 2)).toEqual([1, 6]);
  });

  it("hides 15 % of the words, and nothing else", () => {
    const ids = whole(
      Array.from({ length: 40_000 }, (_, i) => [1, 9, 12, PAD][i % 4] ?? PAD),
      [10_000, 4],
    );
    const { tokens, places, targets } = hide(ids, 20, rng(3));
    expect(Math.abs(places.size / 20_000 - 0.15)).toBeLessThan(0.01);
    const [before, after] = [Array.from(ids.dataSync()), Array.from(tokens.dataSync())];
    const at = new Set(places.dataSync());
    const changed = before.flatMap((x, i) => (x === after[i] ? [] : [i]));
    expect(changed.every((i) => at.has(i) && (before[i] ?? 0) >= FIRST_WORD)).toBe(true);
    expect(Array.from(places.dataSync(), (i) => before[i])).toEqual(Array.from(targets.dataSync()));
    const masks = after.filter((x) => x === MASK).length;
    expect(Math.abs(masks / places.size - 0.8)).toBeLessThan(0.03);
  });

  it("writes sums and differences from the last digit on", () => {
    expect(sentence(345, 678, 10, 1)).toEqual([5, 4, 3, 10, 8, 7, 6, 12, 3, 2, 0, 1]);
    // 0 − 1 = −1, which is 6666 in base seven modulo 7⁴
    expect(sentence(0, 1, 7, -1)).toEqual([0, 0, 0, 11, 1, 0, 0, 12, 6, 6, 6, 6]);
  });
});

describe.each([
  ["language", (): Task => languageTask()],
  ["vision", (): Task => visionTask()],
  ["arithmetic", (): Task => arithmeticTask()],
] as const)("the experiment in %s", (name, make) => {
  const whole = make();
  const few = (data: Data) => rows(data, [0, 1, 2, 3, 4, 5, 6, 7]);
  const task = { ...whole, valid: few(whole.valid), test: few(whole.test) };

  it("has one head and one budget for all methods, and leaves no memory behind", async () => {
    const lab = await openLab(task, options, silent);
    const { base, results } = lab;
    for (const study of comparison(task.budgets)) {
      const adapter = adapt(task.model(base, 0), task, study, 0);
      if (study.d > 0) expect(adapter.parameterCount, nameOf(study)).toBe(study.d + results.head);
      if (study.method === "head only") expect(adapter.parameterCount).toBe(results.head);
    }
    const study = { method: "GPart", d: task.budgets[0] ?? 0 } as const;
    await conduct(lab, study);
    const count = Object.keys(results.runs).length;
    expect(count).toBe(5);
    const first = memory().tensors;
    const again = await openLab(task, options, silent);
    const runs = await conduct(again, study);
    expect(Object.keys(again.results.runs).length).toBe(count);
    expect(again.results).toEqual(results);
    expect(runs.map((r) => r.seed)).toEqual([0, 1]);
    expect(memory().tensors - first).toBeLessThan(100);
    expect(() => readFileSync(join(folder, `${name}.json`))).not.toThrow();
  });
});

describe("the head alone", () => {
  it("is trained at the rate of the method, with compiled steps to the same bits", async () => {
    const task: Task = visionTask();
    const base = await task.pretrain(2, () => {});
    expect((await task.pretrain(2, () => {}, compile)).weights).toEqual(base.weights);
    const { compiler, programs } = counting();
    const lossOf = async (how: Pick<LabOptions, "compile">) => {
      const done = await train(
        task,
        base,
        { method: "head only", d: 0 },
        { lr: 0.01, headLr: 0, seed: 0, steps: 10, ...how },
      );
      forget(done);
      return done.loss;
    };
    expect(await lossOf({ compile: compiler })).toBe(await lossOf({}));
    expect(programs).toHaveLength(1);
  });
});

describe("a search", () => {
  const next = (scores: readonly number[], margin: number) =>
    beyond(new Map(scores.map((score, i) => [i - 1, score])), margin);

  it("goes on until the best rate has others on either side", () => {
    expect(next([1, 2, 3], 2)).toBe(2);
    expect(next([1, 2, 3, 2], 2)).toBe(3);
    expect(next([1, 2, 3, 2, 1], 2)).toBe(null);
    expect(next([1, 3, 2, 2], 2)).toBe(-2);
    // of equal ones, the smaller rate
    expect(next([3, 3, 3], 1)).toBe(-2);
    expect(next([3, 2, 1], 0)).toBe(null);
  });
});

describe("the landscape", () => {
  it("is lower in the middle than at the corners' mean", async () => {
    const task: Task = arithmeticTask();
    const { compiler, programs } = counting();
    const lab = await openLab(task, { ...options, compile: compiler }, silent);
    await landscape(lab, { method: "GPart", d: 576 }, 0.01, 5);
    const found = Object.values(lab.results.landscapes)[0];
    const all = found?.loss.flat() ?? [];
    expect(all.length).toBe(25);
    expect(programs).toHaveLength(1); // the base was trained before
    const corners = [0, 4, 20, 24].map((i) => all[i] ?? Number.NaN);
    expect(all[12]).toBeLessThan(corners.reduce((a, b) => a + b) / 4);
  });
});

/** Results in which the k-th method has 0.5 + 0.01 k, plus 0.1 per seed. */
function invented(): Results {
  const runs: Record<string, Run> = {};
  METHODS.forEach((method, k) => {
    const studies = comparison([8, 16]).filter((study) => study.method === method);
    for (const study of studies) {
      for (const seed of [0, 1]) {
        const test = 0.5 + 0.01 * k + 0.1 * seed;
        const more = { trained: 9, lr: 0.1, seed, loss: 1, seconds: 1 };
        runs[`${nameOf(study)} ${seed}`] = { ...study, ...more, test };
      }
    }
  });
  return {
    ...{ task: "vision", title: "Invented", metric: "accuracy", baseMetric: "nothing" },
    ...{ pretrainSteps: 1, steps: 1, weights: 64, head: 1, baseScore: 0.5, headLr: 0.1 },
    ...{ runs, landscapes: {} },
  };
}

describe("tables and plots", () => {
  it("give means, standard errors and differences seed by seed", () => {
    const results = invented();
    const { head, rows } = scoreTable(results);
    expect(head).toEqual(["", "d = 8", "d = 16"]);
    expect(rows[0]).toEqual(["GPart", "55.0 ± 5.0", "55.0 ± 5.0"]);
    expect(rows.at(-1)?.[2]).toBe("″");
    for (const x of differences(results, { method: "LoRA", d: 8 }, 8)) {
      expect(x).toBeCloseTo(-0.01 * METHODS.indexOf("LoRA"), 12);
    }
    expect(tablesOf(results).length).toBe(3);
    expect(otherSchemes(8).map(nameOf)).toContain("GPart d=8 contiguous");
  });

  it("make a page that needs nothing else, and pictures that stand alone", () => {
    const page = readFileSync(writeReport(folder, join(folder, "out")), "utf8");
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    for (const { svg } of picturesOf(invented())) expect(svg).toMatch(/^<svg[^>]* xmlns=/);
  });

  it("come from searches that went on beyond the best rate, by three seeds each", () => {
    const kept = readResults(new URL("../experiments/results", import.meta.url).pathname);
    for (const { runs } of kept) {
      const all = Object.values(runs);
      const studies = new Map(all.map((r) => [nameOf(r as Study), r]));
      for (const [name, { method, d, variant }] of studies) {
        const own = all.filter((r) => r.method === method && r.d === d && r.variant === variant);
        const finals = own.filter((r) => r.test !== undefined && r.methodSeed === undefined);
        const [chosen, ...others] = [
          ...new Set(own.filter((r) => r.test !== undefined).map((r) => r.lr)),
        ];
        expect(others, name).toEqual([]);
        expect(new Set(finals.map((r) => r.seed)).size, name).toBe(5);
        const searched = own.filter((r) => r.valid !== undefined);
        const scoresAt = (lr: number) => searched.filter((r) => r.lr === lr);
        const rates = [...new Set(searched.map((r) => r.lr))]
          .filter((lr) => new Set(scoresAt(lr).map((r) => r.seed)).size === 3)
          .sort((a, b) => a - b);
        const at = rates.indexOf(chosen ?? Number.NaN);
        expect(at, name).toBeGreaterThanOrEqual(2);
        expect(rates.length - 1 - at, name).toBeGreaterThanOrEqual(2);
        const score = (lr: number) => scoresAt(lr).reduce((sum, r) => sum + (r.valid ?? 0), 0);
        expect(score(chosen ?? Number.NaN), name).toBeCloseTo(Math.max(...rates.map(score)), 9);
      }
    }
  });

  it("stand on the site as the results in the repository have them", () => {
    const site = new URL("../../docs/guide/experiments.md", import.meta.url);
    const text = readFileSync(site, "utf8");
    const kept = readResults(new URL("../experiments/results", import.meta.url).pathname);
    expect(kept.map((r) => r.task)).toEqual(["language", "vision", "arithmetic"]);
    for (const table of kept.flatMap(tablesOf)) expect(text).toContain(asMarkdown(table));
  });
});
