/**
 * @file Compiles an import of every entry point under each version of TypeScript, each way to find
 * modules, with and without the types of pages and of Node, and looks into every declaration file.
 */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { entryPoints, packages } from "../lib.mjs";
import { app, typescripts } from "./tools.mjs";

const RAN = "`skipLibCheck: false`; bundler, node16, nodenext; with and without the DOM";
const RESOLUTIONS = [
  ["ESNext", "Bundler"],
  ["Node16", "Node16"],
  ["NodeNext", "NodeNext"],
];

function problems(ts, file, { resolution: [module, moduleResolution], lib }) {
  const settings = { target: "ES2022", lib, module, moduleResolution, types: [], noEmit: true };
  const strict = { strict: true, skipLibCheck: false, exactOptionalPropertyTypes: true };
  const { options } = ts.convertCompilerOptionsFromJson({ ...settings, ...strict }, app);
  const program = ts.createProgram([file], options);
  return ts.getPreEmitDiagnostics(program).map(({ file: at, messageText }) => {
    const where = at?.fileName.replace(/^.*node_modules\//, "") ?? "";
    return `${moduleResolution}: ${where}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

export async function* types() {
  const names = [...packages.flatMap(entryPoints).map((entry) => entry.specifier)];
  const text = [...names, "@isograd/bundle"].map((name, i) => `export * as m${i} from "${name}";`);
  const file = join(app, "src", "types.ts");
  writeFileSync(file, `${text.join("\n")}\n`);
  const require = createRequire(join(app, "package.json"));
  for (const version of typescripts) {
    const ts = require(`typescript-${version}`);
    const found = RESOLUTIONS.flatMap((resolution) =>
      [["ES2022"], ["ES2022", "DOM"]].flatMap((lib) => problems(ts, file, { resolution, lib })),
    );
    const result = found.length === 0 ? "✓" : [...new Set(found)].slice(0, 5).join("; ");
    yield { environment: "TypeScript", version, ran: RAN, result };
  }
}
