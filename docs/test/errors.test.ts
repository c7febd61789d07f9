/** @file The catalogue of errors has every class and every message of the sources. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listOf, messages, places } from "../.vitepress/errors.js";
import { filesBelow, root } from "./snippets.js";

const packages = ["tensor", "autograd", "compile", "nn", "gpart", "equivariant"];
const sources = packages.flatMap((name) => filesBelow(`packages/${name}/src`, ".ts"));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const overview = read("docs/reference/errors/index.md");

describe("the catalogue of errors", () => {
  it("has a page for each class that is thrown, and a line in the overview", () => {
    const declared = sources.flatMap((path) =>
      [...read(path).matchAll(/class (\w+Error) extends IsogradError/g)].map(([, name]) => name),
    );
    expect(declared.length).toBeGreaterThan(5);
    const listed = readdirSync(join(root, "docs/reference/errors")).flatMap((file) =>
      [...read(`docs/reference/errors/${file}`).matchAll(/<!-- errors (\w+) -->/g)].map(
        (x) => x[1],
      ),
    );
    expect(listed.sort()).toEqual(declared.sort());
    for (const name of declared) expect(overview).toContain(`| \`${name}\` |`);
  });

  it("has every place of the sources that makes an error", () => {
    const made = sources.flatMap((path) => {
      const found =
        read(path).match(/new (Shape|DType|Device|Format|Gradient|Usage|Equivariance)Error\(/g) ??
        [];
      return found.map(() => path);
    });
    const listed = places().map((at) => at.replace(/:\d+$/, ""));
    expect(listed.sort()).toEqual(made.sort());
    const shown = new Set(messages().flatMap(({ at }) => at));
    expect(places().filter((at) => !shown.has(at))).toEqual([]);
  });

  it("gives names, problems and help as users read them", () => {
    const find = (problem: string) => messages().find((message) => message.problem === problem);
    const inner = find("inner dimensions differ: … @ … (… vs …)");
    expect(inner?.ops).toEqual(["matmul"]);
    expect(inner?.help).toBe("to multiply by the transpose, write matmul(a, b.mT)");
    expect(find("shapes do not broadcast: … and … (… vs …)")?.ops).toContain("add");
    const unsaid = messages().filter(({ problem, help }) => problem === "…" || help === "…");
    expect(unsaid.length).toBeLessThan(10);
    expect(messages().filter(({ ops }) => ops.length === 0).length).toBeLessThan(100);
  });

  it("is HTML without loose signs", () => {
    const list = listOf("ShapeError");
    expect(list).toContain("## In @isograd/tensor");
    expect(list).toContain("<td>inner dimensions differ: … @ … (… vs …)</td>");
    expect(list.replace(/<\/?(?:table|thead|tbody|tr|th|td|code)\b[^<>]*>/g, "")).not.toMatch(
      /[<>]/,
    );
  });
});
