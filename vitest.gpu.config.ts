/**
 * @file The cross-device suite: `packages/X/test/devices`, in headless Chromium (WebGPU and WebGL2) and in Node (WebGPU).
 * Minutes long; `npm test -- gpu` runs it with the drivers that are there.
 */
import { defineConfig } from "vitest/config";
import { inChromium } from "./vitest.browser.config.js";

const node = ["isograd-source", "module", "node", "development|production"];

export default defineConfig({
  test: {
    projects: [
      {
        ...inChromium,
        test: {
          ...inChromium.test,
          name: "Chromium",
          include: ["packages/*/test/devices/**/*.browser.test.ts"],
        },
      },
      {
        resolve: { conditions: node },
        ssr: { resolve: { conditions: node, externalConditions: ["isograd-source"] } },
        test: {
          name: "Node",
          include: ["packages/*/test/devices/**/*.node.test.ts"],
          testTimeout: 60_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
