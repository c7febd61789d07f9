/** @file The page, from the packages' sources; isolated, so that threads can share memory. */
import { defineConfig } from "vite";

const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  resolve: { conditions: ["isograd-source", "module", "browser", "development|production"] },
  server: { headers },
  preview: { headers },
  worker: { format: "es" },
  build: {
    target: "es2022",
    outDir: "../out/browser",
    emptyOutDir: true,
    chunkSizeWarningLimit: 1500,
  },
});
