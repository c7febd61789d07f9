/** @file Packs every package, checks the tarballs, and uses them in a new project. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bin, packages, root, run } from "./lib.mjs";
import { sizes } from "./sizes.mjs";
import { useAsStranger } from "./stranger.mjs";

const work = join(root, ".cache", "pack");

/**
 * All entry points: `@isograd/tensor`, `@isograd/tensor/io`, …; `/gpu` needs GPU.js, so it is not
 * here.
 */
function entryPoints() {
  return packages.flatMap((name) => {
    const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
    return Object.keys(manifest.exports)
      .filter((path) => path !== "./gpu")
      .map((path) => `${manifest.name}${path.slice(1)}`);
  });
}

/** Packs one package; publint reads its manifest, attw its types. */
async function tarball(name) {
  const folder = join(root, "packages", name);
  const packed = await run(bin("pnpm"), ["pack", "--pack-destination", work], { cwd: folder });
  if (packed.code !== 0) throw new Error(packed.output);
  const file = readdirSync(work).find((entry) => entry.startsWith(`isograd-${name}-`));
  const path = join(work, file);
  const checks = await Promise.all([
    run(bin("publint"), ["run", path, "--strict", "--level", "warning"]),
    run(bin("attw"), [path, "--profile", "esm-only", "--no-emoji"]),
  ]);
  for (const { code, output } of checks) if (code !== 0) throw new Error(`${name}: ${output}`);
  return path;
}

/** Packs, checks and uses the packages; returns an error text, or undefined. */
export async function pack() {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    const built = await run(bin("tsc"), [
      "-b",
      ...[...packages, "testkit"].map((name) => `packages/${name}`),
    ]);
    if (built.code !== 0) throw new Error(built.output);
    const tarballs = [];
    for (const name of packages) tarballs.push(await tarball(name));
    const size = await useAsStranger(tarballs, entryPoints());
    console.log(`  all packages through Vite: ${size} kB gzipped`);
    for (const line of await sizes(join(work, "app"))) console.log(`  ${line}`);
    return undefined;
  } catch (error) {
    return error.message;
  }
}
