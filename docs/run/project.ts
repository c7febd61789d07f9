/**
 * @file A program of the playground as a project: a zip with which `npm install && npm start` shows
 * the same program on a page of its own. Packages that no registry has yet travel along.
 */
import { strToU8, type Zippable, zipSync } from "fflate";
import globalsSource from "./globals.d.ts?raw";
import plotSource from "./plot.ts?raw";
import pageSource from "./project/page.ts?raw";

/** What a build of the site says of its packages, in `packages/index.json`. */
export interface PackageIndex {
  readonly version: string;
  /** Whether no registry has this version, so that the archives below `packages/` are needed. */
  readonly archives: boolean;
  /** The packages of Isograd that each one needs. */
  readonly needs: Readonly<Record<string, readonly string[]>>;
}

/** Versions of the other libraries of a project. */
const TOOLS = { "@observablehq/plot": "^0.6.17", "gpu.js": "2.24.1" };
const DEVELOPMENT = { typescript: "^6.0.3", vite: "^8.3.8" };

const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Isograd</title>
    <style>
      body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui; }
      pre { margin: 0; white-space: pre-wrap; }
    </style>
  </head>
  <body>
    <main id="output"></main>
    <script type="module" src="/src/page.ts"></script>
  </body>
</html>
`;

const readme = `# A program with Isograd

    npm install
    npm start

Then open the address that it prints. The program is \`src/main.ts\`; \`src/page.ts\` shows on the page
what it writes to the console and what it plots. \`npm run types\` checks its types.
`;

const compilerOptions = {
  target: "ES2022",
  module: "ESNext",
  moduleResolution: "Bundler",
  lib: ["ES2023", "DOM"],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};

const json = (value: unknown): Uint8Array => strToU8(`${JSON.stringify(value, null, 2)}\n`);

/** The packages that a program needs, with what these need, without their scope. */
export function packagesOf(code: string, { needs }: PackageIndex): string[] {
  const found = new Set<string>();
  const add = (name: string): void => {
    if (found.has(name) || needs[name] === undefined) return;
    found.add(name);
    for (const other of needs[name]) add(other);
  };
  for (const [, name = ""] of code.matchAll(/["']@isograd\/(\w+)/g)) add(name);
  return [...found].sort();
}

/** Loads what a project needs from the site. */
export interface Source {
  index(): Promise<PackageIndex>;
  archive(name: string): Promise<Uint8Array>;
}

/** The zip of a program's project. */
export async function projectOf(code: string, device: string, source: Source): Promise<Uint8Array> {
  const index = await source.index();
  const names = packagesOf(code, index);
  const dependencies: Record<string, string> = {};
  const files: Zippable = {};
  for (const name of names) {
    const archive = `packages/isograd-${name}.tgz`;
    dependencies[`@isograd/${name}`] = index.archives ? `file:${archive}` : `^${index.version}`;
    if (index.archives) files[archive] = [await source.archive(name), { level: 0 }];
  }
  const gpu =
    device === "cpu"
      ? ""
      : `// The device of the program: "webgpu" or "webgl2".
import { init, setDefaultDevice } from "@isograd/tensor";

await init("gpu", { mode: "${device}" });
setDefaultDevice("gpu");
`;
  return zipSync({
    isograd: {
      ...files,
      "package.json": json({
        name: "isograd-program",
        private: true,
        type: "module",
        scripts: { start: "vite", build: "vite build", types: "tsc" },
        dependencies: { ...dependencies, ...TOOLS },
        devDependencies: DEVELOPMENT,
      }),
      "tsconfig.json": json({ compilerOptions, include: ["src"] }),
      "vite.config.ts": strToU8('export default { build: { target: "es2022" } };\n'),
      "index.html": strToU8(html),
      "README.md": strToU8(readme),
      "src/main.ts": strToU8(`${code.trimEnd()}\n\nexport {};\n`),
      "src/device.ts": strToU8(
        gpu === "" ? "// The program computes on the CPU.\nexport {};\n" : gpu,
      ),
      "src/page.ts": strToU8(pageSource),
      "src/plot.ts": strToU8(plotSource),
      "src/globals.d.ts": strToU8(globalsSource.replace("./plot.js", "./plot")),
    },
  });
}
