/**
 * @file Types of a few files only: all that they import is read, but not checked. So it takes about
 * two seconds, where `tsc -b` takes half a minute.
 */
import { join, relative } from "node:path";
import ts from "typescript";

/** Errors in the files, as lines; paths are relative to the folder of the sources. */
export function typeErrors(folder, files) {
  const { config } = ts.readConfigFile(join(folder, "tsconfig.base.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, folder);
  const paths = files.map((file) => join(folder, file));
  const program = ts.createProgram(paths, {
    ...options,
    composite: false,
    incremental: false,
    declaration: false,
    declarationMap: false,
    noEmit: true,
  });
  const found = paths.flatMap((path) => {
    const source = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  return found.map(({ file, start, messageText }) => {
    const { line } = file.getLineAndCharacterOfPosition(start);
    const text = ts.flattenDiagnosticMessageText(messageText, "\n");
    return `${relative(folder, file.fileName)}:${line + 1} ${text}`;
  });
}
