/**
 * @file Data of the page of ops, which is TypeScript: the names of the array API standard with ours,
 * and the tests of the standard that fail.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import typescript from "typescript";
import { root } from "../lib.mjs";

/** The exports of a file in opsPage that imports nothing: "standardNames", "standardTests". */
export function opsPageData(name) {
  const file = join(root, "packages", "autograd", "test", "opsPage", `${name}.ts`);
  const { outputText } = typescript.transpileModule(readFileSync(file, "utf8"), {
    compilerOptions: { module: "esnext", target: "es2022" },
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputText).toString("base64")}`);
}
