/** @file How large the pages and the index of the search may be. What a page loads is held where it is opened. */
import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { kB } from "./budgets.js";
import { dist } from "./server.js";
import { pages } from "./visit.js";

const HTML = 100;
const INDEX = 600;

it(`has pages of at most ${HTML} kB`, () => {
  const sizes = pages.map((path) => ({ path, size: kB(path) })).sort((a, b) => b.size - a.size);
  const largest = sizes.slice(0, 3).map(({ path, size }) => `${path} ${size.toFixed(0)} kB`);
  console.log(`the largest of ${pages.length} pages: ${largest.join(", ")}`);
  expect(sizes.filter(({ size }) => size > HTML)).toEqual([]);
});

it(`has an index of the search of at most ${INDEX} kB`, () => {
  const chunks = readdirSync(`${dist}/assets/chunks`);
  const index = chunks.find((file) => file.startsWith("@localSearchIndex"));
  const size = kB(`assets/chunks/${index}`);
  console.log(`the index of the search: ${size.toFixed(0)} kB`);
  expect(size).toBeLessThanOrEqual(INDEX);
});
