/** @file The training loops of the tour and of pretraining, compiled: the bits of eager runs. */
import type { Ponita } from "@isograd/equivariant";
import { type Adapter, gpart, lora, uniLora } from "@isograd/gpart";
import { Gpt2ForCausalLM, losses, type Module } from "@isograd/nn";
import { rng, scope, type Tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { pretrainOn } from "../experiments/samples.js";
import type { Data } from "../experiments/task.js";
import { makeFlat, makePonita } from "../tour/models.js";
import { type Run, train, trainAdapter, trainPonita } from "../tour/train.js";
import { type Batch, simulateWorld } from "../tour/world.js";
import { counting } from "./compiled.js";

function valuesOf(model: Module): unknown {
  return scope(() => Object.entries(model.stateDict()).map(([name, x]) => [name, x.dataSync()]));
}

describe("twenty steps of the tour", () => {
  const world = simulateWorld({}, { train: 60, test: 10 }, 7);
  const adapting = (adapt: (model: Ponita) => Adapter<Ponita>) => async (run: Run) => {
    const model = adapt(makePonita(0));
    return { curve: await trainAdapter(model, world.train, run), model };
  };
  it.each<[string, (run: Run) => Promise<{ curve: { points: unknown }; model: Module }>]>([
    [
      "PONITA",
      async (run) => {
        const model = makePonita(1);
        return { curve: await trainPonita(model, world.train, run), model };
      },
    ],
    [
      "an MLP",
      async (run) => {
        const model = makeFlat(2000, 1);
        const predict = (m: typeof model, batch: Batch) => m.forward(batch);
        return { curve: await train(model, predict, world.train, run), model };
      },
    ],
    ["GPart", adapting((m) => gpart(m, { d: 50, seed: 1 }))],
    ["LoRA", adapting((m) => lora(m, { rank: 1, seed: 1 }))],
    ["Uni-LoRA", adapting((m) => uniLora(m, { d: 50, rank: 2, seed: 1 }))],
  ])("%s", async (_, go) => {
    const run = { maxSteps: 20, batchSize: 20, lr: 5e-3, seed: 0 };
    const [fast, eager] = [await go(run), await go({ ...run, compiled: false })];
    const losses_ = ({ curve }: typeof fast) =>
      (curve.points as { loss: number }[]).map(({ loss }) => loss);
    expect(losses_(fast)).toHaveLength(1);
    expect(losses_(fast)).toEqual(losses_(eager));
    expect(valuesOf(fast.model)).toEqual(valuesOf(eager.model));
  });
});

it("twenty steps of pretraining a language model with dropout", async () => {
  const { compiler, programs } = counting();
  const data: Data = { tokens: rng(1).integers([64, 7], { high: 12 }) };
  const pretrained = async (how: { readonly compile?: typeof compiler }) => {
    const model = new Gpt2ForCausalLM(
      { vocabSize: 12, nPositions: 8, nEmbd: 16, nLayer: 2, nHead: 2 },
      { rng: rng(2) },
    );
    const loss = (m: Gpt2ForCausalLM, { tokens }: Data) => {
      const all = tokens as Tensor;
      const logits = m.forward(all.slice([null, [0, 6]])).reshape([-1, 12]);
      return losses.crossEntropy(logits, all.slice([null, [1, 7]]).reshape([-1]));
    };
    const options = { steps: 20, lr: 1e-2, batchSize: 16, ...how };
    await pretrainOn(model, data, loss, options, () => {});
    return valuesOf(model);
  };
  expect(await pretrained({ compile: compiler })).toEqual(await pretrained({}));
  expect(programs).toHaveLength(1);
});
