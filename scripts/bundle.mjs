/**
 * @file Writes packages/bundle/dist: one ES module with everything, its types, and for import maps
 * one small file for each entry point that reads from it.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { entryPoints, packages, root } from "./lib.mjs";

const folder = join(root, "packages", "bundle");
const dist = join(folder, "dist");

/** The names of the packages' own modules, by specifier; of two equal names the first one counts. */
async function namesOf() {
  const taken = new Set();
  const names = new Map();
  for (const { specifier, file } of packages.flatMap(entryPoints)) {
    const own = Object.keys(await import(pathToFileURL(file).href));
    // the engine and the inside of the CPU are for libraries: through `packages` only
    const free = /\/(engine|cpu)$/.test(specifier) ? [] : own.filter((name) => !taken.has(name));
    for (const name of free) taken.add(name);
    names.set(specifier, { own, free });
  }
  return names;
}

/** The program that is bundled. */
function source(names) {
  const all = [...names];
  return [
    ...all.map(([from], i) => `import * as m${i} from "${from}";`),
    ...all.map(([from, { free }]) => `export { ${free.join(", ")} } from "${from}";`),
    `export const packages = { ${all.map(([from], i) => `"${from}": m${i}`).join(", ")} };`,
  ].join("\n");
}

/** Its types. */
function types(names) {
  const all = [...names];
  return [
    "/** All of Isograd in one module. */",
    ...all.map(([from, { free }]) => `export { ${free.join(", ")} } from "${from}";`),
    '/** Every entry point by its name, as in `packages["@isograd/nn"].init`. */',
    "export declare const packages: {",
    ...all.map(([from]) => `  readonly "${from}": typeof import("${from}");`),
    "};",
    "",
  ].join("\n");
}

/** The file of an entry point: `@isograd/tensor/io` is `tensor/io.js`. */
function stub(specifier, { own }) {
  const up = specifier.split("/").length > 2 ? "../" : "./";
  return [
    `import { packages } from "${up}isograd.js";`,
    `export const { ${own.join(", ")} } = packages["${specifier}"];\n`,
  ].join("\n");
}

/** Writes the bundle from the built packages. */
export async function bundle() {
  const { build } = await import("vite"); // only there once everything is set up
  const names = await namesOf();
  rmSync(dist, { recursive: true, force: true });
  const write = (name, text) => {
    mkdirSync(dirname(join(dist, name)), { recursive: true });
    writeFileSync(join(dist, name), text);
  };
  write("entry.js", source(names));
  await build({
    root: folder,
    configFile: false,
    logLevel: "warn",
    build: {
      outDir: dist,
      emptyOutDir: false,
      target: "es2022",
      lib: { entry: join(dist, "entry.js"), formats: ["es"], fileName: () => "isograd.js" },
      rolldownOptions: { external: ["gpu.js"], output: { codeSplitting: false, minify: true } },
    },
  });
  rmSync(join(dist, "entry.js"));
  write("isograd.d.ts", types(names));
  for (const [specifier, found] of names) {
    write(`${specifier.slice("@isograd/".length)}.js`, stub(specifier, found));
  }
}

if (process.argv[1]?.endsWith("bundle.mjs")) await bundle();
