/**
 * @file `npm run mutation`: makes small mistakes in the sources, one at a time, and counts how many
 * the tests notice. `-- --group shape` runs one of the groups `shape`, `rules`, `io`;
 * `--mutate FILE[:from-to]` some lines of it; `--sample 6` every sixth mutant; `--jobs 1` uses one
 * process instead of two; `--static` adds mutants of code that runs once, on import: each of them
 * runs all tests. Ends with a table, and with an exit code other than 0 if the tests of a group
 * notice less than 80 %. Reports go to `.cache/mutation`.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { root } from "./lib.mjs";
import { groups } from "./mutation/groups.mjs";
import { setup } from "./setup.mjs";

const REQUIRED = 80;
const out = join(root, ".cache", "mutation");

/** Mutates one group; gives the results, one per mutant. */
async function mutate(group, { mutate: only, jobs, sample, static: withStatic }) {
  const { Stryker } = await import("@stryker-mutator/core");
  process.env.ISOGRAD_MUTATION = group;
  process.env.ISOGRAD_MUTATION_SAMPLE = sample;
  const plugin = (name) => fileURLToPath(import.meta.resolve(name));
  const stryker = new Stryker({
    mutate: only ?? groups[group].mutate,
    testRunner: "inline",
    plugins: [plugin("./mutation/runner.mjs"), plugin("./mutation/sample.mjs")],
    checkers: Number(sample) > 1 ? ["sample"] : [],
    coverageAnalysis: "perTest",
    ignoreStatic: !withStatic,
    concurrency: Number(jobs),
    timeoutMS: 3000,
    ignorePatterns: [".cache", ".mutation", "dist", "out", "docs/api", "*.tgz"],
    disableTypeChecks: false,
    tempDirName: join(".cache", "stryker"),
    cleanTempDir: "always",
    reporters: [process.stdout.isTTY ? "progress" : "progress-append-only", "json", "html"],
    jsonReporter: { fileName: join(out, `${group}.json`) },
    htmlReporter: { fileName: join(out, `${group}.html`) },
    logLevel: "warn",
    allowEmpty: false,
  });
  return stryker.runMutationTest();
}

/** One row of the table: mutants that count, those that were noticed, their share, and the time. */
function score(group, results, seconds) {
  const counted = results.filter(({ status }) => status !== "Ignored" && status !== "CompileError");
  const killed = counted.filter(({ status }) => status === "Killed" || status === "Timeout");
  return {
    group,
    mutants: counted.length,
    killed: killed.length,
    percent: (100 * killed.length) / counted.length,
    seconds,
  };
}

function table(rows) {
  const cells = rows.map((r) => [
    r.group,
    String(r.mutants),
    String(r.killed),
    `${r.percent.toFixed(1)} %`,
    `${r.seconds.toFixed(0)} s`,
    r.percent >= REQUIRED ? "" : `  below ${REQUIRED} %`,
  ]);
  const lines = [["group", "mutants", "killed", "percent", "time", ""], ...cells];
  return lines
    .map(([name, ...rest]) => name.padEnd(8) + rest.map((cell) => cell.padStart(10)).join(""))
    .map((line) => line.trimEnd())
    .join("\n");
}

const { values } = parseArgs({
  options: {
    group: { type: "string", multiple: true },
    mutate: { type: "string", multiple: true },
    sample: { type: "string", default: "1" },
    jobs: { type: "string", default: "2" },
    static: { type: "boolean", default: false },
  },
});
const chosen = values.group ?? Object.keys(groups);
const unknown = chosen.filter((name) => !(name in groups));
if (unknown.length > 0) {
  console.error(
    `no such group: ${unknown.join(", ")}; there are ${Object.keys(groups).join(", ")}`,
  );
  process.exit(2);
}

await setup();
mkdirSync(out, { recursive: true });
const rows = [];
for (const group of chosen) {
  console.log(`\n${group}`);
  const start = performance.now();
  const results = await mutate(group, values);
  rows.push(score(group, results, (performance.now() - start) / 1000));
}
console.log(`\n${table(rows)}`);
process.exitCode = rows.every(({ percent }) => percent >= REQUIRED) ? 0 : 1;
