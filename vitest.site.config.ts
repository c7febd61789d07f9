/**
 * @file Tests of the built site in Chromium and Firefox: `docs/test/site`. `npm test -- site` opens a few pages;
 * with ISOGRAD_SITE=all, as `npm test -- pages` sets it, all.
 */
import { defineConfig } from "vitest/config";

const all = process.env["ISOGRAD_SITE"] === "all";

export default defineConfig({
  resolve: { conditions: ["isograd-source", "module", "node", "development|production"] },
  test: {
    include: [`docs/test/site/${all ? "*" : "{quick,budgets,search,api,sidebar}"}.test.ts`],
    testTimeout: all ? 600_000 : 120_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    maxConcurrency: 3,
  },
});
