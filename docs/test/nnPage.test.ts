/** @file The tables of `guide/nn.md` list all values of @isograd/nn, and nothing else. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as nn from "@isograd/nn";
import { expect, it } from "vitest";
import { root } from "./snippets.js";

const page = readFileSync(join(root, "docs/guide/nn.md"), "utf8");
const tables = page.slice(page.indexOf("## What there is"));

it("lists every name of the package in a table", () => {
  const spaces = ["init", "losses", "schedules"];
  const names = Object.entries(nn).flatMap(([name, value]) =>
    spaces.includes(name) ? Object.keys(value).map((member) => `${name}.${member}`) : [name],
  );
  const links = [...tables.matchAll(/\[`([\w.]+)`\]\(\/api\/nn\/([\w/]+)\)/g)];
  expect(links.map(([, name]) => name).sort()).toEqual(names.sort());
  for (const [, name = "", place] of links) {
    expect(place?.replace("/", ".").toLowerCase()).toBe(name.toLowerCase());
  }
});
