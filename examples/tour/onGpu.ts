/**
 * @file The tour's first task on a GPU: `npm start -- --device gpu` trains PONITA in headless
 * Chromium, on the page of examples/browser. The rest of the tour runs on the CPU.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromiumFlags, chromiumPath } from "@isograd/testkit/chromium";
import { chromium, type Page } from "playwright";
import { createServer } from "vite";

const configFile = fileURLToPath(new URL("../../browser/vite.config.ts", import.meta.url));

/** What to do, and where to report. */
export interface GpuJob {
  readonly seed: number;
  readonly minutes: number;
  say(text: string): void;
}

/** Trains for some minutes; returns whether there was a GPU (or a software renderer) for it. */
export async function onGpu(job: GpuJob): Promise<boolean> {
  if (!existsSync(chromiumPath)) {
    job.say(`There is no browser at ${chromiumPath}: install chromium, or set CHROMIUM_PATH.`);
    return false;
  }
  const server = await createServer({ configFile, logLevel: "error" });
  await server.listen(0);
  const browser = await chromium.launch({ executablePath: chromiumPath, args: [...chromiumFlags] });
  try {
    const page = await browser.newPage();
    const address = `${server.resolvedUrls?.local[0]}?seed=${job.seed}&train=200&test=40&batch=20`;
    await page.goto(address);
    return await train(page, job);
  } finally {
    await browser.close();
    await server.close();
  }
}

async function train(page: Page, { minutes, say }: GpuJob): Promise<boolean> {
  await page.locator("#start:enabled").waitFor({ timeout: 60_000 });
  const modes = page.locator("#place option:enabled:not([value=cpu])");
  const [mode] = await modes.evaluateAll((all) => all.map((o) => o.getAttribute("value")));
  if (mode === undefined || mode === null) {
    say("Chromium offers neither WebGPU nor WebGL2 here.");
    return false;
  }
  if (mode !== "webgpu") say("Chromium offers no WebGPU here: it goes through WebGL2.");
  say(`Headless Chromium, mode ${mode}, on ${await adapterOf(page, mode)}`);
  await page.selectOption("#place", mode);
  await page.click("#start");
  const text = async (id: string) => (await page.locator(`#${id}`).textContent())?.trim();
  const end = performance.now() + minutes * 60_000;
  while (performance.now() < end) {
    await page.waitForTimeout(Math.min(10_000, Math.max(500, end - performance.now())));
    const [step, loss, error, rate] = await Promise.all(
      ["step", "loss", "error", "rate"].map(text),
    );
    say(`step ${step}: loss ${loss}, test error ${error}, ${rate} steps a second`);
  }
  say(`${await text("baselines")}`);
  return Number(await text("step")) > 0;
}

/** The name of the adapter, as the browser reports it. */
function adapterOf(page: Page, mode: string): Promise<string> {
  return page.evaluate(async (mode) => {
    if (mode === "webgl2") {
      const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
      const told = gl?.getExtension("WEBGL_debug_renderer_info");
      return String(gl?.getParameter(told?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
    }
    const adapter = await navigator.gpu?.requestAdapter();
    const { vendor, architecture, description } = adapter?.info ?? {};
    const name = [vendor, architecture, description].filter((part) => part).join(" ");
    return name || "an adapter without a name";
  }, mode);
}
