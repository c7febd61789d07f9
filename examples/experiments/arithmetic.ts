/**
 * @file Arithmetic: GPT-2 learns to add in base ten, then to subtract in base seven, digit by
 * digit.
 */
import { Gpt2ForCausalLM, loadPretrained, losses } from "@isograd/nn";
import { rng, scope, type Tensor } from "@isograd/tensor";
import { accuracy, asJson, frozen, pretrainOn, rows, sample, whole } from "./samples.js";
import { column, type Data, type Task } from "./task.js";

/** Digits of each number; the sum has one more. */
const DIGITS = 3;
/** Tokens 0 … 9 are digits. */
const PLUS = 10;
const MINUS = 11;
const EQUALS = 12;
const TOKENS = 13;
/** Tokens before the first digit of the answer. */
const PROMPT = 2 * DIGITS + 2;
const LENGTH = PROMPT + DIGITS + 1;

const SIZE = {
  vocabSize: TOKENS,
  nPositions: LENGTH,
  nEmbd: 48,
  nLayer: 2,
  nHead: 4,
  nInner: 96,
  residPdrop: 0,
  embdPdrop: 0,
  attnPdrop: 0,
  tieWordEmbeddings: false,
  initializerRange: 0.1,
} as const;
/** Examples of the new task: to learn from, to choose learning rates by, to test with. */
const TRAIN = 4000;
const HELD = 1000;

/** Digits from the last to the first: carries run in the order of the tokens. */
function digits(x: number, base: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(x / base ** i) % base);
}

/** `a + b = c`, or `a − b = c` with c modulo base^(DIGITS + 1), as tokens. */
export function sentence(a: number, b: number, base: number, sign: 1 | -1): number[] {
  const [left, right] = [digits(a, base, DIGITS), digits(b, base, DIGITS)];
  const all = base ** (DIGITS + 1);
  const result = digits((a + sign * b + all) % all, base, DIGITS + 1);
  return [...left, sign === 1 ? PLUS : MINUS, ...right, EQUALS, ...result];
}

/** `count` different problems. */
function problems(base: number, sign: 1 | -1, count: number, seed: string): Data {
  const numbers = base ** DIGITS;
  const random = rng(seed);
  const pairs = new Set<number>();
  while (pairs.size < count) pairs.add(random.nextInt(numbers * numbers));
  const tokens = [...pairs].flatMap((p) =>
    sentence(Math.floor(p / numbers), p % numbers, base, sign),
  );
  return { tokens: whole(tokens, [count, LENGTH]) };
}

/** Logits at the places before the answer's digits, and these digits. */
function answers(model: Gpt2ForCausalLM, tokens: Tensor) {
  const logits = model.forward(tokens.slice([null, [0, LENGTH - 1]]));
  return {
    logits: logits.slice([null, [PROMPT - 1, LENGTH - 1]]),
    digits: tokens.slice([null, [PROMPT, LENGTH]]),
  };
}

function lossOf(model: Gpt2ForCausalLM, batch: Data): Tensor {
  return scope(() => {
    const { logits, digits: target } = answers(model, column(batch, "tokens"));
    return losses.crossEntropy(logits, target);
  });
}

/**
 * Problems with every digit right. Greedy decoding writes the right answer exactly if each digit is
 * the most likely one after the right digits before it, so one pass suffices.
 */
function correctOf(model: Gpt2ForCausalLM, batch: Data): number {
  return scope(() => {
    const { logits, digits: target } = answers(model, column(batch, "tokens"));
    return logits.argmax({ axis: -1 }).equal(target).all({ axis: 1 }).sum().item();
  });
}

/** Makes the data; no test problem is among the training problems. */
export function arithmeticTask(): Task<Gpt2ForCausalLM> {
  const all = problems(7, -1, 2 * HELD + 4 * TRAIN, "differences in base 7");
  const part = (from: number, count: number) =>
    rows(
      all,
      Array.from({ length: count }, (_, i) => from + i),
    );
  const pool = part(2 * HELD, 4 * TRAIN);
  return {
    name: "arithmetic",
    title: "Arithmetic: from sums in base ten to differences in base seven",
    baseMetric: "sums of unseen pairs in base ten, every digit right",
    metric: "exact match",
    targets: ["attn.c_attn", "attn.c_proj"],
    shape: { targets: 4, rows: 2 * (3 * 48 + 48) },
    head: ["lm_head"],
    budgets: [576, 1152, 2304],
    batchSize: 64,
    valid: part(0, HELD),
    test: part(HELD, HELD),
    async pretrain(steps, say, compile) {
      const model = new Gpt2ForCausalLM(SIZE, { rng: rng("arithmetic") });
      const data = problems(10, 1, 60_000, "sums in base 10");
      const learn = rows(
        data,
        Array.from({ length: 59_000 }, (_, i) => i),
      );
      const held = rows(
        data,
        Array.from({ length: 1000 }, (_, i) => 59_000 + i),
      );
      const how = { steps, lr: 3e-3, batchSize: 128, ...(compile && { compile }) };
      await pretrainOn(model, learn, lossOf, how, say);
      const score = accuracy((batch) => correctOf(model, batch), held);
      return { weights: frozen(model), score };
    },
    // The head starts as the base's head: the digits are the same.
    model: ({ weights }, seed) =>
      loadPretrained(
        Gpt2ForCausalLM,
        { config: asJson(SIZE), weights },
        { rng: rng(`head ${seed}`) },
      ).model,
    train: (seed) => rows(pool, sample(rng(`examples ${seed}`), 4 * TRAIN, TRAIN)),
    loss: lossOf,
    correct: correctOf,
  };
}
