/** @file Every example of the playground in Chromium, on each device; its links; its projects. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { unzipSync } from "fflate";
import type { Page } from "playwright";
import { expect, it } from "vitest";
import { examples } from "../../run/examples.js";
import { useSite } from "./visit.js";

const run = promisify(execFile);
const { open, newPage } = useSite("/a/path/");

async function on(path: string, act: (page: Page) => Promise<void>): Promise<void> {
  const { page, problems, close } = await open(path);
  try {
    await page.locator(".cm-content").waitFor();
    await act(page);
    expect(problems).toEqual([]);
  } finally {
    await close();
  }
}

const text = async (page: Page) => (await page.locator(".cm-line").allInnerTexts()).join("\n");

async function runs(page: Page): Promise<string> {
  await page.locator(".snippet-run").click();
  await page
    .locator("#playground")
    .and(page.locator(":is([data-state=done], [data-state=failed])"))
    .waitFor();
  await page.locator(".summary").waitFor();
  return String(await page.locator(".snippet-output").textContent());
}

it.each(examples)("$title", ({ title }) =>
  on("playground.html", async (page) => {
    await page.getByLabel("Example").selectOption(title);
    await page.waitForFunction(() => document.querySelectorAll(".cm-line").length > 10);
    const output = await runs(page);
    expect(await page.locator("#playground").getAttribute("data-state"), output).toBe("done");
    expect(await page.locator(".promise.kept").count()).toBeGreaterThan(0);
    expect(await page.locator(".picture svg").count()).toBeGreaterThan(0);
  }),
);

const onGpu =
  'import { tensor } from "@isograd/tensor";\n\nconst x = tensor([1, 2]).exp();\nconsole.log(x.device, (await x.data()).length);';

it.each(["WebGPU", "WebGL2"])("computes on %s, and a link says so", (device) =>
  on("playground.html", async (page) => {
    await page.locator(".cm-content").fill(onGpu);
    await page.getByLabel("Device").selectOption(device);
    expect(await runs(page)).toContain("gpu 2");
    await page.locator(".snippet-share").click();
    await page.reload({ waitUntil: "networkidle" });
    await page.locator(".cm-content").waitFor();
    expect(await text(page)).toContain("tensor([1, 2]).exp()");
    expect(await page.getByLabel("Device").locator("option:checked").textContent()).toBe(device);
    expect(await page.locator(".log").count()).toBe(0);
  }),
);

/** Unpacks the project that the page gives. */
async function downloaded(page: Page, folder: string): Promise<void> {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.click(".snippet-download"),
  ]);
  const zip = new Uint8Array(readFileSync(await file.path()));
  for (const [path, bytes] of Object.entries(unzipSync(zip))) {
    if (path.endsWith("/")) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

it("gives a project that installs, has no type errors, builds, starts, and shows the same", async () => {
  const folder = mkdtempSync(join(tmpdir(), "isograd-project-"));
  const env = { ...process.env, NODE_ENV: undefined }; // in "production", npm would leave tools out
  const project = { cwd: join(folder, "isograd"), env };
  try {
    await on("playground.html#example=line", async (page) => {
      await page.waitForFunction(() => document.querySelectorAll(".cm-line").length > 10);
      await downloaded(page, folder);
    });
    await run("npm", ["install", "--no-audit", "--no-fund"], project);
    await run("npm", ["run", "types"], project);
    await run("npm", ["run", "build"], project);
    const vite = ["node_modules/vite/bin/vite.js"]; // npm between would outlive it
    const started = execFile(process.execPath, vite, project);
    const address = new Promise<string>((found, failed) => {
      let said = "";
      started.stdout?.on("data", (more) => {
        said += stripVTControlCharacters(String(more));
        const [url] = /http:\/\/localhost:\d+\//.exec(said) ?? [];
        if (url !== undefined) found(url);
      });
      started.on("exit", () => failed(new Error(`the server ended: ${said}`)));
    });
    try {
      const url = await address;
      const page = await newPage();
      await page.goto(url);
      await page.locator("pre").first().waitFor();
      expect(await page.locator("pre").first().textContent()).toMatch(/^y = 1\.\d\d x \+ 0\.\d\d$/);
      await page.locator("svg").nth(1).waitFor();
    } finally {
      started.kill();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
