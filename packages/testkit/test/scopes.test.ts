/** @file A scope that is opened by hand is closed whatever happens: read off the sources of all packages. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const packages = join(import.meta.dirname, "../..");
/** Not the bundle's: it has no sources of its own. */
const withSources = readdirSync(packages).filter((name) => existsSync(join(packages, name, "src")));
const sources = withSources.flatMap((name) =>
  readdirSync(join(packages, name, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(name, "src", file)),
);

describe("openScope", () => {
  it("stands right before the try whose finally closes the scope", () => {
    const opened = /^ *const (\w+) = openScope\(\);$/gm;
    const places = sources.flatMap((file) => {
      const text = readFileSync(join(packages, file), "utf8");
      const calls = [...text.matchAll(/= openScope\(\)/g)].length;
      const found = [...text.matchAll(opened)].map(({ 0: line, 1: mark, index }) => ({
        file,
        mark,
        rest: text.slice(index + line.length),
      }));
      expect(found.length, file).toBe(calls);
      return found;
    });
    expect(places.length).toBeGreaterThan(10);
    for (const { file, mark, rest } of places) {
      const lines = rest.split("\n");
      const indent = / */.exec(lines[1] as string)?.[0] ?? "";
      expect(lines[1], file).toBe(`${indent}try {`);
      const end = lines.findIndex((line) => line.startsWith(`${indent}} finally {`));
      const close = lines.indexOf(`${indent}}`);
      expect(end, file).toBeGreaterThan(0);
      expect(lines.slice(end, close).join("\n"), file).toContain(`closeScope(${mark})`);
    }
  });
});
