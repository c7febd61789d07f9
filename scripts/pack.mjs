/**
 * @file Packs every package, checks the tarballs, and uses them as a stranger would: `npm install` in an empty
 * project, import in Node, types, a Vite bundle. Gives a message when something is wrong.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bin, packages, root, run } from "./lib.mjs";

const work = join(root, ".cache", "pack");
const app = join(work, "app");

/** Every public name: `@isograd/tensor`, `@isograd/tensor/io`, … GPU.js is not installed here, so `/gpu` stays out. */
function entryPoints() {
  return packages.flatMap((name) => {
    const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
    return Object.keys(manifest.exports)
      .filter((path) => path !== "./gpu")
      .map((path) => `${manifest.name}${path.slice(1)}`);
  });
}

async function tarball(name) {
  const packed = await run(bin("pnpm"), ["pack", "--pack-destination", work], {
    cwd: join(root, "packages", name),
  });
  if (packed.code !== 0) throw new Error(packed.output);
  const file = join(
    work,
    readdirSync(work).find((entry) => entry.startsWith(`isograd-${name}-`)),
  );
  const [lint, types] = await Promise.all([
    run(bin("publint"), ["run", file, "--strict", "--level", "warning"]),
    run(bin("attw"), [file, "--profile", "esm-only", "--no-emoji", "--exclude-entrypoints", "gpu"]),
  ]);
  for (const { code, output } of [lint, types]) {
    if (code !== 0) throw new Error(`${name}: ${output}`);
  }
  return file;
}

/** The stranger's project. */
function writeApp(entries) {
  mkdirSync(join(app, "src"), { recursive: true });
  const manifest = { name: "app", version: "1.0.0", private: true, type: "module" };
  writeFileSync(join(app, "package.json"), JSON.stringify(manifest));
  const imports = entries.map((entry, i) => `import * as m${i} from "${entry}";`);
  const names = entries.map((_, i) => `m${i}`).join(", ");
  const count = `export const counts = [${names}].map((module) => Object.keys(module).length);`;
  writeFileSync(join(app, "src", "all.ts"), `${[...imports, count].join("\n")}\n`);
  const print = "if (counts.length < 1) throw new Error(); console.log(counts.join());";
  writeFileSync(join(app, "run.mjs"), `${[...imports, count, print].join("\n")}\n`);
  writeFileSync(join(app, "index.html"), '<script type="module" src="/src/all.ts"></script>');
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "ES2022",
    lib: ["ES2023", "ESNext.Disposable", "DOM"],
    module: "ESNext",
    moduleResolution: "Bundler",
    types: [],
  };
  writeFileSync(
    join(app, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include: ["src"] }, null, 2),
  );
}

/** Runs one check in the stranger's project. */
async function inApp(what, program, args) {
  const { code, output } = await run(program, args, { cwd: app, env: { NODE_ENV: "production" } });
  if (code !== 0) throw new Error(`${what}\n${output}`);
  return output;
}

/** `npm install` of the tarballs: from npm's cache if it has what they need, else from the network. */
async function install(files) {
  const args = ["install", "--no-audit", "--no-fund", "--loglevel=error", ...files];
  const cached = await run("npm", [...args, "--offline"], { cwd: app });
  if (cached.code !== 0) await inApp("npm install", "npm", args);
}

/** Gzipped size of the bundle, in kB. */
function bundleSize() {
  const assets = join(app, "dist", "assets");
  const sizes = readdirSync(assets).map(
    (name) => gzipSync(readFileSync(join(assets, name))).length,
  );
  return (sizes.reduce((sum, size) => sum + size, 0) / 1000).toFixed(0);
}

/** Packs, checks and uses; gives what went wrong, if anything did. */
export async function pack() {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    const built = await run(bin("tsc"), ["-b", ...packages.map((name) => `packages/${name}`)]);
    if (built.code !== 0) throw new Error(built.output);
    const files = [];
    for (const name of packages) files.push(await tarball(name));
    writeApp(entryPoints());
    await install(files);
    await inApp("import in Node", process.execPath, ["run.mjs"]);
    await inApp("types", bin("tsc"), ["-p", "."]);
    await inApp("vite build", bin("vite"), ["build", "--logLevel", "warn"]);
    console.log(`  all of it through Vite: ${bundleSize()} kB gzipped`);
    return undefined;
  } catch (error) {
    return error.message;
  }
}
