/** @file The one ambient record: who records, who watches, how many scopes are open. */
import type { Inputs, Recorder, Tracer, Watcher } from "./contract.js";
import type { Tensor } from "./tensor.js";

/** Whether this is a development build: `process.env.NODE_ENV` is not "production". */
export function isDevelopment(): boolean {
  return typeof process === "undefined" || process.env["NODE_ENV"] !== "production";
}

/**
 * The method by which an object that is state makes what it would make at its first use, so that a
 * captured program finds it.
 */
export const beforeCapture: unique symbol = Symbol.for("isograd.beforeCapture");

export const context = {
  /** Makes nodes of a tape; autograd's way in. */
  recorder: null as Recorder | null,
  /** Sees what passes the door, whoever records. */
  watcher: null as Watcher | null,
  /** Writes a program down; compile's way in. */
  tracer: null as Tracer | null,
  /** The number of open scopes. */
  depth: 0,
  /** Scopes up to this one take no new handles. */
  floor: 0,
  /** Whether ops look for shapes that were written to; see `init`. */
  checks: isDevelopment(),
};

/** The recorder that is installed, or null. */
export function currentRecorder(): Recorder | null {
  return context.recorder;
}

/** Installs a recorder and returns the one before it. */
export function setRecorder(recorder: Recorder | null): Recorder | null {
  const before = context.recorder;
  context.recorder = recorder;
  return before;
}

/**
 * Installs a watcher and returns the one before it. A function sees every op, recorded or not; an
 * object may watch memory too.
 */
export function setWatcher(watcher: Watcher | Recorder | null): Watcher | null {
  const before = context.watcher;
  context.watcher = typeof watcher === "function" ? { ran: watcher } : watcher;
  return before;
}

/** Installs a tracer and returns the one before it. */
export function setTracer(tracer: Tracer | null): Tracer | null {
  const before = context.tracer;
  context.tracer = tracer;
  return before;
}

/** The tracer that writes a program down now, or null. */
export function currentTracer(): Tracer | null {
  return context.tracer;
}

/**
 * What `run` makes of `inputs`, by ops whose numbers change from run to run: a captured program
 * asks for them again before each replay.
 */
export function changing(inputs: Inputs, run: (inputs: Inputs) => Tensor[]): Tensor[] {
  const { tracer } = context;
  return tracer === null ? run(inputs) : tracer.changing(inputs, run);
}

/** Does something on the host, now and after each replay of a program that is captured. */
export function eachRun(act: () => void): void {
  act();
  context.tracer?.after(act);
}
