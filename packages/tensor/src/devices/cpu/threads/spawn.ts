/**
 * @file Starting a thread where the platform has any: Node's worker_threads, Web Workers of an
 * isolated page.
 */
import type { Setup } from "./control.js";
import { WORKER_SOURCE } from "./worker.js";

/** A thread that was started. */
export interface Thread {
  /** Ends it, wherever it is. */
  kill(): void;
}

/** Starts a thread; `died` is called, with the reason, when it ended or could not start. */
export type Spawn = (setup: Setup, died: (why: unknown) => void) => Thread;

interface NodeWorker {
  on(event: "error" | "exit", listener: (why: unknown) => void): void;
  unref(): void;
  terminate(): void;
}
interface NodeBuiltins {
  (id: "node:os"): { availableParallelism(): number };
  (
    id: "node:worker_threads",
  ): {
    Worker: new (source: string, options: Readonly<Record<string, unknown>>) => NodeWorker;
  };
}
interface Platform {
  readonly process?: {
    readonly versions?: { readonly node?: string };
    readonly getBuiltinModule?: NodeBuiltins;
  };
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly window?: unknown;
}
const platform = globalThis as Platform;

function nodeBuiltins(): NodeBuiltins | null {
  const { process } = platform;
  return (process?.versions?.node !== undefined && process.getBuiltinModule) || null;
}

/** How to start threads here; null where that cannot be. */
export function spawner(): Spawn | null {
  const builtins = nodeBuiltins();
  if (builtins !== null) return inNode(builtins);
  const isolated = platform.crossOriginIsolated === true;
  return isolated && typeof Worker === "function" ? inPage : null;
}

/** Threads that the machine runs at once. */
export function cores(): number {
  const builtins = nodeBuiltins();
  if (builtins !== null) return builtins("node:os").availableParallelism();
  return platform.navigator?.hardwareConcurrency ?? 1;
}

/** Whether this thread may sleep: the main thread of a page may not. */
export function maySleep(): boolean {
  return platform.window === undefined || nodeBuiltins() !== null;
}

function inNode(builtins: NodeBuiltins): Spawn {
  const { Worker } = builtins("node:worker_threads");
  return (workerData, died) => {
    const worker = new Worker(WORKER_SOURCE, { eval: true, workerData, execArgv: [] });
    worker.on("error", died);
    worker.on("exit", (code) => died(`exit code ${code}`));
    worker.unref(); // a program ends when its own work is done
    return { kill: () => worker.terminate() };
  };
}

const inPage: Spawn = (setup, died) => {
  const url = URL.createObjectURL(new Blob([WORKER_SOURCE], { type: "text/javascript" }));
  const worker = new Worker(url);
  let reason = "it cannot start";
  // told before the error of the worker, which has no message then
  const see = (event: SecurityPolicyViolationEvent) => {
    if (event.blockedURI.startsWith("blob")) reason = "the page's policy needs worker-src blob:";
  };
  addEventListener("securitypolicyviolation", see);
  worker.onerror = ({ message }) => died(message || reason);
  worker.postMessage(setup);
  return {
    kill() {
      removeEventListener("securitypolicyviolation", see);
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
};
