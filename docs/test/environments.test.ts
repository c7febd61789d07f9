/** @file The table of environments in the guide is that of the last run, with the pinned versions. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { root } from "./snippets.js";

interface Row {
  readonly environment: string;
  readonly version: string;
  readonly result: string;
}

const script = (name: string) =>
  import(pathToFileURL(join(root, "scripts/stranger", name)).href) as Promise<{
    readonly table: (page: string, rows: readonly Row[]) => string;
    readonly versions: Readonly<Record<string, string>>;
  }>;

const rows: readonly Row[] = JSON.parse(
  readFileSync(join(root, "scripts/stranger/results.json"), "utf8"),
);

it("is on the page as it was found, and all is well", async () => {
  const page = readFileSync(join(root, "docs/guide/environments.md"), "utf8");
  const { table } = await script("table.mjs");
  expect(table(page, rows)).toBe(page);
  expect(rows.filter(({ result }) => result !== "✓")).toEqual([]);
});

it("has tools in the versions that are installed for it", async () => {
  const pinned = Object.values((await script("tools.mjs")).versions);
  const browsers = ["Chromium", "Firefox"]; // of the system
  const own = rows.filter(({ environment }) => !browsers.includes(environment));
  expect(own.filter(({ version }) => !pinned.includes(version))).toEqual([]);
});
