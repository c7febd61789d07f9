/** @file The search of the built site: what it finds first, as the browser would find it. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { root } from "../snippets.js";

interface Hit {
  readonly id: string;
  readonly title: string;
  readonly titles: readonly string[];
}
interface Index {
  search(query: string): Hit[];
}
type MiniSearch = { loadJSON(json: string, options: object): Index };

const chunks = join(root, "docs/.vitepress/dist/assets/chunks");
const chunk = (start: string) => {
  const name = readdirSync(chunks).find((file) => file.startsWith(start));
  if (name === undefined) throw new Error(`the build has no chunk ${start}`);
  return join(chunks, name);
};

/** Functions stand in the data of the site as text. */
function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value === "string" && value.startsWith("_vp-fn_"))
    return runInThisContext(`(${value.slice(7)})`);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, revived(one)]));
}

/** What the theme hands to MiniSearch: its own options, then those of the site. */
function options(): object {
  const source = readFileSync(chunk("metadata"), "utf8");
  const [, text] = /__VP_SITE_DATA__=\w+\(JSON\.parse\(("(?:[^"\\]|\\.)*")\)/.exec(source) ?? [];
  const site = revived(JSON.parse(JSON.parse(text ?? '"{}"'))) as {
    themeConfig: {
      search: { options: { miniSearch: { options: object; searchOptions: object } } };
    };
  };
  const own = site.themeConfig.search.options.miniSearch;
  const fields = { fields: ["title", "titles", "text"], storeFields: ["title", "titles"] };
  return { ...fields, searchOptions: { prefix: true, ...own.searchOptions }, ...own.options };
}

/** What is typed, and the page that must come first. */
const FIRST = {
  adam: "/api/nn/adam#adam",
  matmul: "/api/tensor/matmul#matmul",
  grad: "/api/autograd/grad#grad",
  hessian: "/api/autograd/hessian#hessian",
  vmap: "/api/autograd/vmap#vmap",
  LoRA: "/api/gpart/lora#lora",
  gpart: "/api/gpart/gpart#gpart",
  PONITA: "/api/equivariant/Ponita#ponita",
  invariants: "/api/equivariant/invariants#invariants",
  qm9: "/api/equivariant/readQm9#readqm9",
  "cross entropy": "/api/nn/losses/crossEntropy#",
  mse: "/api/nn/losses/mse#",
  "kl divergence": "/api/nn/losses/klDivergence#",
  losses: "/api/nn/losses/#",
  schedules: "/api/nn/schedules/#",
  dropout: "/api/nn/Dropout#dropout",
  "batch norm": "/api/nn/BatchNorm#batchnorm",
  attention: "/api/nn/MultiHeadAttention#multiheadattention",
  gpt2: "/api/nn/Gpt2#gpt2",
  "early stopping": "/api/nn/fit#fit",
  compile: "/api/compile/compile#compile",
  dtype: "/api/tensor/dtypes#dtype",
  Tensor: "/guide/tensors#",
  install: "/guide/install#",
  webgpu: "/guide/gpu#",
  memory: "/guide/memory#",
  benchmarks: "/guide/benchmarks#",
  "save weights": "/guide/nn#saving-weights",
  "first gradient": "/learn/first-gradient#",
};

describe("the search", () => {
  let index: Index;
  beforeAll(async () => {
    const { default: json } = (await import(chunk("@localSearchIndex"))) as { default: string };
    const ofVitepress = createRequire(createRequire(import.meta.url).resolve("vitepress"));
    const MiniSearch = ofVitepress("minisearch") as MiniSearch;
    index = MiniSearch.loadJSON(json, options());
  });

  it.each(Object.entries(FIRST))("finds first for %s: %s", (query, page) => {
    const [first] = index.search(query);
    const id = first?.id.replace(/\.html/, "").replace(/^.*?(?=\/(?:api|guide|learn)\/)/, "");
    expect(id?.startsWith(page) ? page : id).toBe(page);
  });

  it.each(["Returns", "Parameters", "Throws", "Example", "Properties", "Methods"])(
    "has no section that is called %s alone",
    (part) => {
      const sections = index.search(part).filter(({ title }) => title === part);
      expect(sections.map(({ id }) => id)).toEqual([]);
    },
  );

  it("is loaded when it is opened, and small", () => {
    const size = gzipSync(readFileSync(chunk("@localSearchIndex"))).length;
    expect(size).toBeLessThan(260_000);
    const page = readFileSync(join(root, "docs/.vitepress/dist/index.html"), "utf8");
    expect(page).not.toContain("localSearchIndex");
  });
});
