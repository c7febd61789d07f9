/** @file Text token by token, greedy or drawn at random. Uses only the method `next` of GPT-2. */
import { noGrad } from "@isograd/autograd";
import { concat, dispose, Rng, scope, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { expectTensor, given, shown } from "@isograd/tensor/engine";
import { expectWhole } from "../expect.js";
import { expectModule } from "../module.js";
import type { Gpt2Past } from "./gpt2.js";
import type { Gpt2ForCausalLM } from "./gpt2Heads.js";

export interface GenerateOptions {
  /** Largest number of tokens to add. */
  readonly maxNewTokens: number;
  /** Logits are divided by it before a token is drawn; default: 0, the most likely token. */
  readonly temperature?: number | undefined;
  /** Draws from this number of most likely tokens; default: all. */
  readonly topK?: number | undefined;
  /** Draws the tokens; required unless the temperature is 0. */
  readonly rng?: Rng | undefined;
  /** Token that ends a sequence; null for none. Default: that of the configuration. */
  readonly eosTokenId?: number | null | undefined;
  /** Token that pads sequences that have ended; default: `eosTokenId`. */
  readonly padTokenId?: number | undefined;
}

/**
 * Continues each row of int32 tokens [n, length]: [n, length + new]. Keys and values of earlier
 * tokens are kept, so each step runs the model on one token per row. Rows must not be padded.
 *
 * @throws UsageError for a temperature below 0, or above 0 without a generator; ShapeError if there
 * are more tokens than positions.
 * @example
 * const size = { vocabSize: 50, nEmbd: 8, nLayer: 1, nHead: 2 };
 * const model = new Gpt2ForCausalLM(size, { rng: rng(0) }).eval();
 * const start = tensor([[1, 2, 3]], { dtype: "int32" });
 * (await generate(model, start, { maxNewTokens: 4 })).shape; // [1, 7]
 */
export async function generate(
  model: Gpt2ForCausalLM,
  inputIds: Tensor,
  options: GenerateOptions,
): Promise<Tensor> {
  const how = given("generate", options, NAMES);
  checkCall(model, inputIds, how);
  const { maxNewTokens, eosTokenId = model.config.eosTokenId } = how;
  const [n = 0] = inputIds.shape;
  const pad = how.padTokenId ?? eosTokenId ?? 0;
  const ended = new Array<boolean>(n).fill(false);
  const columns: number[][] = [];
  let past: Gpt2Past | undefined;
  let last = inputIds;
  for (let step = 0; step < maxNewTokens && !ended.every(Boolean); step++) {
    const made = noGrad(() => model.next(last, past === undefined ? {} : { past }));
    const logits = await made.logits.data();
    forget(past, made.logits, last === inputIds ? null : last);
    past = made.past;
    const width = logits.length / n;
    const column = ended.map((done, i) =>
      done ? pad : choose(logits.subarray(i * width, (i + 1) * width), how),
    );
    column.forEach((token, i) => {
      if (token === eosTokenId) ended[i] = true;
    });
    columns.push(column);
    last = tensor(column, { shape: [n, 1], dtype: "int32", device: inputIds.device });
  }
  forget(past, last === inputIds ? null : last);
  const { device } = inputIds;
  return scope(() => {
    const added = columns.map((c) => tensor(c, { shape: [n, 1], dtype: "int32", device }));
    return concat([inputIds, ...added], { axis: 1 });
  });
}

const NAMES = "maxNewTokens# temperature# topK# rng eosTokenId padTokenId#";

/** Checks a call before the first step; an option that would have no effect is refused. */
function checkCall(model: unknown, inputIds: unknown, options: GenerateOptions): void {
  expectModule("generate", model);
  expectTensor("generate", inputIds);
  const { maxNewTokens, temperature = 0, topK, rng, eosTokenId, padTokenId = 0 } = options;
  expectWhole("generate", "maxNewTokens", maxNewTokens);
  expectWhole("generate", "topK", topK ?? 1, 1);
  expectWhole("generate", "eosTokenId", eosTokenId ?? 0);
  expectWhole("generate", "padTokenId", padTokenId);
  if (rng !== undefined && !(rng instanceof Rng)) {
    throw new UsageError("generate", `rng is ${shown(rng)}, no generator`, "write { rng: rng(0) }");
  }
  if (!(temperature >= 0 && temperature < Infinity) || (temperature > 0 && rng === undefined)) {
    throw new UsageError(
      "generate",
      `temperature ${temperature} ${temperature > 0 ? "needs a generator" : "is below 0"}`,
      "0 is greedy; else pass { temperature, rng: rng(0) }",
    );
  }
  for (const [name, x] of Object.entries({ topK, rng })) {
    if (x === undefined || options.temperature !== undefined) continue;
    const problem = `${name} has no effect without a temperature: the most likely token is taken`;
    throw new UsageError("generate", problem, "pass { temperature: 1 } to draw tokens");
  }
}

function forget(past: Gpt2Past | undefined, ...others: (Tensor | null)[]): void {
  for (const { key, value } of past ?? []) {
    dispose(key);
    dispose(value);
  }
  for (const x of others) if (x !== null) dispose(x);
}

function choose(logits: ArrayLike<number>, options: GenerateOptions): number {
  const { temperature = 0, topK = logits.length, rng } = options;
  const order = Array.from({ length: logits.length }, (_, i) => i);
  const at = (i: number): number => logits[i] as number;
  if (temperature === 0 || rng === undefined) {
    return order.reduce((best, i) => (at(i) > at(best) ? i : best), 0);
  }
  const chosen = order.sort((a, b) => at(b) - at(a) || a - b).slice(0, topK);
  const top = at(chosen[0] as number);
  const weights = chosen.map((i) => Math.exp((at(i) - top) / temperature));
  let left = rng.next() * weights.reduce((a, b) => a + b, 0);
  const place = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return chosen[place === -1 ? chosen.length - 1 : place] as number;
}
