/**
 * @file The harness of the benchmarks: steps run once, training goes on where it stopped, pages
 * stand alone.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { compile } from "@isograd/compile";
import { DataLoader, losses, MLP } from "@isograd/nn";
import { rng, sin, type Tensor } from "@isograd/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adaptation } from "../benchmarks/adaptation/benchmark.js";
import { energies } from "../benchmarks/energies/benchmark.js";
import { generation } from "../benchmarks/generation/benchmark.js";
import type { Benchmark, Context } from "../benchmarks/harness/benchmark.js";
import { compilerFor } from "../benchmarks/harness/command.js";
import { GROWTH, PAGE, PICTURES, reportMarkdown, sectionOf } from "../benchmarks/harness/docs.js";
import { HERE } from "../benchmarks/harness/files.js";
import { reportPage, reportText, writeReport } from "../benchmarks/harness/report.js";
import { type ResultFile, readResults, runSteps } from "../benchmarks/harness/store.js";
import { means, type Trained, train } from "../benchmarks/harness/train.js";
import { nbody } from "../benchmarks/nbody/benchmark.js";
import { properties } from "../benchmarks/properties/benchmark.js";
import { superpixels } from "../benchmarks/superpixels/benchmark.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "benchmarks-"));
});
afterAll(() => rm(folder, { recursive: true }));

const quiet = (checkpoints: string | null, signal = new AbortController().signal): Context => ({
  checkpoints,
  signal,
  progress: false,
  data: null,
});

interface Pairs extends Record<string, Tensor> {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** Learns the sine; the signal of the context may fire after so many steps. */
async function learnSine(
  context: Context,
  stopAfter = Number.POSITIVE_INFINITY,
  stop?: () => void,
) {
  const random = rng(3);
  const x = random.uniform([64, 1], { low: -3, high: 3 });
  const model = new MLP([1, 16, 1], { activation: "tanh", rng: random });
  let seen = 0;
  const loss = (m: MLP, { x, y }: Pairs): Tensor => {
    if (m.training && ++seen === stopAfter) stop?.();
    return losses.mse(m.forward(x), y);
  };
  const data = { x, y: sin(x) };
  const trained = await train<MLP, Pairs>(
    {
      ...{ key: "sine 1", model, loss, steps: 40, lr: 1e-2, checkpointEvery: 7, ema: 0.9 },
      data: new DataLoader<Pairs>(data, { batchSize: 16, shuffle: rng(4) }),
      validation: { data: new DataLoader<Pairs>(data, { batchSize: 64 }), every: 5 },
    },
    context,
  );
  return { trained, said: model.forward(x).dataSync() };
}

describe("the harness", () => {
  it("goes on with a training that was stopped, to the same weights bit for bit", async () => {
    const whole = await learnSine(quiet(null));
    expect(whole.trained.curve.at(-1)!.loss).toBeLessThan(whole.trained.curve[0]!.loss / 2);
    expect(whole.trained.best!.loss).toBeLessThan(0.3);
    const stop = new AbortController();
    const part = await learnSine(quiet(folder, stop.signal), 18, () => stop.abort());
    expect(part.trained.steps).toBe(18);
    const rest = await learnSine(quiet(folder));
    expect(rest.trained.steps).toBe(40);
    expect(rest.said).toEqual(whole.said);
    expect(rest.trained.curve).toEqual(whole.trained.curve);
    const loaded = await learnSine(quiet(folder), 1, () => expect.unreachable("nothing is left"));
    expect(loaded.said).toEqual(whole.said);
  });

  it("runs steps once, and none after the signal", async () => {
    const path = join(folder, "counted.json");
    const runs: string[] = [];
    const step = (key: string, then = () => {}) => ({
      key,
      run: async () => {
        runs.push(key);
        then();
        return { value: runs.length };
      },
    });
    const stop = new AbortController();
    const first = [step("a"), step("b", () => stop.abort()), step("c")];
    await runSteps(path, "npm run x", first, quiet(null, stop.signal));
    expect((await readResults(path))?.results).toEqual({ a: { value: 1 } });
    const again = await runSteps(path, "npm run x", [step("a"), step("b")], quiet(null));
    expect(again).toEqual({ a: { value: 1 }, b: { value: 3 } });
    expect(runs).toEqual(["a", "b", "b"]);
    expect(await readResults(join(folder, "none.json"))).toBeNull();
  });

  it("compiles steps where batches come in few forms, unless told otherwise, and notes it", async () => {
    for (const benchmark of [nbody, energies, generation, adaptation]) {
      expect(compilerFor(benchmark, false), benchmark.name).toBe(compile);
      expect(compilerFor(benchmark, true), benchmark.name).toBeUndefined();
    }
    for (const benchmark of [superpixels, properties]) {
      expect(compilerFor(benchmark, false), benchmark.name).toBeUndefined();
    }
    const path = join(folder, "noted.json");
    const step = (key: string) => [{ key, run: async () => ({}) }];
    await runSteps(path, "npm run x", step("a"), { ...quiet(null), compile });
    expect((await readResults(path))?.machine).toMatch(/, compiled steps$/);
    await runSteps(path, "npm run x", step("b"), quiet(null));
    expect((await readResults(path))?.machine).toMatch(/, steps op by op$/);
  });

  it("takes means of losses over equal parts", () => {
    const record = (step: number) => ({ step, loss: step, epoch: 0, lr: 1, seconds: 0 });
    const history = Array.from({ length: 10 }, (_, i) => record(i + 1));
    expect(means(history, 3)).toEqual([
      { step: 4, loss: 2.5 },
      { step: 8, loss: 6.5 },
      { step: 10, loss: 9.5 },
    ]);
  });
});

