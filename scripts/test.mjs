/**
 * @file `npm test`: runs every check, one line each, and prints the counts of all tests at the end.
 * `npm test -- types unit` runs only the steps named.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { docs } from "./docs.mjs";
import { environments } from "./environments.mjs";
import { bin, chromium, root, run, since, vulkan } from "./lib.mjs";
import { pack } from "./pack.mjs";
import { setup } from "./setup.mjs";

const reports = join(root, ".cache", "test");
const counts = { passed: 0, failed: 0, skipped: 0 };

/** Runs vitest with one more reporter and adds what it counted. */
async function vitest(name, args, program = [], env = {}) {
  const file = join(reports, `${name}.json`);
  rmSync(file, { force: true });
  const reporting = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const command = [...program, join(root, "node_modules/vitest/vitest.mjs"), "run"];
  const [first, ...rest] = program.length > 0 ? command : [process.execPath, ...command];
  const { code } = await run(first, [...rest, ...reporting, ...args], { show: true, env });
  if (!existsSync(file)) return "the runner gave no report";
  const report = JSON.parse(readFileSync(file, "utf8"));
  counts.passed += report.numPassedTests;
  counts.failed += report.numFailedTests;
  counts.skipped += report.numPendingTests + report.numTodoTests;
  if (report.numFailedTests > 0) return { counted: true };
  return code === 0 ? undefined : "a test file could not run";
}

/** A tool that succeeds by ending with 0. */
async function tool(program, args) {
  const { code, output } = await run(program, args);
  return code === 0 ? undefined : output;
}

async function browser() {
  if (existsSync(chromium())) return vitest("browser", ["-c", "vitest.browser.config.ts"]);
  if (process.env.ISOGRAD_BROWSER === "required") return `no browser at ${chromium()}`;
  console.log(`  skipped: no browser at ${chromium()} (install chromium or set CHROMIUM_PATH)`);
  return undefined;
}

/**
 * Every op and the laws on the GPU, in the browser and in Node: takes minutes, so only on request.
 */
async function gpu() {
  const env = vulkan();
  if (env === null)
    console.log("  skipped in Node: no Vulkan driver (install libvulkan1, or chromium)");
  const node = env === null ? [] : ["--project", "Node"];
  const chrome = existsSync(chromium()) ? ["--project", "Chromium"] : [];
  if (chrome.length === 0) {
    if (process.env.ISOGRAD_BROWSER === "required") return `no browser at ${chromium()}`;
    console.log(`  skipped in Chromium: no browser at ${chromium()}`);
  }
  const projects = [...node, ...chrome];
  if (projects.length === 0) return undefined;
  return vitest("gpu", ["-c", "vitest.gpu.config.ts", ...projects], [], env ?? {});
}

/** A browser that opens the built site; a build of this call is used. */
async function site(name, env = {}) {
  if (!existsSync(chromium())) {
    if (process.env.ISOGRAD_BROWSER === "required") return `no browser at ${chromium()}`;
    console.log(`  skipped: no browser at ${chromium()} (install chromium or set CHROMIUM_PATH)`);
    return undefined;
  }
  const problem = chosen.includes("docs") ? undefined : await docs();
  return problem ?? vitest(name, ["-c", "vitest.site.config.ts"], [], env);
}

/** Every page of the built site, each Run of it, and the playground in Firefox. On request. */
const pages = () => site("pages", { ISOGRAD_SITE: "all" });

/** Slow tests: networks that learn a task, pages in a browser, many singular values. On request. */
const slow = () => vitest("slow", [], [], { ISOGRAD_SLOW: "1" });

/** Node 24 through npm: needs the network, so only on request. */
const node24 = () => vitest("node24", [], ["npx", "--yes", "-p", "node@24", "node"]);

/** Takes minutes, so only on request. Counts as one test: every group reaches its share. */
async function mutation() {
  const { code } = await run(process.execPath, ["scripts/mutation.mjs"], { show: true });
  if (code !== 0) return "mutation: a group stays below its share, or could not run";
  counts.passed += 1;
  return undefined;
}

const steps = {
  types: () => tool(bin("tsc"), ["-b"]),
  lint: () => tool(bin("biome"), ["check", "--error-on-warnings"]),
  unused: () => tool(bin("knip"), []),
  unit: () => vitest("unit", []),
  browser,
  pack,
  docs,
  site: () => site("site"),
};

const named = process.argv.slice(2);
const all = { ...steps, pages, slow, gpu, environments, node24, mutation };
const chosen = named.length > 0 ? named : Object.keys(steps);
const unknown = chosen.filter((name) => !(name in all));
if (unknown.length > 0) {
  console.error(`no such step: ${unknown.join(", ")}; there are ${Object.keys(all).join(", ")}`);
  process.exit(2);
}

const begin = performance.now();
await setup();
mkdirSync(reports, { recursive: true });
let broken = 0;

async function check(name) {
  const start = performance.now();
  const problem = await all[name]();
  if (typeof problem === "string") {
    counts.failed += 1;
    console.log(problem.trimEnd());
  }
  if (problem) broken += 1;
  console.log(`${problem ? "✗" : "✓"} ${name}  ${since(start)}`);
}

/** Steps of one process each that share no files run in parallel; the others run alone. */
const beside = ["pack", "docs"];
for (const name of chosen) {
  if (!beside.includes(name)) await check(name);
  else if (beside.find((other) => chosen.includes(other)) === name) {
    await Promise.all(beside.filter((other) => chosen.includes(other)).map(check));
  }
}
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
console.log(`\n${chosen.length - broken} of ${chosen.length} steps in ${since(begin)}${skipped}`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 || broken > 0 ? 1 : 0;
