/** @file The pages of the API as TypeDoc wrote them: short, complete, with links that lead somewhere. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { filesBelow, root } from "../snippets.js";

const MOST = 60_000;
const pages = filesBelow("docs/api", ".md");
const texts = new Map(pages.map((path) => [path, readFileSync(join(root, path), "utf8")]));
const packages = ["tensor", "autograd", "compile", "nn", "gpart", "equivariant"];

const anchors = (text: string) =>
  [...text.matchAll(/\{#([^}]+)\}|<a id="([^"]+)">/g)].map((found) => found[1] ?? found[2]);

/** Links to places that do not exist. */
function dead(path: string, text: string): string[] {
  const plain = text.replace(/^```[\s\S]*?^```/gm, "");
  return [...plain.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
    if (/^(https?:|\/)/.test(link)) return [];
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? path : relative(root, join(root, dirname(path), file));
    const there = texts.get(target);
    const found = there !== undefined && (anchor === undefined || anchors(there).includes(anchor));
    return found ? [] : [`${path}: ${link}`];
  });
}

describe("the pages of the API", () => {
  it(`have at most ${MOST / 1000} kB each, and are one for each name`, () => {
    expect(pages.length).toBeGreaterThan(400);
    const long = [...texts].filter(([, text]) => text.length > MOST);
    expect(long.map(([path]) => path)).toEqual([]);
  });

  it("link to places that exist", () => {
    expect([...texts].flatMap(([path, text]) => dead(path, text))).toEqual([]);
  });

  it("say how a name is imported, before anything else", () => {
    const silent = [...texts].filter(([path, text]) => {
      const isIndex =
        /(\w+\/index|tensor\/engine\/.*)\.md$/.test(path) || path.endsWith("api/index.md");
      return (
        !isIndex && !/^# .*\n\n```ts no-run\nimport (type )?\{ \w+ \} from "@isograd\//m.test(text)
      );
    });
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it.each(packages)("list every value of @isograd/%s with a sentence", async (name) => {
    const index = texts.get(`docs/api/${name}/index.md`) ?? "";
    const values = (await import(`@isograd/${name}`)) as Record<string, unknown>;
    const names = Object.entries(values).flatMap(([key, value]) =>
      ["init", "losses", "schedules"].includes(key) && name === "nn"
        ? Object.keys(value as object).map((member) => `${key}.${member}`)
        : [key],
    );
    const row = (one: string) =>
      index.split("\n").find((line) => line.startsWith(`| [\`${one}\`]`));
    expect(names.filter((one) => row(one) === undefined)).toEqual([]);
    expect(names.filter((one) => row(one)?.endsWith("| — |"))).toEqual([]);
    expect(index).toMatch(/\n```ts\n/); // an example, which the tests of examples run
    expect(index).toMatch(/\nGuide: \[/);
  });

  it("stand in the sidebar", () => {
    const sidebar = readFileSync(join(root, "docs/api/sidebar.json"), "utf8");
    for (const [, link = ""] of sidebar.matchAll(/"link":"([^"]*)"/g)) {
      const file = join(root, "docs", link.endsWith("/") ? `${link}index.md` : `${link}.md`);
      expect(existsSync(file), link).toBe(true);
    }
  });
});
