/** @file Chromium and the bench page: each library in each mode on a page of its own. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromiumFlags, chromiumPath } from "@isograd/testkit/chromium";
import { type Browser, chromium, type Page } from "playwright";
import { build, preview } from "vite";
import type { Contestant, GpuMode, PageApi } from "./protocol.js";

// Once compiled, this file is in bench/dist/gpu.
const configFile = fileURLToPath(new URL("../../gpu/vite.config.ts", import.meta.url));

/** The flags of tests without the software renderer; `angle` is what WebGL is drawn by. */
function hardwareFlags(angle: string): string[] {
  const vulkan = "--enable-features=Vulkan,VulkanFromANGLE,DefaultANGLEVulkan";
  return [
    ...chromiumFlags.filter((flag) => !flag.includes("swiftshader")),
    `--use-angle=${angle}`,
    ...(angle === "vulkan" ? [vulkan] : []),
  ];
}

/** A page and how to talk to it. */
export interface Caller {
  readonly contestant: Contestant;
  readonly mode: GpuMode;
  prepare(row: string): Promise<number[] | null>;
  sample(calls: number): Promise<number>;
  launches(): Promise<number>;
  free(): Promise<void>;
  peaks(): ReturnType<PageApi["peaks"]>;
  adapter(): Promise<string>;
}

/** A browser that can open the page. */
export interface Site {
  readonly version: string;
  open(contestant: Contestant, mode: GpuMode): Promise<Caller>;
  close(): Promise<void>;
}

/**
 * Builds the page, serves it, starts the browser. `angle` draws on the real GPU; null: software.
 */
export async function openSite(angle: string | null): Promise<Site> {
  if (!existsSync(chromiumPath)) {
    throw new Error(`no browser at ${chromiumPath}: install chromium, or set CHROMIUM_PATH`);
  }
  await build({ configFile });
  const server = await preview({ configFile, preview: { port: 0, host: "127.0.0.1" } });
  const args = angle === null ? [...chromiumFlags] : hardwareFlags(angle);
  const browser = await chromium.launch({ executablePath: chromiumPath, args });
  const address = server.resolvedUrls?.local[0];
  if (address === undefined) throw new Error("the server of the page has no address");
  return {
    version: `Chromium ${browser.version()}`,
    open: (contestant, mode) => open(browser, address, contestant, mode),
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

async function open(
  browser: Browser,
  address: string,
  contestant: Contestant,
  mode: GpuMode,
): Promise<Caller> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(`${address}?library=${contestant}&mode=${mode}`);
  const there = page.waitForFunction(() => window.bench !== undefined, null, { timeout: 60_000 });
  await there.catch(() => {
    throw new Error(`${contestant} does not start in ${mode}: ${errors.join("; ") || "no reason"}`);
  });
  return caller(page, contestant, mode);
}

function caller(page: Page, contestant: Contestant, mode: GpuMode): Caller {
  return {
    contestant,
    mode,
    prepare: (row) => page.evaluate((name) => window.bench.prepare(name), row),
    sample: (calls) => page.evaluate((n) => window.bench.sample(n), calls),
    launches: () => page.evaluate(() => window.bench.launches()),
    free: () => page.evaluate(() => window.bench.free()),
    peaks: () => page.evaluate(() => window.bench.peaks()),
    adapter: () => page.evaluate(() => window.bench.adapter()),
  };
}
