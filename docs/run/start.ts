/** @file Starts a worker for one program, and ends it. */
import type { Job, Report } from "./messages.js";

/** A program that runs. */
export interface Running {
  /** Ends it at once, in whatever loop it is. */
  stop(): void;
}

/** Runs a program in a worker of its own; `see` gets each report, the last one is done or error. */
export function start(job: Job, see: (report: Report) => void): Running {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const stop = () => worker.terminate();
  worker.addEventListener("message", ({ data }: MessageEvent<Report>) => {
    if (data.type === "done" || data.type === "error") stop();
    see(data);
  });
  worker.addEventListener("error", ({ message }) => {
    stop();
    const problem = message || "the worker of this page could not be loaded";
    see({ type: "error", line: undefined, failure: { name: "Error", problem } });
  });
  worker.postMessage(job);
  return { stop };
}