/** Runs the smallest size of a benchmark, writes its report, and returns its results. */
async function runQuick(benchmark: Benchmark): Promise<ResultFile> {
  const path = join(folder, `${benchmark.name}.json`);
  await runSteps(path, "a test", benchmark.steps("quick"), quiet(null));
  const file = await readResults(path);
  if (file === null) throw new Error(`there is no ${path}`);
  const page = await writeReport(benchmark, file, { figures: folder, page: folder });
  const html = await readFile(page, "utf8");
  expect(html).toBe(reportPage(benchmark, file, benchmark.report(file.results)));
  expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  for (const { name, svg } of benchmark.report(file.results).figures) {
    expect(svg).toContain('xmlns="http://www.w3.org/2000/svg"');
    expect(await readFile(join(folder, `${benchmark.name}-${name}.svg`), "utf8")).toContain(svg);
  }
  // a report without results is empty, no error
  expect(reportText(benchmark.report({}))).toContain("─");
  return file;
}

describe("the page about the benchmarks", () => {
  const all = [nbody, energies, properties, generation, superpixels, adaptation];

  it.each(all)("says of $name what its results say", async (benchmark) => {
    const file = await readResults(join(HERE, "results", `${benchmark.name}.json`));
    const said = sectionOf(await readFile(PAGE, "utf8"), benchmark.name);
    const tables =
      file === null
        ? "No results yet."
        : reportMarkdown(benchmark.name, benchmark.report(file.results));
    expect(said).toBe(tables);
  });

  it.each(all)("shows the pictures of $name that its results make", async (benchmark) => {
    const file = await readResults(join(HERE, "results", `${benchmark.name}.json`));
    for (const { name, svg } of benchmark.report(file?.results ?? {}).figures) {
      const shown = await readFile(join(PICTURES, `${benchmark.name}-${name}.svg`), "utf8");
      expect(shown).toBe(`${svg}\n`);
    }
  });

  it("shows how the time of a step grows, as it was measured", async () => {
    const shown = await readFile(join(PICTURES, basename(GROWTH)), "utf8");
    expect(shown).toBe(await readFile(GROWTH, "utf8"));
    expect(await readFile(PAGE, "utf8")).toContain(`(/benchmarks/${basename(GROWTH)})`);
  });

  it("finds a section between its marks only", () => {
    expect(sectionOf("<!-- a -->\n\nx\n\n<!-- end of a -->", "a")).toBe("x");
    expect(sectionOf("<!-- a --> x", "a")).toBeNull();
    expect(sectionOf("x", "a")).toBeNull();
  });
});

describe("the benchmarks with one molecule or five bodies, each in its smallest size", () => {
  it("N-body: models learn more than nothing from a few steps", async () => {
    const { results } = await runQuick(nbody);
    const mse = (key: string): number => (results[key] as { mse: number }).mse;
    expect(mse("linear")).toBeLessThan(mse("no motion"));
    for (const name of ["PONITA 80", "PNITA 80", "EGNN 80", "MLP 80"]) {
      expect(mse(name)).toBeLessThan(mse("no motion"));
      expect((results[name] as { trained: Trained }).trained.steps).toBe(20);
    }
  });

  it("energies: both networks learn something, and dynamics keep their energy", async () => {
    const { results } = await runQuick(energies);
    for (const name of ["PONITA", "PNITA"]) {
      const { energy, force, dynamics } = results[name] as {
        energy: number;
        force: number;
        dynamics: { drift: { largest: number }; path: unknown[] };
      };
      expect(energy).toBeGreaterThan(0);
      expect(force).toBeLessThan(1000); // the mean of |force| itself is about 870 meV/Å
      expect(dynamics.path).toHaveLength(3);
      expect(dynamics.drift.largest).toBeLessThan(0.05);
    }
  });

  it("generation: molecules are drawn and measured beside real ones", async () => {
    const { results } = await runQuick(generation);
    const { samples, test } = results["ethanol"] as Record<
      "samples" | "test",
      { measures: { valid: number; distances: number; nearest: number }; shown: unknown[] }
    >;
    expect(test.measures.valid).toBe(1);
    expect(test.measures.nearest).toBeGreaterThan(0.9);
    expect(test.measures.distances).toBeLessThan(0.1);
    expect(samples.measures.distances).toBeGreaterThan(test.measures.distances);
    expect(samples.shown).toHaveLength(6);
  });
});

describe("the benchmarks with many graphs or an adapter, each in its smallest size", () => {
  it("superpixels: errors at every angle", async () => {
    const { results } = await runQuick(superpixels);
    for (const found of Object.values(results)) {
      const { errors } = found as { errors: { angle: number | null; error: number }[] };
      expect(errors.map(({ angle }) => angle)).toEqual([0, 15, 30, 45, 90, 180, null]);
      for (const { error } of errors) expect(error >= 0 && error <= 1).toBe(true);
    }
  });

  it("properties: errors in the unit of the property, beside that of the mean", async () => {
    const { results } = await runQuick(properties);
    expect(Object.keys(results)).toEqual(["PONITA mu", "PNITA mu"]);
    for (const found of Object.values(results)) {
      const { error, simple } = found as { error: number; simple: number };
      expect(error).toBeLessThan(2 * simple);
      expect(error).toBeGreaterThan(0);
    }
  });

  it("adaptation: a few numbers change the model, which stays as equivariant", async () => {
    const { results } = await runQuick(adaptation);
    const found = Object.values(results) as { force: number; numbers: number; rotation: number }[];
    expect(found.map(({ numbers }) => numbers).slice(0, 2)).toEqual([0, 20]);
    expect(found[2]?.numbers).toBeGreaterThan(500);
    expect(found[1]?.force).not.toBe(found[0]?.force);
    for (const { rotation } of found) expect(rotation).toBeLessThan(1e-4);
  });
});
