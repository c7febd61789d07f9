/** @file Tests run from source: the condition `isograd-source` resolves every package to its `src`. */
import { defineConfig } from "vitest/config";

const conditions = ["isograd-source", "module", "node", "development|production"];
const suites = {
  tensor: "packages/tensor",
  autograd: "packages/autograd",
  nn: "packages/nn",
  gpart: "packages/gpart",
  equivariant: "packages/equivariant",
  testkit: "packages/testkit",
  docs: "docs",
  examples: "examples",
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
        include: ["test/**/*.test.ts"],
        exclude: ["**/browser/**", "**/devices/**", "**/node_modules/**"],
        testTimeout: 30_000,
      },
    })),
  },
});
