/**
 * @file A checkpoint of GPT-2 from the Hugging Face hub, continued by a few tokens. It needs the network and downloads
 * 550 MB, so it does so only when told to: `node examples/dist/pretrained/main.js --download`.
 */
import { speak } from "./speak.js";

const REPO = "openai-community/gpt2";

if (process.argv.includes("--download")) console.log(await speak({ repo: REPO }));
else console.log(`Nothing done: pass --download to fetch ${REPO} (550 MB) and let it speak.`);
