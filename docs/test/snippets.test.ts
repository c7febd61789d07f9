/** @file The promises of snippets are kept and broken as they should be. */
import { expect, it } from "vitest";
import { matches, rewrite, runSnippet, show } from "./snippets.js";

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
