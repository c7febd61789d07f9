/**
 * @file Makes one file of the tests of a group with all that they import, in the copy of the repository whose sources are
 * mutated: a mutant then costs the loading of one module instead of two hundred.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "vite";
import { groups } from "./groups.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const entry = "\0tests";
const properties = join(root, "scripts/mutation/properties.mjs");

/** Public names to sources: `@isograd/tensor/io` → packages/tensor/src/io/index.ts. */
function sources() {
  return readdirSync(join(root, "packages")).flatMap((folder) => {
    const text = readFileSync(join(root, "packages", folder, "package.json"), "utf8");
    const { name, exports = {} } = JSON.parse(text);
    return Object.entries(exports).map(([path, { "isograd-source": file }]) => ({
      find: new RegExp(`^${name}${path.slice(1)}$`),
      replacement: join(root, "packages", folder, file),
    }));
  });
}

function testFiles(group) {
  const { tests, except } = groups[group];
  const files = tests.flatMap((path) => {
    const at = join(root, path);
    return statSync(at).isDirectory() ? readdirSync(at).map((name) => join(at, name)) : [at];
  });
  return files.filter((file) => file.endsWith(".test.ts") && !except?.test(file));
}

/** One entry that imports the tests; each module keeps its own place, from which fixtures are read. */
const plugin = (files) => ({
  name: "tests",
  enforce: "pre",
  resolveId(id, importer) {
    if (id === entry) return id;
    if (importer !== properties) return null;
    return this.resolve(id, join(root, "packages/testkit/src/index.ts"), { skipSelf: true });
  },
  load: (id) => (id === entry ? files.map((f) => `import ${JSON.stringify(f)};`).join("\n") : null),
  transform: (code, id) =>
    id.startsWith(root)
      ? code.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(id).href))
      : null,
});

/** Writes the bundle unless it is there; gives its place. */
export async function bundle(group) {
  const folder = join(root, ".mutation");
  const file = join(folder, `${group}.test.js`);
  if (existsSync(file)) return file;
  const { output } = await build({
    root,
    configFile: false,
    logLevel: "warn",
    plugins: [plugin(testFiles(group))],
    resolve: { alias: [...sources(), { find: "@fast-check/vitest", replacement: properties }] },
    ssr: { noExternal: true, external: ["vitest"] },
    build: {
      ssr: true,
      write: false,
      minify: false,
      target: "node20",
      rollupOptions: { input: entry, treeshake: false, output: { codeSplitting: false } },
    },
  });
  mkdirSync(folder, { recursive: true });
  const part = `${file}.${process.pid}`;
  writeFileSync(part, output[0].code);
  renameSync(part, file); // at once: the other process may be looking
  return file;
}
