/** @file A copy of the sources of tensor and autograd, small enough to try an op in. */
import { cpSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../lib.mjs";

const SHARED = ["package.json", "biome.json", "tsconfig.base.json", ".gitignore"];
const PARTS = {
  tensor: ["package.json", "src", "scripts", "assembly"],
  autograd: ["package.json", "src"],
};

/** Makes the copy; installed packages are links to those of the repository. */
export function copySources() {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), "isograd-op-")));
  for (const file of SHARED) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  for (const [name, parts] of Object.entries(PARTS)) {
    const [from, to] = [root, copy].map((folder) => join(folder, "packages", name));
    for (const part of parts) cpSync(join(from, part), join(to, part), { recursive: true });
  }
  const installed = join(root, "packages/tensor/node_modules");
  symlinkSync(installed, join(copy, "packages/tensor/node_modules"));
  const scope = join(copy, "packages/autograd/node_modules/@isograd");
  mkdirSync(scope, { recursive: true });
  symlinkSync(join(copy, "packages/tensor"), join(scope, "tensor"));
  return copy;
}
