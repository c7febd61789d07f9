/**
 * @file Language: BERT guesses hidden words in descriptions of packages, then learns which section
 * of the archive a package belongs to.
 */
import { gunzipSync } from "node:zlib";
import { noGrad } from "@isograd/autograd";
import {
  Bert,
  type BertConfig,
  BertForMaskedLM,
  Linear,
  loadPretrained,
  losses,
  type ModelOptions,
  Module,
} from "@isograd/nn";
import { notEqual, type Rng, rng, scope, type Tensor, take } from "@isograd/tensor";
import { asJson, dataFile, frozen, hits, pretrainOn, rows, sample, whole } from "./samples.js";
import { column, type Data, type Task } from "./task.js";
import { FIRST_WORD, MASK, PAD, type Vocabulary, vocabularyOf } from "./words.js";

/** Sections about a subject; others are about forms (libraries, documents) or languages. */
const SECTIONS = [
  "admin",
  "database",
  "editors",
  "electronics",
  "fonts",
  "games",
  "graphics",
  "mail",
  "math",
  "net",
  "science",
  "sound",
  "text",
  "video",
  "web",
];

/** Tokens of a description, the first one included: 98 % have no more. */
const LENGTH = 14;
const WORDS = 4000;
const SIZE = {
  hiddenSize: 48,
  numHiddenLayers: 2,
  numAttentionHeads: 4,
  intermediateSize: 96,
  maxPositionEmbeddings: LENGTH,
  typeVocabSize: 1,
  hiddenDropoutProb: 0,
  attentionProbsDropoutProb: 0,
  initializerRange: 0.1,
} as const;
/** Examples of the new task to learn from, and to choose learning rates by. */
const TRAIN = 2000;
const VALID = 1500;

interface Line {
  readonly split: string;
  readonly section: string;
  readonly text: string;
}

function readLines(): Line[] {
  const text = gunzipSync(dataFile("debian-descriptions.tsv.gz")).toString();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [split = "", section = "", ...rest] = line.split("\t");
      return { split, section, text: rest.join(" ") };
    });
}

function encoded(lines: readonly Line[], words: Vocabulary) {
  const ids = whole(
    lines.flatMap(({ text }) => words.encode(text, LENGTH)),
    [lines.length, LENGTH],
  );
  const section = lines.map((line) => SECTIONS.indexOf(line.section));
  return { ids, label: whole(section, [lines.length]) };
}

const seen = (ids: Tensor): Tensor => notEqual(ids, PAD);

/**
 * Hides 15 % of the words as BERT does: of those, 80 % become MASK, 10 % another word, 10 % stay.
 * Gives the tokens, the hidden places, and the words that were there.
 */
export function hide(ids: Tensor, words: number, random: Rng) {
  const [n = 0, length = 0] = ids.shape;
  const tokens = Int32Array.from(ids.dataSync());
  const places: number[] = [];
  const targets: number[] = [];
  tokens.forEach((token, i) => {
    if (token < FIRST_WORD || random.next() >= 0.15) return;
    places.push(i);
    targets.push(token);
    const u = random.next();
    if (u < 0.8) tokens[i] = MASK;
    else if (u < 0.9) tokens[i] = FIRST_WORD + random.nextInt(words - FIRST_WORD);
  });
  const count = places.length;
  return {
    tokens: whole(tokens, [n, length]),
    places: whole(places, [count]),
    targets: whole(targets, [count]),
  };
}

function guess(model: BertForMaskedLM, ids: Tensor, random: Rng) {
  const { vocabSize, hiddenSize } = model.config;
  const { tokens, places, targets } = hide(ids, vocabSize, random);
  const { lastHiddenState } = model.bert.forward(tokens, { attentionMask: seen(ids) });
  const hidden = take(lastHiddenState.reshape([-1, hiddenSize]), places);
  return { logits: model.logits(hidden), targets };
}

function guessingLoss(random: Rng) {
  return (model: BertForMaskedLM, batch: Data): Tensor => {
    const { logits, targets } = guess(model, column(batch, "ids"), random);
    return losses.crossEntropy(logits, targets);
  };
}

/** BERT with a linear map of the first token's vector. */
class Sections extends Module {
  static readonly pretrained = BertForMaskedLM.pretrained;
  readonly bert: Bert;
  readonly classifier: Linear;

  constructor(config: BertConfig, options: ModelOptions) {
    super();
    this.bert = new Bert(config, { ...options, pooler: false });
    this.classifier = new Linear(config.hiddenSize, SECTIONS.length, options);
  }

  forward(ids: Tensor): Tensor {
    return scope(() => {
      const { lastHiddenState } = this.bert.forward(ids, { attentionMask: seen(ids) });
      return this.classifier.forward(lastHiddenState.slice([null, 0]));
    });
  }
}

/** Reads the data; the split for testing is the archive's. */
export function languageTask(): Task<Sections> {
  const lines = readLines();
  const train = lines.filter(({ split }) => split === "train");
  const words = vocabularyOf(
    train.map(({ text }) => text),
    WORDS,
  );
  const config = { ...SIZE, vocabSize: words.size };
  const isTopical = ({ section }: Line) => SECTIONS.includes(section);
  const topical = encoded(train.filter(isTopical), words);
  const test = encoded(
    lines.filter((line) => line.split === "test" && isTopical(line)),
    words,
  );
  const count = topical.label.size;
  const order = sample(rng("language split"), count, count);
  const pool = rows(topical, order.slice(VALID));
  return {
    name: "language",
    title: "Language: from hidden words to sections of an archive",
    baseMetric: "hidden words of the test split guessed",
    metric: "accuracy",
    targets: ["query", "value"],
    shape: { targets: 4, rows: 4 * 48 },
    head: ["classifier"],
    budgets: [384, 768, 1536],
    batchSize: 32,
    valid: rows(topical, order.slice(0, VALID)),
    test,
    async pretrain(steps, say) {
      const model = new BertForMaskedLM(config, { rng: rng("language") });
      const { ids } = encoded(train, words);
      const how = { steps, lr: 2e-3, batchSize: 64 };
      await pretrainOn(model, { ids }, guessingLoss(rng("hidden words")), how, say);
      const score = guessed(model, test.ids);
      return { weights: frozen(model), score };
    },
    model: ({ weights }, seed) =>
      loadPretrained(
        Sections,
        { config: asJson(config), weights },
        {
          fresh: ["classifier"],
          rng: rng(`head ${seed}`),
        },
      ).model,
    train: (seed) => rows(pool, sample(rng(`examples ${seed}`), count - VALID, TRAIN)),
    loss: (model, batch) =>
      losses.crossEntropy(model.forward(column(batch, "ids")), column(batch, "label")),
    correct: (model, batch) => hits(model.forward(column(batch, "ids")), column(batch, "label")),
  };
}

/** The share of hidden words that the model guesses. */
function guessed(model: BertForMaskedLM, ids: Tensor): number {
  return noGrad(() =>
    scope(() => {
      const { logits, targets } = guess(model, ids, rng("hidden test words"));
      return hits(logits, targets) / targets.size;
    }),
  );
}
