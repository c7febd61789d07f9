/** @file The promises of snippets are kept and broken as they should be. */
import { expect, it } from "vitest";
import { matches, show } from "../run/promises.js";
import { rewrite } from "../run/rewrite.js";
import { runSnippet } from "./snippets.js";

const run = (name: string, source: string) =>
  runSnippet({ name: `self-${name}`, where: name, source, imports: async () => "" });

it("prints values", () => {
  expect(show([1, [-0, "a"], new Float32Array([0.5])])).toBe("[1, [-0, a], [0.5]]");
  expect(show({ a: null, b: { toString: () => "B" } })).toBe("{ a: null, b: B }");
});

it("lets an ellipsis stand for anything and ignores white space", () => {
  expect(matches("a\n  b 1.2345", "a b 1.2…")).toBe(true);
  expect(matches("a b", "a c")).toBe(false);
  expect(matches("a b c", "a b")).toBe(false);
});

it("finds promises beside and below expressions, and nowhere else", () => {
  const lines = ["const a = 1; // not a promise", "a + 1; // 2", "console.log(a, 2);"];
  const source = [...lines, "// → 1", "//   2", "a; a;", "// no"].join("\n");
  expect(rewrite(source).promises).toBe(2);
});

it("passes a kept promise and a promised error", async () => {
  const promised = "[1, 2].map((x) => x * 2); // → [2, 4]";
  const source = `${promised}\nJSON.parse("{"); // throws SyntaxError: …`;
  expect(await run("kept", source)).toBe(2);
});

it("fails a broken promise", async () => {
  await expect(run("broken", "1 + 1; // → 3")).rejects.toThrow("promised: 3");
  await expect(run("calm", "1 + 1; // throws Error")).rejects.toThrow("no error, but 2");
});

it("keeps promises above types, which are removed", () => {
  const { code, promises } = rewrite(
    "1 + 1; // → 2\n\ninterface A {\n  a: 1;\n}\nconst a: A = { a: 1 };",
  );
  expect(promises).toBe(1);
  expect(code.split("\n")[5]).toBe("const a = { a: 1 };"); // no line moves
});

it("loads what a module imports, and shows last values", () => {
  const source = 'import { a, b as c } from "x";\nimport type { T } from "y";\n\na + c;';
  const { code } = rewrite(source, { load: true, ends: [4] });
  const head = 'const { a: a } = await __run.load("x"); const { b: c } = await __run.load("x");';
  expect(code).toBe(`${head}\n\n\nawait __run.value(await (a + c), 4);`);
});

it("finds the names that a program does not declare", () => {
  const lines = ["import { a } from 'x';", "const { b, c: [d] } = a(f.g, { h, i: 1 });"];
  const source = [...lines, "function k(l = m) {", "  return l + b + d;", "}", "k();"].join("\n");
  expect([...rewrite(source).free].sort()).toEqual(["f", "h", "m"]);
});
