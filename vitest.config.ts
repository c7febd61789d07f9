/**
 * @file Tests run from source: the condition `isograd-source` resolves every package to its `src`. Files called
 * `*.slow.test.ts` run when ISOGRAD_SLOW is set, and then they alone.
 */
import { defineConfig } from "vitest/config";

const conditions = ["isograd-source", "module", "node", "development|production"];
const slow = process.env["ISOGRAD_SLOW"] !== undefined;
/** What the configurations of the browser, the GPU and the built site run. */
const elsewhere = ["**/browser/**", "**/devices/**", "**/site/**", "**/node_modules/**"];
const packages = ["tensor", "autograd", "nn", "gpart", "equivariant", "testkit"];
/**
 * As one project these load their modules once, in half the time: `npm test` sets ISOGRAD_TOGETHER. Else each has a name,
 * `--project nn`. Not compile: where it is loaded, training compiles its steps.
 */
const together = process.env["ISOGRAD_TOGETHER"] !== undefined;
const shared = `packages/{${packages.join(",")}}/`;
const alone = Object.fromEntries(packages.map((name) => [name, `packages/${name}`]));
const suites = {
  ...(together ? { packages: "." } : alone),
  compile: "packages/compile",
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
        include: [`${root === "." ? shared : ""}test/**/*${slow ? ".slow" : ""}.test.ts`],
        exclude: [...elsewhere, ...(slow ? [] : ["**/*.slow.test.ts"])],
        passWithNoTests: true,
        testTimeout: 30_000,
        env: { NODE_ENV: "test" }, // whatever the shell, or a bundler that ran before, says
      },
    })),
  },
});
