/** @file The examples of the playground run, and what they promise holds. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { examples } from "../run/examples.js";
import { filesBelow, root, runSnippet } from "./snippets.js";

const files = filesBelow("docs/playground", ".ts");

it("all files are in the list of examples, each with a sentence", () => {
  const listed = examples.map(({ name }) => `docs/playground/${name}.ts`);
  expect([...listed].sort()).toEqual(files);
  for (const file of files) {
    expect(readFileSync(join(root, file), "utf8")).toMatch(/^\/\/ [A-Z].*\.\n/);
  }
});

it.each(files)("%s", async (file) => {
  const source = readFileSync(join(root, file), "utf8");
  const snippet = { name: file.replace(/\W/g, "-"), where: file, source };
  expect(await runSnippet({ ...snippet, imports: async () => "" })).toBeGreaterThan(0);
});
