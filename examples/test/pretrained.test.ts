/**
 * @file The download from a hub, from a server of our own that answers as the hub does; no other
 * network is used.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Gpt2ForCausalLM } from "@isograd/nn";
import { rng, scope } from "@isograd/tensor";
import { saveSafetensors } from "@isograd/tensor/io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { speak } from "../pretrained/speak.js";

const VOCABULARY = 15_500;
const words = { ["Hello"]: 15496, [","]: 11, Ġmy: 616, Ġname: 1438, Ġis: 318 };
const size = { vocabSize: VOCABULARY, nPositions: 16, nEmbd: 4, nLayer: 1, nHead: 2, nInner: 8 };

/** A tiny GPT-2 with random weights, as the files of a repository. */
function repository(): Map<string, Uint8Array> {
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const config = {
    ...{ model_type: "gpt2", vocab_size: VOCABULARY, n_positions: 16, n_embd: 4, n_layer: 1 },
    ...{ n_head: 2, n_inner: 8 },
  };
  const weights = scope(() => {
    const model = new Gpt2ForCausalLM(size, { rng: rng(3) });
    return saveSafetensors(model.stateDict());
  });
  const rest = Object.fromEntries(
    Array.from({ length: VOCABULARY }, (_, id) => [`Ġw${id}`, id]).filter(
      ([, id]) => !Object.values(words).includes(id as number),
    ),
  );
  return new Map([
    ["config.json", text(config)],
    ["model.safetensors", weights],
    ["vocab.json", text({ ...rest, ...words })],
  ]);
}

const files = repository();
const asked: string[] = [];

/**
 * Serves `/owner/name/resolve/main/file` whole or by range, with an ETag, and 404 with the hub's
 * code for others.
 */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const { url = "", headers } = request;
  asked.push(url);
  const bytes = url.startsWith("/tiny/gpt2/resolve/main/")
    ? files.get(url.split("/").at(-1) as string)
    : undefined;
  if (bytes === undefined) {
    response.writeHead(404, { "X-Error-Code": "EntryNotFound" }).end();
    return;
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "");
  const [from, to] = [Number(range?.[1] ?? 0), Number(range?.[2] || bytes.length - 1)];
  response.writeHead(range === null ? 200 : 206, {
    ETag: '"1"',
    "Content-Range": `bytes ${from}-${to}/${bytes.length}`,
    "Content-Length": to - from + 1,
  });
  response.end(bytes.subarray(from, to + 1));
}

const server = createServer(answer);
let hubUrl = "";
beforeAll(async () => {
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  hubUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

describe("a checkpoint from a hub", () => {
  it("is downloaded, loaded, and goes on with the text", async () => {
    const said = await speak({ repo: "tiny/gpt2", hubUrl }, 3);
    expect(said).toMatch(/^Hello, my name is( \S+){3}$/);
    expect(said).toBe(await speak({ repo: "tiny/gpt2", hubUrl }, 3));
    expect(new Set(asked)).toEqual(
      new Set([...files.keys()].map((name) => `/tiny/gpt2/resolve/main/${name}`)),
    );
  });

  it("that is not there is told of", async () => {
    const missing = speak({ repo: "tiny/other", hubUrl });
    await expect(missing).rejects.toThrow("tiny/other has no");
  });
});
