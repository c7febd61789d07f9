/**
 * @file Bundles the tests of a group with all their imports, in the mutated copy of the repository.
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
import { pathToFileURL } from "node:url";
import { groups } from "./groups.mjs";

const entry = "\0tests";

/** Public names to sources: `@isograd/tensor/io` → packages/tensor/src/api/io.ts. */
function sources(root) {
  return readdirSync(join(root, "packages")).flatMap((folder) => {
    const text = readFileSync(join(root, "packages", folder, "package.json"), "utf8");
    const { name, exports = {} } = JSON.parse(text);
    return Object.entries(exports).flatMap(([path, { "isograd-source": file }]) => {
      if (file === undefined) return []; // the bundle has no sources of its own
      const find = new RegExp(`^${name}${path.slice(1)}$`);
      return [{ find, replacement: join(root, "packages", folder, file) }];
    });
  });
}

function testFiles(root, group) {
  const { tests, except } = groups[group];
  const files = tests.flatMap((path) => {
    const at = join(root, path);
    return statSync(at).isDirectory() ? readdirSync(at).map((name) => join(at, name)) : [at];
  });
  return files.filter((file) => file.endsWith(".test.ts") && !except?.test(file));
}

/** One entry that imports the tests; each module keeps its own path, to read fixtures from. */
const plugin = (root, files, harness) => ({
  name: "tests",
  enforce: "pre",
  resolveId: (id) => (id === entry ? id : null),
  load(id) {
    if (id !== entry) return null;
    // first what has effects: tests of parts would run before the devices are registered
    const effects = ["devices", "methods"].map((name) => `packages/tensor/src/api/${name}.ts`);
    const imports = [...effects.map((path) => join(root, path)), ...files].map(
      (file) => `import ${JSON.stringify(file)};`,
    );
    return [...imports, `export { tests } from ${JSON.stringify(harness)};`].join("\n");
  },
  transform: (code, id) =>
    id.startsWith(root)
      ? code.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(id).href))
      : null,
});

/** Writes the bundle if there is none; returns its path. */
export async function bundle(root, group) {
  const folder = join(root, ".mutation");
  const file = join(folder, `${group}.mjs`);
  if (existsSync(file)) return file;
  const { build } = await import("vite"); // here, since most processes find the bundle
  const harness = join(root, "scripts/mutation/harness.mjs");
  const { output } = await build({
    root,
    configFile: false,
    logLevel: "warn",
    plugins: [plugin(root, testFiles(root, group), harness)],
    resolve: {
      alias: [...sources(root), { find: /^(vitest|@fast-check\/vitest)$/, replacement: harness }],
    },
    ssr: { noExternal: true },
    build: {
      ssr: true,
      write: false,
      minify: false,
      target: "node20",
      rollupOptions: {
        input: entry,
        treeshake: false,
        shimMissingExports: true, // testkit imports more of vitest than these tests use
        output: { codeSplitting: false },
      },
    },
  });
  mkdirSync(folder, { recursive: true });
  const part = `${file}.${process.pid}`;
  writeFileSync(part, output[0].code);
  renameSync(part, file); // at once: another process may be looking
  return file;
}
