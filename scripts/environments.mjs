/**
 * @file `npm test -- environments`: uses the packed packages in every runtime, browser, bundler and
 * version of TypeScript that the guide names. `npm run environments` also writes its table.
 */
import { cpSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib.mjs";
import { tarballs } from "./pack.mjs";
import { setup } from "./setup.mjs";
import { bundlers } from "./stranger/bundlers.mjs";
import { pages } from "./stranger/pages.mjs";
import { runtimes } from "./stranger/runtimes.mjs";
import { table } from "./stranger/table.mjs";
import { app, install } from "./stranger/tools.mjs";
import { types } from "./stranger/types.mjs";

const results = join(root, "scripts", "stranger", "results.json");

/** The sources of the user's project. */
function write() {
  const sources = join(app, "src");
  mkdirSync(sources, { recursive: true });
  for (const name of ["program.mjs", "page.mjs"]) {
    cpSync(join(root, "scripts/stranger", name), join(sources, name));
  }
  cpSync(join(root, "scripts/stranger/policy.mjs"), join(app, "policy.mjs"));
  cpSync(join(root, "examples/page"), join(app, "page"), { recursive: true });
}

/** GPU.js as this repository has it, with what it needs: npm would also fetch 80 MB of drivers. */
function addGpuJs() {
  const own = realpathSync(join(root, "packages/tensor/node_modules/gpu.js"));
  for (const name of ["gpu.js", "acorn", "gpu-mock.js"]) {
    const from = realpathSync(join(own, "..", name));
    cpSync(from, join(app, "node_modules", name), { recursive: true, dereference: true });
  }
}

const all = { runtimes, types, pages, bundlers };

/** Tries everything, or the named parts; returns an error text, or undefined. */
export async function environments(named = Object.keys(all), keep = false) {
  const rows = [];
  try {
    await install(await tarballs());
    write();
    for (const name of named) {
      for await (const row of all[name](addGpuJs)) {
        rows.push(row);
        console.log(`  ${row.environment} ${row.version}: ${row.result}`);
      }
    }
  } catch (error) {
    return error.message;
  }
  const wrong = rows.filter(({ result }) => !result.startsWith("✓"));
  if (wrong.length > 0) return wrong.map((row) => JSON.stringify(row)).join("\n");
  if (keep) {
    writeFileSync(results, `${JSON.stringify(rows, null, 2)}\n`);
    const page = join(root, "docs/guide/environments.md");
    writeFileSync(page, table(readFileSync(page, "utf8"), rows));
  }
  return undefined;
}

if (process.argv[1]?.endsWith("environments.mjs")) {
  await setup();
  const named = process.argv.slice(2);
  const problem = await environments(named.length > 0 ? named : undefined, named.length === 0);
  if (problem !== undefined) console.error(problem);
  process.exitCode = problem === undefined ? 0 : 1;
}
