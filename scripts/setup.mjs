/** @file Prepares a clone: dependencies, then kernels. Does nothing if both are up to date. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf, must, root, since } from "./lib.mjs";

const PNPM = "pnpm@10.34.9";
const KERNEL_SCRIPT = "packages/tensor/scripts/build-kernels.mjs";
const KERNEL_INPUTS = ["packages/tensor/scripts", "packages/tensor/assembly"];
const KERNELS = "packages/tensor/src/devices/cpu/generated";

/** Installs what the lock file says, if it is not installed. */
async function dependencies() {
  const stamp = join(root, "node_modules", ".isograd-lock");
  const wanted = hashOf(["pnpm-lock.yaml", "pnpm-workspace.yaml"]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const start = performance.now();
  console.log("Installing dependencies …");
  await must("npx", ["--yes", PNPM, "install", "--frozen-lockfile"], {
    env: { CI: "true", NODE_ENV: "development" }, // in "production", tools would be left out
  });
  writeFileSync(stamp, wanted);
  console.log(`Dependencies installed in ${since(start)}`);
}

/** Compiles the WebAssembly kernels when their sources have changed. */
async function kernels() {
  if (!existsSync(join(root, KERNEL_SCRIPT))) return;
  const stamp = join(root, "node_modules", ".isograd-kernels");
  const wanted = hashOf(["pnpm-lock.yaml", ...KERNEL_INPUTS]);
  const built = existsSync(join(root, KERNELS));
  if (built && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const start = performance.now();
  console.log("Compiling kernels …");
  await must(process.execPath, [join(root, KERNEL_SCRIPT)]);
  writeFileSync(stamp, wanted);
  console.log(`Kernels compiled in ${since(start)}`);
}

export async function setup() {
  await dependencies();
  await kernels();
}

if (process.argv[1]?.endsWith("setup.mjs")) await setup();
