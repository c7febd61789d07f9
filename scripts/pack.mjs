/** @file Packs every package, checks the tarballs, and uses them in a new project. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle.mjs";
import { bin, compiled, entryPoints, packages, root, run } from "./lib.mjs";
import { sizes } from "./sizes.mjs";
import { useAsStranger } from "./stranger.mjs";

const work = join(root, ".cache", "pack");

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

let packed;

/** Everything that is published, packed once; the bundle is last. */
export const tarballs = () => (packed ??= packAll());

/** Builds, packs and checks; returns the paths. */
async function packAll() {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const built = await compiled();
  if (built.code !== 0) throw new Error(built.output);
  await bundle();
  const paths = [];
  for (const name of [...packages, "bundle"]) paths.push(await tarball(name));
  return paths;
}

/** Packs, checks and uses the packages; returns an error text, or undefined. */
export async function pack() {
  try {
    const own = (await tarballs()).slice(0, packages.length);
    const entries = packages.flatMap(entryPoints).map(({ specifier }) => specifier);
    const size = await useAsStranger(own, entries);
    console.log(`  all packages through Vite: ${size} kB gzipped`);
    for (const line of await sizes(join(work, "app"))) console.log(`  ${line}`);
    return undefined;
  } catch (error) {
    return error.message;
  }
}
