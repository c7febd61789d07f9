/** @file GPT-2 with a checkpoint of a hub continues a sentence. Does nothing on import. */
import { downloadFile } from "@huggingface/hub";
import { Gpt2ForCausalLM, generate, loadPretrained } from "@isograd/nn";
import { tensor } from "@isograd/tensor";

/** Where a checkpoint comes from. */
export interface Origin {
  readonly repo: string;
  /** Address of a hub with the same interface (default: Hugging Face's). */
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
  const ids: Record<string, number> = JSON.parse(new TextDecoder().decode(vocabulary));
  const words = new Map(Object.entries(ids).map(([word, id]) => [id, word]));
  return tokens
    .map((token) => words.get(token) ?? "")
    .join("")
    .replaceAll("Ġ", " ");
}

/** Downloads a checkpoint and its vocabulary, and continues "Hello, my name is". */
export async function speak(origin: Origin, maxNewTokens = 12): Promise<string> {
  const [config, weights, vocabulary] = await Promise.all([
    fetched("config.json", origin),
    fetched("model.safetensors", origin),
    fetched("vocab.json", origin),
  ]);
  const { model } = loadPretrained(Gpt2ForCausalLM, { config, weights });
  const start = tensor([PROMPT], { dtype: "int32" });
  const found = await generate(model, start, { maxNewTokens });
  return asText(Array.from(await found.data()), vocabulary);
}
