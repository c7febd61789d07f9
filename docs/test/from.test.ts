/** @file Every line of the tables "Coming from …" runs, and gives what the other library gives. */
import { describe, expect, it } from "vitest";
import { alike, fromPages, golden, plain, readPage, writePage } from "./from.js";

/** How many rows of a page may stay as text, because they need a GPU, a file or a server. */
const TEXT = 12;
const AGAIN = "run docs/test/golden/from.py, or from.mjs for TensorFlow.js";

describe.each(Object.entries(fromPages))("from/%s", (name, least) => {
  const page = readPage(name);
  const run = page.rows.filter((row) => row.run);

  it(`has at least ${least} rows that run`, () => {
    expect(run.length).toBeGreaterThanOrEqual(least);
    const text = page.rows.filter((row) => row.remark.trim().startsWith("*not run*"));
    expect(text.length, text.map(({ theirs }) => theirs).join("\n")).toBeLessThanOrEqual(TEXT);
  });

  it("has a value of the other library for each row, and no others", () => {
    const needed = new Set(run.map(({ theirs }) => theirs));
    expect([...golden(name).keys()].sort(), AGAIN).toEqual([...needed].sort());
  });

  it("gives the same values", async () => {
    const wanted = golden(name);
    const module: { rows: (() => Promise<unknown>)[] } = await import(
      /* @vite-ignore */ await writePage(page)
    );
    const wrong: string[] = [];
    for (const [i, row] of run.entries()) {
      const at = `${page.where}:${row.line}: ${row.ours}`;
      const should = wanted.get(row.theirs);
      try {
        const is = plain(await module.rows[i]?.());
        if (alike(is, should)) continue;
        wrong.push(`${at}\n  ours:   ${JSON.stringify(is)}\n  theirs: ${JSON.stringify(should)}`);
      } catch (error) {
        wrong.push(`${at}\n  ${error}`);
      }
    }
    expect(wrong.join("\n")).toBe("");
  });
});
