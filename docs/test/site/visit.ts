/** @file Opens pages of the built site in Chromium and notes what goes wrong on them. */
import { readdirSync } from "node:fs";
import axe, { type AxeResults } from "axe-core";
import { type Browser, chromium, type Locator, type Page } from "playwright";
import { afterAll, beforeAll } from "vitest";
import { chromiumFlags, chromiumPath } from "../../../packages/testkit/src/chromium.js";
import { dist, type Served, serve } from "./server.js";

/** Every page of the built site: `index.html`, `guide/install.html`, …; not the one for lost visitors. */
export const pages = readdirSync(dist, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".html") && file !== "404.html")
  .sort();

/** Widths in px of a laptop and of a phone. */
const [WIDE, NARROW] = [1280, 375];

/** Chromium, for which no host but this one exists. */
export const launch = (): Promise<Browser> => {
  const alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost";
  return chromium.launch({ executablePath: chromiumPath, args: [...chromiumFlags, alone] });
};

export interface Visit {
  readonly page: Page;
  /** Errors on the console, files that are missing, requests to other places. */
  readonly problems: string[];
  /** The files of the site that the page asked for, by their paths. */
  readonly loaded: ReadonlySet<string>;
  close(): Promise<void>;
}

/** Opens a page in a context of its own. */
export async function visit(browser: Browser, site: Served, path: string): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: WIDE, height: 900 },
    reducedMotion: "reduce",
    colorScheme: "light",
  });
  const problems: string[] = [];
  const loaded = new Set<string>();
  const page = await context.newPage();
  page.on("console", (message) => {
    const { url } = message.location();
    if (url === `${site.origin}/favicon.ico`) return; // Chromium asks for it before it has read the page's icon
    if (message.type() === "error") problems.push(`console: ${message.text()} ${url}`);
  });
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  context.on("request", (request) => {
    const url = request.url();
    if (/^(data|blob):/.test(url)) return;
    if (new URL(url).origin !== site.origin) problems.push(`asks another place: ${url}`);
    loaded.add(decodeURI(url.slice(site.url.length)));
  });
  context.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  await page.goto(site.url + path, { waitUntil: "networkidle" });
  return { page, problems, loaded, close: () => context.close() };
}

/** A browser and the site below a path, for the tests of a file. */
export function useSite(below: string) {
  let browser: Browser;
  let site: Served;
  beforeAll(async () => {
    [browser, site] = await Promise.all([launch(), serve(below)]);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  return {
    open: (path: string): Promise<Visit> => visit(browser, site, path),
    address: (path: string): string => site.url + path,
    newPage: (): Promise<Page> => browser.newPage(),
  };
}

/** What axe finds that keeps people from reading or using the page, in one theme. */
export async function barriers(page: Page, colorScheme: "light" | "dark"): Promise<string[]> {
  await page.emulateMedia({ colorScheme });
  await page.waitForFunction(
    (dark) => document.documentElement.classList.contains("dark") === dark,
    colorScheme === "dark",
  );
  await page.addStyleTag({ content: "*, ::before, ::after { transition: none !important }" });
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  // As text: the runner of the tests renames what it imports.
  const { violations }: AxeResults = await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] })',
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => {
      const some = nodes.slice(0, 3).map(({ target, any }) => `${target}: ${any[0]?.message}`);
      return `${colorScheme}: ${id}, ${nodes.length} times: ${some.join("; ")}`;
    });
}

/** Parts of a page that reach out of a phone's screen to the right, if the page itself scrolls sideways. */
export async function overflow(page: Page): Promise<string[]> {
  await page.setViewportSize({ width: NARROW, height: 800 });
  const found = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll("main *, header *, footer *")]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .slice(0, 5)
      .map((element) => element.outerHTML.slice(0, 100));
  });
  await page.setViewportSize({ width: WIDE, height: 900 });
  return found;
}

/** Presses a Run and waits; returns what did not come out as promised. */
async function runOne(snippet: Locator): Promise<string[]> {
  await snippet.locator("button.snippet-run").click();
  await snippet.and(snippet.page().locator('[data-state="done"], [data-state="failed"]')).waitFor();
  const wrong: string[] = [];
  const printed = (await snippet.locator(".snippet-output").allInnerTexts()).join("\n");
  if ((await snippet.getAttribute("data-state")) === "failed") wrong.push(`failed: ${printed}`);
  for (const mark of await snippet.locator(".promise.broken").all()) {
    wrong.push(`broken promise: ${await mark.getAttribute("data-text")}`);
  }
  const promises = (await snippet.locator(".line").allInnerTexts()).some((x) => /\/\/ →/.test(x));
  if (promises && (await snippet.locator(".promise").count()) === 0)
    wrong.push("checks no promise");
  return wrong;
}

/** Presses the first Runs of a page (default: all), one after the other. */
export async function runAll(page: Page, most = Number.POSITIVE_INFINITY): Promise<string[]> {
  const wrong: string[] = [];
  const count = await page.locator(".snippet").count();
  const snippets = page.locator(".snippet:has(button.snippet-run)");
  if ((await snippets.count()) < count) wrong.push("blocks of code without a button");
  for (let i = 0; i < Math.min(count, most); i++) {
    wrong.push(...(await runOne(snippets.nth(i))).map((text) => `Run ${i + 1} ${text}`));
  }
  return wrong;
}
