/** @file What Run, Edit, Stop and addresses do on the built site, in Chromium. */
import type { Page } from "playwright";
import { expect, it } from "vitest";
import { hashOf } from "../../run/address.js";
import { useSite } from "./visit.js";

const { open } = useSite("/a/path/");

const PAGE = "guide/memory.html";

/** Opens a page, does something on it, and holds that nothing else went wrong. */
async function on(path: string, act: (page: Page) => Promise<void>): Promise<void> {
  const { page, problems, close } = await open(path);
  try {
    await act(page);
    expect(problems.filter((text) => !text.startsWith("console: "))).toEqual([]);
  } finally {
    await close();
  }
}

/** Puts code into the first block of a page by its address, and runs it. */
const withCode = (code: string, act: (page: Page) => Promise<void>) =>
  on(PAGE + hashOf({ code: { "0": code } }), async (page) => {
    await page.locator(".snippet .cm-content").waitFor();
    await page.locator(".snippet-run").first().click();
    await act(page);
  });

const state = (page: Page, which: string) =>
  page.locator(`.snippet[data-state="${which}"]`).first().waitFor();

const output = (page: Page) => page.locator(".snippet-output").first();

it.concurrent("shows an error with its help at the line that threw", () => {
  const lines = [
    'import { ones } from "@isograd/tensor";',
    "",
    "const f = (x: number[]) =>",
    "  ones(x).add(ones([2, 3]));",
    "f([4]);",
  ];
  return withCode(lines.join("\n"), async (page) => {
    await state(page, "failed");
    expect(await output(page).locator(".problem").textContent()).toMatch(
      /^ShapeError: add: .*\[4\]/,
    );
    expect(await output(page).locator(".help").textContent()).toMatch(/^help: \w/);
    expect(await output(page).locator(".where").textContent()).toBe("line 4");
    expect(await page.locator(".cm-line.threw").textContent()).toContain("ones(x).add");
  });
});

it.concurrent("shows an error that nobody waits for", () =>
  withCode('1;\nPromise.reject(new Error("late"));\n2;', async (page) => {
    await state(page, "failed");
    expect(await output(page).locator(".problem").textContent()).toBe("Error: late");
    expect(await output(page).locator(".where").textContent()).toBe("line 2");
  }));

it.concurrent("shows the line of code that is no program", () =>
  withCode("const a = 1;\nconst b = ;\n", async (page) => {
    await state(page, "failed");
    expect(await output(page).locator(".where").textContent()).toBe("line 2");
  }));

it.concurrent("holds values against what the text says", () =>
  withCode("1 + 1; // → 3\n2 + 2; // → 4\n", async (page) => {
    await state(page, "failed");
    const marks = page.locator(".promise");
    expect(await marks.evaluateAll((all) => all.map((m) => m.getAttribute("data-text")))).toEqual([
      "✗ 2",
      "✓",
    ]);
    expect(await output(page).locator(".summary").textContent()).toMatch(/1 of 2 values/);
  }));

it.concurrent("shows the console, a tensor as a table, a plot, and a graph as a drawing", () => {
  const lines = [
    'import { tensor } from "@isograd/tensor";',
    'console.log("hello", tensor([1, 2]));',
    'console.warn("careful");',
    "plot([1, 4, 9]);",
    "tensor([[1, 2], [3, 4]]);",
  ];
  return withCode(lines.join("\n"), async (page) => {
    await state(page, "done");
    await output(page).locator(".summary").waitFor();
    expect(await output(page).locator(".log").allInnerTexts()).toEqual([
      "hello Tensor(float32, [2]) [1, 2]",
      "careful",
    ]);
    expect(await output(page).locator(".picture svg path").count()).toBeGreaterThan(0);
    expect(await output(page).locator("td").allInnerTexts()).toEqual(["1", "2", "3", "4"]);
    await page.locator(".cm-content").fill('"digraph { a -> b }";');
    await page.locator(".snippet-run").first().click();
    await output(page).locator(".drawing svg").waitFor();
    expect(await output(page).locator(".drawing text").allTextContents()).toEqual(["a", "b"]);
  });
});

it.concurrent("ends an endless loop", () =>
  withCode('console.log("before");\nwhile (true) {}\n', async (page) => {
    await output(page).locator(".log").waitFor();
    await page.locator(".snippet-stop").first().click();
    await state(page, "idle");
    expect(await output(page).textContent()).toContain("Stopped.");
    await page.locator(".snippet-run").nth(1).click(); // which runs the first one, too
    await page.locator(".snippet-stop").nth(1).click();
    expect(await page.locator('.snippet[data-state="running"]').count()).toBe(0);
  }));

it.concurrent("keeps edited code in the address, and runs it when it is asked to, not before", () =>
  on(PAGE, async (page) => {
    await page.locator(".snippet-edit").first().click();
    await page.locator(".cm-content").fill('console.log("sent");');
    await page.waitForFunction(() => location.hash.startsWith("#code="));
    await page.reload({ waitUntil: "networkidle" });
    expect(await page.locator(".cm-content").textContent()).toContain("sent");
    expect(await page.locator(".log").count()).toBe(0);
    await page.locator(".snippet-run").first().click();
    await output(page).locator(".log").waitFor();
    await page.locator(".snippet-reset").first().click();
    await page.waitForFunction(() => location.hash === "");
    expect(await page.locator(".cm-content").count()).toBe(0);
  }));

it.concurrent("lets code of a link draw, but not act on the page", () => {
  const display = '{ [Symbol.for("Jupyter.display")]: () => ({ "text/html": html }) }';
  const html = '<b>bold</b><img src=x onerror="document.title=1"><script>document.title=1</script>';
  return withCode(
    `const html = ${JSON.stringify(html)};\nconst x = ${display};\nx;`,
    async (page) => {
      await output(page).locator("b").waitFor();
      expect(await output(page).locator("img, script").count()).toBe(0);
      expect(await page.title()).not.toBe("1");
    },
  );
});

it.concurrent("says which block of the page failed", () =>
  on(PAGE + hashOf({ code: { "0": "\nnull.x;" } }), async (page) => {
    await page.locator(".cm-content").waitFor();
    await page.locator(".snippet-run").nth(1).click();
    await page.locator('.snippet[data-state="failed"]').waitFor();
    const where = await page.locator(".where").textContent();
    expect(where).toBe("line 2 of block 1 of this page, which runs before");
  }));

it.concurrent("takes a block to the playground, where it runs", () =>
  on(PAGE, async (page) => {
    const first = String(await page.locator(".snippet code").first().textContent());
    await page.locator(".snippet-open").first().click();
    await page.waitForURL(/\/playground\.html#code=/);
    await page.locator(".cm-content").waitFor();
    const lines = await page.locator(".cm-line").allInnerTexts();
    expect(lines.join("").replace(/\s/g, "")).toBe(first.replace(/\s/g, ""));
    await page.locator(".snippet-run").click();
    await page.locator('#playground[data-state="done"]').waitFor();
  }));
