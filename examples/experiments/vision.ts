/**
 * @file Vision: a ViT learns to read Latin letters and digits, then Greek letters, in unseen fonts.
 */
import { loadPretrained, losses, VitForImageClassification } from "@isograd/nn";
import { rng, type Tensor } from "@isograd/tensor";
import { loadNpz } from "@isograd/tensor/io";
import {
  accuracy,
  asJson,
  dataFile,
  frozen,
  hits,
  pretrainOn,
  rows,
  sample,
  those,
} from "./samples.js";
import { column, type Data, type Task } from "./task.js";

const SIZE = {
  imageSize: 28,
  patchSize: 7,
  numChannels: 1,
  hiddenSize: 48,
  numHiddenLayers: 2,
  numAttentionHeads: 4,
  intermediateSize: 96,
} as const;
const LETTERS = 24;
/** Examples of the new task to learn from. */
const TRAIN = 1000;

/** Images as numbers from −1 to 1, and labels. */
function glyphs(alphabet: "latin" | "greek"): { data: Data; isTest: ArrayLike<number> } {
  const all = loadNpz(dataFile("glyphs.npz"));
  const of = (key: string) => column(all, `${alphabet}_${key}`);
  const [n = 0] = of("images").shape;
  const images = of("images").cast("float32").div(127.5).sub(1).reshape([n, 1, 28, 28]);
  return { data: { images, label: of("labels").cast("int32") }, isTest: of("is_test").dataSync() };
}

/** Reads the data; every fifth training font is kept for choosing learning rates. */
export function visionTask(): Task<VitForImageClassification> {
  const greek = glyphs("greek");
  const n = greek.isTest.length;
  const forTest = (i: number) => greek.isTest[i] === 1;
  // One font after the other, all its letters in a row.
  const forValid = (i: number) => Math.floor(i / LETTERS) % 5 === 4;
  const pool = those(n, (i) => !forTest(i) && !forValid(i));
  const config = { ...SIZE, numLabels: LETTERS };
  return {
    name: "vision",
    title: "Vision: from Latin to Greek letters",
    baseMetric: "Latin letters and digits of unseen fonts read",
    metric: "accuracy",
    targets: ["query", "value"],
    shape: { targets: 4, rows: 4 * 48 },
    head: ["classifier"],
    budgets: [384, 768, 1536],
    batchSize: 32,
    valid: rows(
      greek.data,
      those(n, (i) => !forTest(i) && forValid(i)),
    ),
    test: rows(greek.data, those(n, forTest)),
    async pretrain(steps, say, compile) {
      const { data, isTest } = glyphs("latin");
      const test = (i: number) => isTest[i] === 1;
      const part = (passes: (i: number) => boolean) => rows(data, those(isTest.length, passes));
      const [learn, held] = [part((i) => !test(i)), part(test)];
      const model = new VitForImageClassification(
        { ...SIZE, numLabels: 36 },
        { rng: rng("vision") },
      );
      const how = { steps, lr: 2e-3, batchSize: 64, ...(compile && { compile }) };
      await pretrainOn(model, learn, lossOf, how, say);
      const score = accuracy((batch) => correctOf(model, batch), held);
      return { weights: frozen(model, "vit."), score };
    },
    model: ({ weights }, seed) =>
      loadPretrained(
        VitForImageClassification,
        { config: asJson(config), weights },
        {
          fresh: ["classifier"],
          rng: rng(`head ${seed}`),
        },
      ).model,
    train: (seed) => {
      const chosen = sample(rng(`examples ${seed}`), pool.length, TRAIN);
      return rows(
        greek.data,
        chosen.flatMap((i) => pool[i] ?? []),
      );
    },
    loss: lossOf,
    correct: correctOf,
  };
}

function lossOf(model: VitForImageClassification, batch: Data): Tensor {
  return losses.crossEntropy(model.forward(column(batch, "images")), column(batch, "label"));
}

function correctOf(model: VitForImageClassification, batch: Data): number {
  return hits(model.forward(column(batch, "images")), column(batch, "label"));
}
