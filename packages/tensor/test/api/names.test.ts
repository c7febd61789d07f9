/** @file Public names: generated from the ops, each in one entry point, kept by bundlers. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { zeros } from "@isograd/tensor";
import { expect, test } from "vitest";

const own = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, own), "utf8");

/** What an entry point exports, types included. */
function names(path: string): string[] {
  const lists = read(path).matchAll(/^export (?:type )?\{([^}]*)\}/gm);
  return [...lists].flatMap(([, list = ""]) =>
    list
      .split(",")
      .map((name) => name.replace(/^\s*type |^.* as /, "").trim())
      .filter((name) => name !== ""),
  );
}

test("index.ts and methods.ts are what the exports of src/ops give", async () => {
  const script = fileURLToPath(new URL("scripts/generate-api.mjs", own));
  const run = promisify(execFile)(process.execPath, [script, "--check"]);
  await expect(run).resolves.toMatchObject({ stderr: "" });
}, 60_000);

test("no name of the engine is one of the root", () => {
  const root = new Set(names("src/api/index.ts"));
  const engine = names("src/api/engine.ts");
  expect(root).toContain("tanh");
  expect(engine).toContain("apply");
  expect(engine.filter((name) => root.has(name))).toEqual([]);
  expect(new Set(engine).size).toBe(engine.length);
});

test("bundlers keep devices and methods: every entry point has effects", () => {
  const { exports, sideEffects } = JSON.parse(read("package.json"));
  for (const entry of Object.values<Record<string, string>>(exports)) {
    expect(entry["default"]).toMatch(/^\.\/dist\/api\/\w+\.js$/);
    expect(entry["isograd-source"]).toMatch(/^\.\/src\/api\/\w+\.ts$/);
  }
  expect(sideEffects).toEqual(["./dist/api/*.js", "./src/api/*.ts"]);
});

test("methods do not appear among the enumerable properties of a tensor", () => {
  const x = zeros([2]);
  const found: string[] = [];
  for (const name in x) found.push(name);
  expect(x.tanh).toBeTypeOf("function");
  expect(found).not.toContain("tanh");
  expect(found).not.toContain("mT");
});
