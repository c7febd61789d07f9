/**
 * @file The page of examples/browser, clicked through in headless Chromium: it trains in its
 * worker, pauses, stops.
 */
import { existsSync, mkdirSync } from "node:fs";
import { chromiumFlags, chromiumPath } from "@isograd/testkit/chromium";
import { type Browser, chromium, type Page } from "playwright";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const found = existsSync(chromiumPath);
if (!found) console.log(`skipped: no browser at ${chromiumPath} for the page`);
const folder = new URL("../browser/", import.meta.url).pathname;
const pictures = new URL("../out/", import.meta.url).pathname;

let server: ViteDevServer;
let browser: Browser;
const errors: string[] = [];

async function opened(sizes: string, where = browser): Promise<Page> {
  const page = await where.newPage({ viewport: { width: 1200, height: 900 } });
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(`${server.resolvedUrls?.local[0]}?${sizes}`);
  await page.locator("#start:enabled").waitFor({ timeout: 60_000 });
  return page;
}

const number = async (page: Page, id: string): Promise<number> =>
  Number(await page.locator(`#${id}`).textContent());

const steps = (page: Page, wanted: number): Promise<unknown> =>
  page.waitForFunction((n) => Number(document.getElementById("step")?.textContent) >= n, wanted, {
    timeout: 90_000,
  });

const said = (page: Page): Promise<string | null> => page.locator("#stage").textContent();

async function trainsOn(page: Page, place: string, name: string): Promise<void> {
  expect(await page.locator(`#place option[value=${place}]:enabled`).count()).toBe(1);
  await page.selectOption("#place", place);
  await page.click("#start");
  await steps(page, 5);
  expect(await said(page)).toBe(`training on ${name}`);
  expect(await number(page, "loss")).toBeGreaterThan(0);
  await page.click("#start");
  await page.locator("#stage", { hasText: "stopped" }).waitFor();
}

describe.skipIf(!found)("the page", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    server = await createServer({ configFile: `${folder}vite.config.ts`, logLevel: "error" });
    await server.listen(0);
    browser = await chromium.launch({ executablePath: chromiumPath, args: [...chromiumFlags] });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it("trains on the CPU, pauses, goes on, shows the next system, and stops", async () => {
    const page = await opened("train=200&test=40&batch=20");
    await page.click("#start");
    await steps(page, 150);
    await page.click("#pause");
    await page.locator("#stage", { hasText: "paused" }).waitFor();
    expect(await number(page, "error")).toBeLessThan(0.15); // 0.27 when nothing moves
    await page.click("#next");
    await page.screenshot({ path: `${pictures}page.png` });
    await page.waitForTimeout(300); // a step may still be on its way
    const at = await number(page, "step");
    await page.waitForTimeout(300);
    expect(await number(page, "step")).toBe(at);
    await page.click("#pause");
    await steps(page, at + 5);
    await page.click("#start");
    await page.locator("#stage", { hasText: "stopped" }).waitFor();
    await page.close();
  });

  it("trains on the GPU in either mode, one after the other", async () => {
    const page = await opened("train=20&test=8&batch=4");
    expect(await said(page)).toBe("ready");
    await trainsOn(page, "webgpu", "GPU (WebGPU)");
    await page.locator("#start:enabled", { hasText: "Start" }).waitFor();
    await trainsOn(page, "webgl2", "GPU (WebGL2)");
    await page.close();
  });

  it("where there is no WebGPU, says so and trains through WebGL2", async () => {
    const args = chromiumFlags.filter((flag) => !flag.includes("webgpu"));
    const other = await chromium.launch({ executablePath: chromiumPath, args });
    try {
      const page = await opened("train=20&test=8&batch=4", other);
      expect(await said(page)).toBe("ready; there is no WebGPU here, but a GPU through WebGL2");
      const option = page.locator("#place option[value=webgpu]");
      expect(await option.textContent()).toBe("GPU (WebGPU): no WebGPU here");
      expect(await option.isDisabled()).toBe(true);
      await trainsOn(page, "webgl2", "GPU (WebGL2)");
    } finally {
      await other.close();
    }
  });

  it("meets no error on the way", () => expect(errors).toEqual([]));
});
