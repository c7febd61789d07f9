/** @file Builds the site: API pages from the sources (a warning is an error), then VitePress. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { must, root, run } from "./lib.mjs";
import { setup } from "./setup.mjs";

const here = join(root, "docs");
const tool = (name) => join(here, "node_modules", ".bin", name);

/** Writes docs/api. */
const api = () => run(tool("typedoc"), [], { cwd: here });

/** Builds the whole site into docs/.vitepress/dist; returns an error text, or undefined. */
export async function docs() {
  const pages = await api();
  if (pages.code !== 0) return pages.output;
  const site = await run(tool("vitepress"), ["build"], { cwd: here });
  return site.code === 0 ? undefined : site.output;
}

if (process.argv[1]?.endsWith("docs.mjs")) {
  await setup();
  await must(tool("typedoc"), [], { cwd: here });
  const command = process.argv[2] ?? "dev";
  if (!existsSync(join(here, "api"))) throw new Error("typedoc wrote no pages");
  const { code } = await run(tool("vitepress"), [command], { cwd: here, show: true });
  process.exitCode = code;
}
