/** @file Compiles TypeScript to `dist`, only what has changed. */
import { bin, must, since } from "./lib.mjs";
import { setup } from "./setup.mjs";

/** Builds the named projects and those they refer to; without names, all of them. */
export async function build(...projects) {
  await setup();
  const start = performance.now();
  await must(bin("tsc"), ["-b", ...projects]);
  const seconds = since(start);
  if (Number.parseFloat(seconds) > 2) console.log(`Built in ${seconds}`);
}

if (process.argv[1]?.endsWith("build.mjs")) await build();
