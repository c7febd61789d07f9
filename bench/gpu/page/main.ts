/** @file The bench page: one library in one mode, from the address (`?library=…&mode=…`). */
import { type GpuMode, modes, type PageApi } from "../protocol.js";
import { gpuRows } from "../rows.js";
import { type Library, numbers, sample, type Work } from "./library.js";
import { measurePeaks } from "./peaks/measure.js";
import { webGlKernels } from "./peaks/webgl.js";
import { webGpuKernels } from "./peaks/webgpu.js";

declare global {
  interface Window {
    bench: PageApi;
  }
}

async function adapterOf(mode: GpuMode): Promise<string> {
  if (mode === "webgpu") {
    const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
    const { vendor, architecture, device, description } = adapter?.info ?? {};
    return [vendor, architecture, device, description].filter((part) => part).join(" ") || "none";
  }
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (gl === null) return "none";
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  return String(gl.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
}

function api<T>(lib: Library<T>, mode: GpuMode): PageApi {
  const state: { work: Work<T> | undefined; launches: number } = {
    work: undefined,
    launches: Number.NaN,
  };
  return {
    async prepare(name) {
      const row = gpuRows.find((r) => r.name === name);
      if (row === undefined) throw new Error(`no row is called "${name}"`);
      if ((await lib.begin?.(name)) === false) return null;
      state.work = await lib.work(name, row.inputs().map(lib.tensor));
      return state.work === undefined ? null : numbers(lib, state.work);
    },
    async sample(calls) {
      if (state.work === undefined) throw new Error("prepare a row first");
      const before = lib.launches?.() ?? Number.NaN;
      const ms = await sample(lib, state.work, calls);
      state.launches = ((lib.launches?.() ?? Number.NaN) - before) / calls;
      return ms;
    },
    launches: () => state.launches,
    free: () => state.work?.free(),
    peaks: async () => measurePeaks(mode === "webgpu" ? await webGpuKernels() : webGlKernels()),
    adapter: () => adapterOf(mode),
  };
}

async function start(library: string | null, mode: GpuMode): Promise<PageApi> {
  if (library === "tfjs") {
    const { tfjs } = await import("./tfjs.js");
    return api(await tfjs(mode === "webgpu" ? "webgpu" : "webgl"), mode);
  }
  const { isograd } = await import("./isograd.js");
  return api(await isograd(mode), mode);
}

const asked = new URLSearchParams(location.search);
const mode = modes.find((name) => name === asked.get("mode"));
if (mode === undefined) throw new Error("the address names no mode");
window.bench = await start(asked.get("library"), mode);
