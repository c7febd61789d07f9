/** @file The search of the built site: what it finds first, as the browser would find it. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
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

interface Site {
  readonly themeConfig: {
    readonly search: { readonly options: { readonly miniSearch: Record<string, object> } };
  };
}

/** What the theme hands to MiniSearch: its own options, then those of the site. */
async function options(): Promise<object> {
  const page = globalThis as unknown as { window?: unknown; __VP_SITE_DATA__: Site };
  page.window = page; // the script of a page leaves the data of the site there
  await import(chunk("metadata"));
  delete page.window;
  const { miniSearch } = page.__VP_SITE_DATA__.themeConfig.search.options;
  const fields = { fields: ["title", "titles", "text"], storeFields: ["title", "titles"] };
  return {
    ...fields,
    searchOptions: { prefix: true, ...miniSearch["searchOptions"] },
    ...miniSearch["options"],
  };
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
  "early stopping": "/guide/nn#fit",
  compile: "/api/compile/compile#compile",
  dtype: "/api/tensor/dtypes#dtype",
  Tensor: "/api/tensor/tensor#tensor",
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
    index = MiniSearch.loadJSON(json, await options());
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
