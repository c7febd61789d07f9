/**
 * @file Bundles programs from the packed packages and compares gzipped sizes with .size-limit.json.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bin, root, run } from "./lib.mjs";

const programs = {
  // A program that trains: its bundle must not contain what it does not use.
  training: `
    import { grad } from "@isograd/autograd";
    import { square, sum, tensor } from "@isograd/tensor";
    console.log(grad((x) => sum(square(x)))(tensor([1, 2])).toString());`,
  everything: `
    export * from "@isograd/autograd";
    export * from "@isograd/tensor";`,
};

/** What a program loads at its start: its own file and static imports, no dynamic ones. */
function started(output) {
  const chunks = new Map(output.map((chunk) => [chunk.fileName, chunk]));
  const names = new Set([output[0].fileName]);
  for (const name of names) for (const more of chunks.get(name).imports) names.add(more);
  return [...names].map((name) => chunks.get(name).code).join("\n");
}

/** Runs a bundle in Node: code that a bundler left out is missed only then. */
async function runs(folder, output, promised) {
  for (const { fileName, code } of output) {
    mkdirSync(dirname(join(folder, fileName)), { recursive: true });
    writeFileSync(join(folder, fileName), code);
  }
  const result = await run(process.execPath, [join(folder, output[0].fileName)]);
  if (result.code === 0 && result.output.trim() === promised) return;
  throw new Error(`the bundle of a training program prints ${result.output.slice(-300)}`);
}

/**
 * Bundles in the project `app`, which has the packages; returns the sizes, throws if one is too
 * large.
 */
export async function sizes(app) {
  const { build } = await import("vite"); // only there once everything is set up
  const folder = join(app, "sizes");
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(programs)) {
    const input = join(app, "src", `${name}.js`);
    writeFileSync(input, text);
    const rollupOptions = { input, preserveEntrySignatures: "strict" };
    const { output } = await build({
      root: app,
      configFile: false,
      logLevel: "warn",
      build: { write: false, modulePreload: false, rollupOptions },
    });
    writeFileSync(join(folder, `${name}.js`), started(output));
    if (name === "training") await runs(join(folder, name), output, "Tensor(float32, [2]) [2, 4]");
  }
  const { code, output } = await run(bin("size-limit"), ["--json"], { cwd: root });
  const found = output.trim().startsWith("[") ? JSON.parse(output) : [];
  if (code !== 0 && found.length === 0) throw new Error(output);
  const lines = found.map(({ name, size, sizeLimit, passed }) => {
    const [kB, limit] = [size, sizeLimit].map((bytes) => (bytes / 1000).toFixed(1));
    return `${name}: ${kB} kB gzipped, ${passed ? "within" : "more than"} ${limit} kB`;
  });
  if (found.some(({ passed }) => !passed)) throw new Error(lines.join("\n"));
  return lines;
}
