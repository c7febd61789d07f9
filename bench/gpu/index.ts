/**
 * @file `npm run bench -- --gpu`: Isograd in both modes of GPU.js beside TensorFlow.js, in headless
 * Chromium.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { machine, versions } from "../harness/machine.js";
import { type Caller, openSite, type Site } from "./browser.js";
import { type GpuResult, quick, runGpuRow, thorough } from "./measure.js";
import type { Peaks } from "./page/peaks/measure.js";
import { contestants, type GpuMode, modes } from "./protocol.js";
import { header, line, notes, summary } from "./report.js";
import { gpuRows } from "./rows.js";

/** What to run, on what. */
export interface GpuOptions {
  readonly filter: string;
  readonly quick: boolean;
  readonly out: string;
  /** What draws WebGL on a real GPU; null for the software renderer. */
  readonly angle: string | null;
}

interface Opened {
  readonly callers: Caller[];
  readonly adapters: Partial<Record<GpuMode, string>>;
  readonly peaks: Partial<Record<GpuMode, Peaks>>;
}

/** Opens a page for each contestant in each mode; prints why some do not start. */
async function openAll(site: Site): Promise<Opened> {
  const opened: Opened = { callers: [], adapters: {}, peaks: {} };
  for (const mode of modes) {
    for (const contestant of contestants) {
      try {
        const caller = await site.open(contestant, mode);
        opened.callers.push(caller);
        opened.adapters[mode] ??= await caller.adapter();
      } catch (error) {
        console.log(error instanceof Error ? error.message : String(error));
      }
    }
    const first = opened.callers.find((caller) => caller.mode === mode);
    if (first !== undefined) opened.peaks[mode] = await first.peaks();
  }
  return opened;
}

const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

function tellPlace({ adapters, peaks }: Opened, angle: string | null): void {
  for (const mode of modes) {
    const found = peaks[mode];
    if (found === undefined) continue;
    const { gigabytesPerSecond, gigaflops } = found;
    const [copies, adds] = [gigabytesPerSecond, gigaflops].map((x) => x.toPrecision(3));
    const reach = `copies ${copies} GB/s, multiply-adds ${adds} GFLOP/s`;
    console.log(`${mode}: ${adapters[mode]}; ${reach}`);
    if (angle !== null && SOFTWARE.test(adapters[mode] ?? "")) {
      console.log(`  that is no hardware: Chromium found no GPU for ${mode}`);
    }
  }
}

/** Prints the table and writes all results. */
export async function gpuBench({ filter, quick: short, out, angle }: GpuOptions): Promise<void> {
  const words = filter.split(",").map((word) => word.trim());
  const chosen = gpuRows.filter(({ name }) => words.some((word) => name.includes(word)));
  const about = { machine: machine(), versions: versions() };
  const site = await openSite(angle);
  const results: GpuResult[] = [];
  try {
    const opened = await openAll(site);
    if (opened.callers.length === 0) throw new Error("Chromium offers neither WebGPU nor WebGL2");
    console.log(`${site.version}, load ${about.machine.load}; × = times the time of Isograd`);
    tellPlace(opened, angle);
    console.log(`\n${header()}`);
    for (const row of chosen) {
      const found = await runGpuRow(row, opened.callers, short ? quick : thorough, opened.peaks);
      results.push(...found);
      console.log(line(row.name, found));
    }
    for (const text of [...notes(results), ...summary(results)]) console.log(text);
    mkdirSync(dirname(out), { recursive: true });
    const { adapters, peaks } = opened;
    const place = { browser: site.version, hardware: angle !== null, angle, adapters, peaks };
    const date = new Date().toISOString();
    writeFileSync(
      out,
      `${JSON.stringify({ date, ...about, ...place, quick: short, results }, null, 2)}\n`,
    );
    console.log(`\nwritten: ${out}`);
  } finally {
    await site.close();
  }
  if (results.some(({ wrong }) => wrong.length > 0)) process.exitCode = 1;
}
