/** @file The worker: trains away from the page, so that the page stays smooth. */
import type { FromWorker, Place, ToWorker } from "./messages.js";
import { train } from "./training.js";

const state = { open: Promise.resolve(), resume: () => {} };

function tell(message: FromWorker): void {
  postMessage(message);
}

/** Why each place is not available; null if it is. */
async function places(): Promise<Record<Place, string | null>> {
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  const canvas = typeof OffscreenCanvas === "undefined" ? null : new OffscreenCanvas(1, 1);
  return {
    cpu: null,
    webgpu: adapter ? null : "no WebGPU here",
    webgl2: canvas?.getContext("webgl2") ? null : "no WebGL2 in workers here",
  };
}

async function start({ settings }: ToWorker & { kind: "start" }): Promise<void> {
  try {
    await train(settings, { tell, gate: () => state.open });
  } catch (error) {
    tell({ kind: "failed", text: error instanceof Error ? error.message : String(error) });
  }
}

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "start") void start(data);
  else if (data.kind === "resume") state.resume();
  else {
    state.open = new Promise((resolve) => {
      state.resume = resolve;
    });
  }
});

tell({ kind: "places", places: await places() });
