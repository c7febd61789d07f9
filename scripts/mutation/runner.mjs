/**
 * @file A test runner for Stryker that loads the tests of a group once and then runs, for each mutant, those that reach it.
 *
 * Mutants share a process, so one may spoil it for the next (a heap written over, a cache with a wrong entry). A test that
 * fails must therefore pass when the mutant is gone; where it does not, the mutant is tried again in a fresh process.
 */
import { pathToFileURL } from "node:url";
import { bundle } from "./bundle.mjs";

/** The state that instrumented code reads: which mutant is on, what was reached, how often. */
const state = (globalThis.__stryker__ ??= {});
let loaded;
let runs = 0;
let spoiled = false;

async function load() {
  loaded ??= bundle(process.cwd(), process.env.ISOGRAD_MUTATION).then(
    (file) => import(pathToFileURL(file).href),
  );
  return (await loaded).tests;
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
  const endless = hitLimit !== undefined && state.hitCount > hitLimit;
  state.activeMutant = state.hitLimit = state.hitCount = undefined;
  return { failure, endless, done, last: tests[done - 1] };
}

async function mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation }) {
  if (spoiled) throw new Error("an earlier mutant has spoiled this process");
  runs += 1;
  const fixed = mutantActivation === "static"; // read on import, and so there until the process ends
  if (fixed) state.activeMutant = activeMutant.id;
  const tests = await load();
  const wanted = testFilter && new Set(testFilter);
  const chosen = wanted ? tests.filter(({ id }) => wanted.has(id)) : tests;
  const result = await underMutant(chosen, activeMutant.id, hitLimit);
  const { failure, endless, done: nrOfTests, last } = result;
  if (failure === undefined && !endless) return { status: "survived", nrOfTests };
  spoiled = !fixed && (await failureOf(last)) !== undefined;
  if (spoiled && runs > 1) throw new Error("an earlier mutant may have spoiled this process");
  if (endless) return { status: "timeout", reason: "a loop without end" };
  return { status: "killed", killedBy: [last.id], failureMessage: failure, nrOfTests };
}

export const strykerPlugins = [
  {
    kind: "TestRunner",
    name: "inline",
    factory: () => ({ capabilities: () => ({ reloadEnvironment: false }), dryRun, mutantRun }),
  },
];
