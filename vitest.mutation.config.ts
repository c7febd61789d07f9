/** @file The tests that mutants meet, as one file: see scripts/mutation. */
import { defineConfig } from "vitest/config";
import { bundle } from "./scripts/mutation/bundle.mjs";

export default defineConfig(async () => ({
  test: {
    include: [await bundle(process.env.ISOGRAD_MUTATION ?? "")],
    testTimeout: 30_000,
  },
}));
