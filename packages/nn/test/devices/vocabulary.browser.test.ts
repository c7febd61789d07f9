/**
 * @file BERT's vocabulary of 30,522 words, tied to its head, on the GPU in headless Chromium: a step
 * of training, what the optimiser and the average keep, and files, against the cpu. The table has
 * more than 2²⁴ numbers: number 2²⁴ is in word 21845.
 */
import { valueAndGrad } from "@isograd/autograd";
import { adamw, BertForMaskedLM, clipByGlobalNorm, ema, losses } from "@isograd/nn";
import { dispose, rng, scope, sum, type Tensor, take, tensor } from "@isograd/tensor";
import { type Mode, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { loadSafetensors, saveSafetensors } from "@isograd/tensor/io";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const CONFIG = {
  numHiddenLayers: 1,
  intermediateSize: 768,
  maxPositionEmbeddings: 4,
  hiddenDropoutProb: 0,
  attentionProbsDropoutProb: 0,
};
const TABLE = "bert.embeddings.word_embeddings.weight";
const WORDS = [101, 30521, 21845, 21846];
const WANTED = [30520, 101, 21846, 0];
/** Words of the batch and others, on both sides of number 2²⁴. */
const LOOKED_AT = [0, 101, 103, 2023, 21844, 21845, 21846, 21847, 30000, 30520, 30521];

const bert = new BertForMaskedLM(CONFIG, { rng: rng(0) });
const start = bert.stateDict();
const table = (): Tensor => bert.bert.embeddings.word_embeddings.weight.value;

async function moved(dict: Readonly<Record<string, Tensor>>, device: string) {
  const made: Record<string, Tensor> = {};
  for (const [name, x] of Object.entries(dict)) made[name] = await x.to(device);
  return made;
}

/** A step from `start`: values by name, and the whole table afterwards. */
async function step(device: string): Promise<Record<string, ArrayLike<number>>> {
  await bert.to(device);
  const weights = await moved(start, device);
  bert.loadStateDict(weights);
  if (device !== "cpu") for (const x of Object.values(weights)) dispose(x);
  const ids = (list: readonly number[], shape = [list.length]) =>
    tensor(Int32Array.from(list), { shape, dtype: "int32", device });
  const [words, wanted] = [ids(WORDS, [1, 4]), ids(WANTED, [1, 4])];
  const rows = (x: Tensor | undefined) => take(x as Tensor, ids(LOOKED_AT));
  // eps above most slopes: a step of Adam is otherwise the sign of a slope, however small
  const optimizer = adamw(bert, { lr: 0.01, eps: 1e-3, weightDecay: 0.01 });
  const average = ema(bert, 0.5);
  const found = scope(() => {
    const [loss, slopes] = valueAndGrad((m: BertForMaskedLM) =>
      losses.crossEntropy(m.forward(words), wanted),
    )(bert);
    const { grads, norm } = clipByGlobalNorm(slopes, 1);
    optimizer.step(grads);
    average.update();
    const { tensors } = optimizer.state();
    return {
      loss,
      norm,
      slopes: rows(slopes[TABLE]),
      m: rows(tensors[`m.${TABLE}`]),
      v: rows(tensors[`v.${TABLE}`]),
      average: rows(average.state().tensors[TABLE]),
      lengths: sum(table().mul(table()), { axis: 1 }),
      logits: bert.forward(words),
      table: table().alias(),
    };
  });
  const values: Record<string, ArrayLike<number>> = {};
  for (const [name, x] of Object.entries(found)) values[name] = await x.data();
  for (const x of Object.values(found)) dispose(x);
  optimizer.dispose();
  average.dispose();
  return values;
}

/** The largest difference as a share of the largest number. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [worst, most] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    if (!(Math.abs(x - y) <= worst)) worst = Math.abs(x - y);
    if (Math.abs(y) > most) most = Math.abs(y);
  }
  return worst / most;
}

const wanted = await step("cpu");

describe.each<Mode>(["webgl2", "webgpu"])("%s", (mode) => {
  beforeAll(async () => void (await startGpu({ mode })));
  afterAll(async () => {
    await bert.to("cpu");
    await stopGpu();
  });

  test("a step gives the loss, slopes, states, weights and logits of the cpu", async () => {
    const got = await step("gpu");
    const differ = Object.entries(wanted).map(([name, want]) => {
      const have = got[name] as ArrayLike<number>;
      expect(have.length).toBe(want.length);
      return [name, difference(have, want)] as const;
    });
    expect(differ.filter(([, d]) => !(d < 1e-4))).toEqual([]);
  }, 180_000);

  test("a file of the model is read with all bits", async () => {
    const [dict, before] = [await moved(bert.stateDict(), "cpu"), await table().data()];
    const file = saveSafetensors({ [TABLE]: dict[TABLE] as Tensor });
    bert.loadStateDict(await moved(start, "gpu"));
    const { tensors } = loadSafetensors(file, { device: "gpu" });
    bert.loadStateDict(tensors, { strict: false });
    const after = await table().data();
    expect(after.findIndex((x, i) => x !== before[i])).toBe(-1);
  });
});
