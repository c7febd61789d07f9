/**
 * @file A test runner for Stryker that loads the tests of a group once and then runs, for each
 * mutant, those that reach it.
 *
 * Mutants share a process, so one can break it for the next one (an overwritten heap, a wrong cache
 * entry). Therefore a test that fails must pass again without the mutant, and tests that pass must
 * have run the mutated code; otherwise the mutant is tried again in a new process.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { bundle } from "./bundle.mjs";
import { groups } from "./groups.mjs";

/** The state that instrumented code reads: which mutant is on, what was reached, how often. */
globalThis.__stryker__ ??= {};
const state = globalThis.__stryker__;
const group = process.env.ISOGRAD_MUTATION;
let place;
let times;
let loaded;
let runs = 0;
let spoiled = false;

async function init() {
  const file = await bundle(process.cwd(), group);
  place = pathToFileURL(file).href;
  times = `${file}.times.json`;
}

/** The tests, the fastest first once their times are known. */
async function load() {
  loaded ??= import(place).then((module) => {
    const tests = module.tests.filter(({ name }) => !groups[group].skip?.test(name));
    if (!existsSync(times)) return tests;
    const took = JSON.parse(readFileSync(times, "utf8"));
    return tests.toSorted((a, b) => took[a.id] - took[b.id]);
  });
  return loaded;
}

/** Runs one test; gives what it threw, as text. */
async function failureOf(test) {
  try {
    await test.run();
    return undefined;
  } catch (error) {
    return String(error?.stack ?? error);
  }
}

async function dryRun() {
  const results = [];
  for (const test of await load()) {
    const { id, name } = test;
    state.currentTestId = id;
    const start = performance.now();
    const failureMessage = await failureOf(test);
    const timeSpentMs = performance.now() - start;
    const status = failureMessage === undefined ? 0 : 1;
    results.push({ id, name, timeSpentMs, status, failureMessage });
  }
  state.currentTestId = undefined;
  writeFileSync(
    times,
    JSON.stringify(Object.fromEntries(results.map((r) => [r.id, r.timeSpentMs]))),
  );
  return { status: "complete", tests: results, mutantCoverage: state.mutantCoverage };
}

/** Runs tests with a mutant until one fails. */
async function underMutant(tests, id, hitLimit) {
  state.activeMutant = id;
  state.hitLimit = hitLimit;
  state.hitCount = hitLimit === undefined ? undefined : 0;
  let failure;
  let done = 0;
  while (failure === undefined && done < tests.length) failure = await failureOf(tests[done++]);
  const endless = state.hitCount > hitLimit;
  const reached = state.hitCount !== 0;
  state.activeMutant = state.hitLimit = state.hitCount = undefined;
  return { failure, endless, reached, done, last: tests[done - 1] };
}

async function mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation }) {
  const fixed = mutantActivation === "static"; // read on import, so active until the process ends
  if (spoiled || (fixed && loaded)) throw new Error("this mutant needs a process of its own");
  runs += 1;
  if (fixed) state.activeMutant = activeMutant.id;
  let tests;
  try {
    tests = await load();
  } catch (error) {
    if (!fixed) throw error;
    spoiled = true;
    return { status: "killed", killedBy: [], nrOfTests: 0, failureMessage: String(error) };
  }
  const wanted = testFilter && new Set(testFilter);
  const chosen = wanted ? tests.filter(({ id }) => wanted.has(id)) : tests;
  const result = await underMutant(chosen, activeMutant.id, hitLimit);
  const { failure, endless, reached, done: nrOfTests, last } = result;
  spoiled = fixed;
  if (failure === undefined && !endless) {
    if (!reached && runs > 1) throw new Error("an earlier run has kept what this mutant changes");
    return { status: "survived", nrOfTests };
  }
  spoiled = fixed || (await failureOf(last)) !== undefined;
  if (spoiled && runs > 1) throw new Error("an earlier mutant may have spoiled this process");
  if (endless) return { status: "timeout", reason: "a loop without end" };
  return { status: "killed", killedBy: [last.id], failureMessage: failure, nrOfTests };
}

export const strykerPlugins = [
  {
    kind: "TestRunner",
    name: "inline",
    // Stryker need not start a process for what is also reached on import: see `fixed`.
    factory: () => ({
      capabilities: () => ({ reloadEnvironment: true }),
      init,
      dryRun,
      mutantRun,
    }),
  },
];
