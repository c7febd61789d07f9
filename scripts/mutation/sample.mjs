/** @file A checker for Stryker that keeps every n-th mutant: always the same sample. */
const n = Number(process.env.ISOGRAD_MUTATION_SAMPLE ?? 1);
const verdict = ({ id }) =>
  Number(id) % n === 0
    ? { status: "passed" }
    : { status: "compileError", reason: "not in the sample" };

export const strykerPlugins = [
  {
    kind: "Checker",
    name: "sample",
    factory: () => ({
      init: async () => {},
      group: async (mutants) => [mutants.map(({ id }) => id)],
      check: async (mutants) => Object.fromEntries(mutants.map((m) => [m.id, verdict(m)])),
    }),
  },
];
