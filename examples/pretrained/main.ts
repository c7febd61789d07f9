/**
 * @file A checkpoint of GPT-2 from the Hugging Face hub, continued by a few tokens. It needs the network and downloads
 * 550 MB, so it does so only when told to: `node examples/dist/pretrained/main.js --download`.
 */
import { downloadFile } from "@huggingface/hub";
import { Gpt2ForCausalLM, generate, loadPretrained } from "@isograd/nn";
import { tensor } from "@isograd/tensor";

const REPO = "openai-community/gpt2";
/** "Hello, my name is" in GPT-2's tokens. */
const PROMPT = [15496, 11, 616, 1438, 318];

async function fetched(path: string): Promise<Uint8Array> {
  const file = await downloadFile({ repo: REPO, path });
  if (file === null) throw new Error(`${REPO} has no ${path}`);
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

async function main(): Promise<void> {
  const [config, weights, vocabulary] = await Promise.all([
    fetched("config.json"),
    fetched("model.safetensors"),
    fetched("vocab.json"),
  ]);
  const { model } = loadPretrained(Gpt2ForCausalLM, { config, weights });
  const start = tensor([PROMPT], { dtype: "int32" });
  const found = await generate(model, start, { maxNewTokens: 12 });
  console.log(asText(Array.from(await found.data()), vocabulary));
}

if (process.argv.includes("--download")) await main();
else console.log(`Nothing done: pass --download to fetch ${REPO} (550 MB) and let it speak.`);
