/** @file A checkpoint of GPT-2 from a hub, continued by a few tokens. Does nothing by itself. */
import { downloadFile } from "@huggingface/hub";
import { Gpt2ForCausalLM, generate, loadPretrained } from "@isograd/nn";
import { tensor } from "@isograd/tensor";

/** Where a checkpoint comes from. */
export interface Origin {
  readonly repo: string;
  /** Another hub than Hugging Face's, of the same form. */
  readonly hubUrl?: string;
}

/** "Hello, my name is" in GPT-2's tokens. */
const PROMPT = [15496, 11, 616, 1438, 318];

async function fetched(path: string, origin: Origin): Promise<Uint8Array> {
  const file = await downloadFile({ ...origin, path });
  if (file === null) throw new Error(`${origin.repo} has no ${path}`);
  return new Uint8Array(await file.arrayBuffer());
}

/** Tokens as text: the vocabulary writes a space as Ġ. */
function asText(tokens: readonly number[], vocabulary: Uint8Array): string {
  const ids = JSON.parse(new TextDecoder().decode(vocabulary)) as Record<string, number>;
  const words = new Map(Object.entries(ids).map(([word, id]) => [id, word]));
  return tokens
    .map((token) => words.get(token) ?? "")
    .join("")
    .replaceAll("Ġ", " ");
}

/** Downloads config.json, model.safetensors and vocab.json, and lets the model go on with "Hello, my name is". */
export async function speak(origin: Origin, maxNewTokens = 12): Promise<string> {
  const names = ["config.json", "model.safetensors", "vocab.json"];
  const files = await Promise.all(names.map((name) => fetched(name, origin)));
  const [config, weights, vocabulary] = files as [Uint8Array, Uint8Array, Uint8Array];
  const { model } = loadPretrained(Gpt2ForCausalLM, { config, weights });
  const start = tensor([PROMPT], { dtype: "int32" });
  const found = await generate(model, start, { maxNewTokens });
  return asText(Array.from(await found.data()), vocabulary);
}
