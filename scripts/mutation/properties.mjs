/**
 * @file What the tests use of @fast-check/vitest, without its long start (each mutant would pay for it) and with a fixed seed
 * that stays out of the names of tests, by which Stryker chooses them.
 */
import fc from "fast-check";
import { test as plain } from "vitest";

fc.configureGlobal({ seed: 1 });

const prop = (arbitraries) => (name, law) =>
  plain(name, () =>
    fc.assert(
      fc.asyncProperty(...arbitraries, async (...values) => {
        await law(...values);
      }),
    ),
  );

export const test = Object.assign((...given) => plain(...given), { prop, each: plain.each });
export { fc };
