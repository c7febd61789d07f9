/** @file The pages that repeat other files say what those say: the changelog, and how to cite. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { root } from "./snippets.js";

const read = (path: string) => readFileSync(join(root, path), "utf8");

it("the page of changes includes the file from its first version on", () => {
  const from = /@include: \.\.\/\.\.\/CHANGELOG\.md\{(\d+),\}/.exec(
    read("docs/reference/changelog.md"),
  );
  const lines = read("CHANGELOG.md").split("\n");
  expect(lines[Number(from?.[1]) - 1]).toMatch(/^## /);
  expect(lines.slice(0, Number(from?.[1]) - 1).join("\n")).not.toMatch(/^## /m);
});

interface Work {
  readonly type: string;
  readonly title: string;
  readonly authors: readonly { readonly name?: string; readonly "family-names"?: string }[];
  readonly year?: number;
  readonly url?: string;
}

describe("how to cite", () => {
  const cff: Work & {
    readonly "cff-version": string;
    readonly message: string;
    readonly version: string;
    readonly license: string;
    readonly references: readonly Work[];
  } = parse(read("CITATION.cff"));

  it("has what Citation File Format 1.2.0 asks for, and this version", () => {
    expect(cff["cff-version"]).toBe("1.2.0");
    expect(cff.message).not.toBe("");
    expect(cff.type).toBe("software");
    expect(cff.authors).toEqual([{ name: "Isograd contributors" }]);
    expect(cff.version).toBe(JSON.parse(read("packages/tensor/package.json")).version);
    expect(cff.license).toBe(JSON.parse(read("package.json")).license);
  });

  it("names both papers, here, on the page and in the README", () => {
    const numbers = cff.references.map(({ url = "" }) => url.split("/").at(-1) ?? "");
    expect(numbers).toEqual(["2605.14841", "2310.02970"]);
    const page = read("docs/reference/cite.md");
    for (const [i, number] of numbers.entries()) {
      expect(page).toContain(`arXiv:${number}`);
      expect(read("README.md")).toContain(number);
      const work = cff.references[i];
      expect(work?.year).toBeGreaterThan(2022);
      for (const { "family-names": name = "" } of work?.authors ?? []) {
        expect(page).toContain(`${name}, `);
      }
    }
  });
});
