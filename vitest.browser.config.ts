/** @file Tests in headless Chromium: `packages/X/test/browser`. The same source, the same `expect`, a real browser. */
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromiumFlags, chromiumPath } from "./packages/testkit/src/chromium.js";

const launchOptions = { executablePath: chromiumPath, args: [...chromiumFlags] };

const conditions = ["isograd-source", "module", "browser", "development|production"];

/** Tests in the browser, whichever they are. */
export const inChromium = {
  resolve: { conditions },
  server: {
    headers: {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    },
  },
  test: {
    testTimeout: 60_000,
    fileParallelism: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions }),
      instances: [{ browser: "chromium" as const }],
    },
  },
};

export default defineConfig({
  ...inChromium,
  test: { ...inChromium.test, include: ["packages/*/test/browser/**/*.test.ts"] },
});
