/**
 * @file The parts of vitest and @fast-check/vitest that the tests use, as a list of tests that can
 * run many times in one process: a mutant then costs as much as the tests that reach it. Properties
 * have a fixed seed and few runs.
 */
import { format } from "node:util";
import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from "@vitest/expect";
import fc from "fast-check";

fc.configureGlobal({ seed: 1, numRuns: 25 });
chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export { fc };
export const expect = Object.assign((...given) => chai.expect(...given), chai.expect, {
  extend: (matchers) => chai.expect.extend(expect, matchers),
});

/** All tests, in order: `{ id, name, run }`. */
export const tests = [];
let path = [];

/** The title of a row of a table: `$field` of an object, or the formats of `util.format`. */
function titled(title, row, at) {
  const named = title.replaceAll("%#", at).replace(/\$(\w+)/g, (_, key) => String(row?.[key]));
  const used = named.match(/%[sdifjoO]/g)?.length ?? 0;
  return format(named, ...[row].flat().slice(0, used));
}

const each =
  (declare) =>
  (rows) =>
  (title, body, ...rest) =>
    rows.forEach((row, at) => {
      const args = Array.isArray(row) ? row : [row];
      declare(titled(title, row, at), () => body(...args), ...rest);
    });

const test = Object.assign(
  (name, run) => {
    const full = [...path, name].join(" > ");
    tests.push({ id: `${tests.length} ${full}`, name: full, run });
  },
  {
    each: (rows) => each(test)(rows),
    prop: (arbitraries) => (name, law) =>
      test(name, () =>
        fc.assert(
          fc.asyncProperty(...arbitraries, async (...values) => {
            await law(...values);
          }),
        ),
      ),
  },
);

export { test, test as it };

export const describe = Object.assign(
  (name, body) => {
    const outer = path;
    path = [...outer, name];
    body();
    path = outer;
  },
  {
    each: (rows) => each(describe)(rows),
    skip: () => {},
    skipIf: (condition) => (condition ? () => {} : describe),
  },
);
