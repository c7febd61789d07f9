/**
 * @file The training loops of the benchmarks and the experiments: compiled, twenty steps give the bits
 * of those that run op by op.
 */
import type { Compiler } from "@isograd/nn";
import { scope } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { adaptation } from "../benchmarks/adaptation/benchmark.js";
import { energies } from "../benchmarks/energies/benchmark.js";
import { generation } from "../benchmarks/generation/benchmark.js";
import type { Benchmark } from "../benchmarks/harness/benchmark.js";
import { nbody } from "../benchmarks/nbody/benchmark.js";
import { properties } from "../benchmarks/properties/benchmark.js";
import { superpixels } from "../benchmarks/superpixels/benchmark.js";
import { arithmeticTask } from "../experiments/arithmetic.js";
import { languageTask } from "../experiments/language.js";
import { hasBudget, METHODS } from "../experiments/methods.js";
import { forget, train } from "../experiments/run.js";
import type { Task } from "../experiments/task.js";
import { visionTask } from "../experiments/vision.js";
import { counting } from "./compiled.js";

/** All results of the smallest size, without times. */
async function results({ steps }: Benchmark, compiler?: Compiler): Promise<unknown> {
  const found: Record<string, unknown> = {};
  for (const { key, run } of steps("quick")) {
    found[key] = await run({
      ...{ checkpoints: null, signal: new AbortController().signal, progress: false, data: null },
      ...(compiler && { compile: compiler }),
    });
  }
  return JSON.parse(JSON.stringify(found, (key, value) => (/seconds/i.test(key) ? 0 : value)));
}

describe("the benchmarks, in their smallest sizes", () => {
  it.each([nbody, energies, generation, superpixels, properties, adaptation])(
    "$name",
    async (benchmark) => {
      const { compiler, programs } = counting();
      expect(await results(benchmark, compiler)).toEqual(await results(benchmark));
      expect(programs.length).toBeGreaterThan(0);
    },
    120_000,
  );
});

describe.each([
  ["language", (): Task => languageTask()],
  ["vision", (): Task => visionTask()],
  ["arithmetic", (): Task => arithmeticTask()],
] as const)("the experiment in %s", (_, make) => {
  it("adapts by every method", async () => {
    const task = make();
    const base = await task.pretrain(2, () => {});
    const { compiler, programs } = counting();
    for (const method of METHODS) {
      const study = { method, d: hasBudget(method) ? (task.budgets[0] as number) : 0 };
      const run = async (how: { readonly compile?: Compiler }) => {
        const options = { lr: 1e-3, headLr: 1e-3, seed: 1, steps: 20, ...how };
        const adapted = await train(task, base, study, options);
        const values = scope(() => {
          return Object.entries(adapted.adapter.stateDict()).map(([name, x]) => [
            name,
            x.dataSync(),
          ]);
        });
        forget(adapted);
        return { loss: adapted.loss, values };
      };
      expect(await run({ compile: compiler }), method).toEqual(await run({}));
    }
    expect(programs).toHaveLength(METHODS.length);
  }, 300_000);
});
