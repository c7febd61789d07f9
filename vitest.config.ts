/**
 * @file Tests run from source: the condition `isograd-source` resolves every package to its `src`. Files called
 * `*.slow.test.ts` run when ISOGRAD_SLOW is set, and then they alone.
 */
import { defineConfig } from "vitest/config";

const conditions = ["isograd-source", "module", "node", "development|production"];
const slow = process.env["ISOGRAD_SLOW"] !== undefined;
/** What the configurations of the browser, the GPU and the built site run. */
const elsewhere = ["**/browser/**", "**/devices/**", "**/site/**", "**/node_modules/**"];
const suites = {
  tensor: "packages/tensor",
  autograd: "packages/autograd",
  compile: "packages/compile",
  nn: "packages/nn",
  gpart: "packages/gpart",
  equivariant: "packages/equivariant",
  testkit: "packages/testkit",
  docs: "docs",
  examples: "examples",
  bench: "bench",
};

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["isograd-source"] } },
  test: {
    maxWorkers: 2,
    isolate: false, // files of a process share the modules: loading them anew for each file took a third of the time
    projects: Object.entries(suites).map(([name, root]) => ({
      extends: true as const,
      test: {
        name,
        root,
        include: [slow ? "test/**/*.slow.test.ts" : "test/**/*.test.ts"],
        exclude: [...elsewhere, ...(slow ? [] : ["**/*.slow.test.ts"])],
        passWithNoTests: true,
        testTimeout: 30_000,
        env: { NODE_ENV: "test" }, // whatever the shell, or a bundler that ran before, says
      },
    })),
  },
});
