/** @file The bench page, built from the packages' sources; isolated, so that its clock is fine. */
import { defineConfig } from "vite";

const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  logLevel: "error",
  resolve: { conditions: ["isograd-source", "module", "browser", "development|production"] },
  preview: { headers, host: "127.0.0.1" },
  build: {
    target: "es2022",
    outDir: "../out/page",
    emptyOutDir: true,
    chunkSizeWarningLimit: 3000,
  },
});
