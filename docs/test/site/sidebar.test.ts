/** @file The groups in the sidebar of the API lead to the headings on the pages of their packages. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { apiSidebars } from "../../.vitepress/api.js";
import { dist } from "./server.js";

interface Item {
  readonly link?: string;
  readonly items?: readonly Item[];
}

const linksOf = ({ link, items = [] }: Item): string[] => [
  ...(link === undefined ? [] : [link]),
  ...items.flatMap(linksOf),
];

it("leads to headings that are there", () => {
  const links = Object.values(apiSidebars()).flat().flatMap(linksOf);
  const groups = links.filter((link) => link.includes("#"));
  expect(groups.length).toBeGreaterThan(30);
  const missing = groups.filter((link) => {
    const [folder, anchor] = link.split("#");
    return !readFileSync(`${dist}${folder}index.html`, "utf8").includes(`id="${anchor}"`);
  });
  expect(missing).toEqual([]);
});
