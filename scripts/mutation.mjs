/**
 * @file `npm run mutation`: plants small mistakes in the sources, one at a time, and counts how many the tests notice.
 * `-- --group shape` runs one of the groups `shape`, `rules`, `io`; `--jobs 1` uses one process instead of two.
 * Ends with a table, and with an exit code other than 0 when a group stays below 80 %. Reports go to `.cache/mutation`.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { root, since } from "./lib.mjs";
import { groups } from "./mutation/groups.mjs";
import { setup } from "./setup.mjs";

const REQUIRED = 80;

/** Mutates one group; gives the results, one per mutant. */
async function mutate(group, jobs) {
  const { Stryker } = await import("@stryker-mutator/core");
  const out = join(root, ".cache", "mutation");
  mkdirSync(out, { recursive: true });
  process.env.ISOGRAD_MUTATION = group;
  const stryker = new Stryker({
    mutate: groups[group].mutate,
    testRunner: "vitest",
    plugins: [fileURLToPath(import.meta.resolve("@stryker-mutator/vitest-runner"))],
    vitest: { configFile: "vitest.mutation.config.ts", related: false },
    coverageAnalysis: "perTest",
    ignoreStatic: !values.static,
    concurrency: jobs,
    ignorePatterns: [".cache", ".mutation", "dist", "out", "docs/api", "*.tgz"],
    disableTypeChecks: false,
    tempDirName: join(".cache", "stryker"),
    reporters: [process.stdout.isTTY ? "progress" : "progress-append-only", "json", "html"],
    jsonReporter: { fileName: join(out, `${group}.json`) },
    htmlReporter: { fileName: join(out, `${group}.html`) },
    logLevel: "info",
    allowEmpty: false,
    thresholds: { high: 100, low: REQUIRED, break: null },
  });
  return stryker.runMutationTest();
}

/** Mutants that count, those that were noticed, and their share in percent. */
function score(results) {
  const counted = results.filter(({ status }) => status !== "Ignored" && status !== "CompileError");
  const killed = counted.filter(({ status }) => status === "Killed" || status === "Timeout");
  return {
    mutants: counted.length,
    killed: killed.length,
    percent: (100 * killed.length) / counted.length,
  };
}

const { values } = parseArgs({
  options: {
    group: { type: "string" },
    jobs: { type: "string", default: "2" },
    static: { type: "boolean", default: false },
  },
});
await setup();
for (const group of values.group ? [values.group] : Object.keys(groups)) {
  const start = performance.now();
  const r = score(await mutate(group, Number(values.jobs)));
  console.log(group, r, since(start));
}
