/**
 * @file `npm run docs`: serves the site from its sources. `--build` writes static files for any server
 * and any path (with ISOGRAD_BASE for that path alone), `--preview` serves what was built; what follows
 * goes to VitePress, such as `--port 8000`.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { bin, compiled, packages, root, run } from "./lib.mjs";
import { setup } from "./setup.mjs";

const here = join(root, "docs");
const tool = (name) => join(here, "node_modules", ".bin", name);
const built = join(here, ".vitepress", "dist");
const packed = join(here, "public", "packages");
const building = { cwd: here, env: { ISOGRAD_BUILD: "1" } };

/**
 * Writes docs/public/packages: which packages there are, and, while no registry has them, each one as
 * an archive, for the projects that the playground makes.
 */
async function archives() {
  rmSync(packed, { recursive: true, force: true });
  mkdirSync(packed, { recursive: true });
  const manifests = packages.map((name) => {
    return JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
  });
  const { version } = manifests[0];
  const unpublished = version === "0.0.0";
  const needs = Object.fromEntries(
    manifests.map(({ name, dependencies = {} }) => {
      const own = Object.keys(dependencies).filter((other) => other.startsWith("@isograd/"));
      return [short(name), own.map(short)];
    }),
  );
  writeFileSync(
    join(packed, "index.json"),
    JSON.stringify({ version, archives: unpublished, needs }),
  );
  if (!unpublished) return undefined;
  const { code: failed, output: errors } = await compiled();
  if (failed !== 0) return errors;
  for (const name of packages) {
    const out = join(packed, `isograd-${name}.tgz`);
    const cwd = join(root, "packages", name);
    const { code, output } = await run(bin("pnpm"), ["pack", "--out", out], { cwd });
    if (code !== 0) return output;
  }
  return undefined;
}

const short = (name) => name.slice("@isograd/".length);

/** Writes the pages of the API (a warning is an error) and the archives; returns an error text, or undefined. */
async function prepare() {
  const pages = await run(tool("typedoc"), [], { cwd: here });
  return pages.code === 0 ? archives() : pages.output;
}

/** Builds the whole site; returns an error text, or undefined. */
export async function docs() {
  const problem = await prepare();
  if (problem !== undefined) return problem;
  const site = await run(tool("vitepress"), ["build"], building);
  return site.code === 0 ? undefined : site.output;
}

if (process.argv[1]?.endsWith("docs.mjs")) {
  const [mode, ...rest] = process.argv.slice(2);
  const command = { "--build": "build", "--preview": "preview" }[mode] ?? "dev";
  const args = command === "dev" ? process.argv.slice(2) : rest;
  await setup();
  const problem = command === "preview" ? undefined : await prepare();
  if (problem !== undefined) {
    console.error(problem);
    process.exit(1);
  }
  const options = command === "build" ? building : { cwd: here };
  const { code } = await run(tool("vitepress"), [command, ...args], { ...options, show: true });
  if (command === "build" && code === 0) console.log(`The site is in ${relative(root, built)}`);
  process.exitCode = code;
}
