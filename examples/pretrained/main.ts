/**
 * @file GPT-2 with a checkpoint of the Hugging Face hub continues a sentence by a few tokens. It
 * downloads 550 MB, so it needs a flag: `node examples/dist/pretrained/main.js --download`.
 */
import { speak } from "./speak.js";

const REPO = "openai-community/gpt2";

if (process.argv.includes("--download")) console.log(await speak({ repo: REPO }));
else console.log(`Nothing done: pass --download to fetch and run ${REPO} (550 MB).`);
