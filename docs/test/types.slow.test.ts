/** @file Pages and examples compile under the strict options of the packages: readers copy them. */
import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { exampleSnippets, sources } from "./examples.js";
import { fromPages, readPage, writePage } from "./from.js";
import { pageSnippets } from "./pages.js";
import { root, writeTyped } from "./snippets.js";

/** The strict options of the packages; but an example may show a name without using it. */
function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  // examples name what they show, and read records whose keys they know
  const shown = {
    noUnusedLocals: false,
    noUnusedParameters: false,
    noUncheckedIndexedAccess: false,
  };
  const build = { composite: false, incremental: false, declaration: false, noEmit: true };
  return { ...options, ...shown, ...build };
}

it("pages and examples have no type errors", { timeout: 120_000 }, async () => {
  const snippets = [...pageSnippets(), ...sources.flatMap(exampleSnippets)];
  const places = new Map<string, string>();
  for (const snippet of snippets) places.set(await writeTyped(snippet), snippet.where);
  for (const page of Object.keys(fromPages).map(readPage)) {
    places.set(await writePage(page), page.where);
  }
  const program = ts.createProgram([...places.keys()], compilerOptions());
  const problems = [...places].flatMap(([path, where]) => {
    const file = program.getSourceFile(path);
    return ts
      .getPreEmitDiagnostics(program, file)
      .filter((found) => found.file === file)
      .map(({ messageText }) => `${where}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
  });
  expect(problems).toEqual([]);
});
