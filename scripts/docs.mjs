/**
 * @file `npm run docs`: serves the site from its sources. `--build` writes static files for any server
 * and any path (with ISOGRAD_BASE for that path alone), `--preview` serves what was built; what follows
 * goes to VitePress, such as `--port 8000`.
 */
import { join, relative } from "node:path";
import { must, root, run } from "./lib.mjs";
import { setup } from "./setup.mjs";

const here = join(root, "docs");
const tool = (name) => join(here, "node_modules", ".bin", name);
const built = join(here, ".vitepress", "dist");
const building = { cwd: here, env: { ISOGRAD_BUILD: "1" } };

/** Builds the whole site, API pages first (a warning is an error); returns an error text, or undefined. */
export async function docs() {
  const pages = await run(tool("typedoc"), [], { cwd: here });
  if (pages.code !== 0) return pages.output;
  const site = await run(tool("vitepress"), ["build"], building);
  return site.code === 0 ? undefined : site.output;
}

if (process.argv[1]?.endsWith("docs.mjs")) {
  const [mode, ...rest] = process.argv.slice(2);
  const command = { "--build": "build", "--preview": "preview" }[mode] ?? "dev";
  const args = command === "dev" ? process.argv.slice(2) : rest;
  await setup();
  if (command !== "preview") await must(tool("typedoc"), [], { cwd: here });
  const options = command === "build" ? building : { cwd: here };
  const { code } = await run(tool("vitepress"), [command, ...args], { ...options, show: true });
  if (command === "build" && code === 0) console.log(`The site is in ${relative(root, built)}`);
  process.exitCode = code;
}
