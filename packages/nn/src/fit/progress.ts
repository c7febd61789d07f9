/** @file The progress of a run: a bar on a terminal, lines elsewhere, or nothing. */
import type { FitRecord, Reporter, StopReason } from "./options.js";

/** A record in one line of text. */
function describe(record: FitRecord): string {
  const { step, loss, valLoss, metrics = {}, seconds } = record;
  const parts = [`step ${step}`, `loss ${short(loss)}`];
  if (valLoss !== undefined) parts.push(`val ${short(valLoss)}`);
  for (const [name, value] of Object.entries(metrics)) parts.push(`${name} ${short(value)}`);
  return `${parts.join("  ")}  ${clock(seconds)}`;
}

function short(x: number): string {
  const size = Math.abs(x);
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? x.toExponential(2) : x.toPrecision(4);
}

function clock(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds.toFixed(1)} s` : `${minutes} min ${Math.floor(seconds % 60)} s`;
}

/** The reporter for the option `progress` of fit. */
export async function reporterFor(
  option: boolean | "bar" | "lines" | Reporter | undefined,
): Promise<Reporter | null> {
  if (option === false) return null;
  if (typeof option === "object") return option;
  const node = typeof process !== "undefined" && process.stdout !== undefined;
  if (option === "bar" || (option !== "lines" && node && process.stdout.isTTY === true)) {
    return bar();
  }
  return option === "lines" || option === true || node ? lines() : null;
}

const LABELS: Readonly<Record<StopReason | "error", string>> = {
  epochs: "done",
  maxSteps: "done",
  minutes: "done",
  patience: "stopped early",
  callback: "stopped by a callback",
  signal: "stopped",
  diverged: "stopped: the loss is not a number",
  error: "failed",
};

/** A line every five seconds; after a validation, if the last line is one second old. */
function lines(): Reporter {
  let title = "";
  let shown = Number.NEGATIVE_INFINITY;
  const print = (text: string): void => console.log(title === "" ? text : `${title}: ${text}`);
  return {
    start(given) {
      title = given;
    },
    step(record) {
      if (record.seconds - shown < (record.valLoss === undefined ? 5 : 1)) return;
      shown = record.seconds;
      print(describe(record));
    },
    finish(last, stopped) {
      print(`${LABELS[stopped]}${last === null ? "" : `, ${describe(last)}`}`);
    },
  };
}

/**
 * The bar of @clack/prompts, loaded on first use. The name is a variable, so that bundlers for
 * browsers leave the package out.
 */
async function bar(): Promise<Reporter> {
  const name = "@clack/prompts";
  const { progress } = (await import(/* @vite-ignore */ name)) as typeof import("@clack/prompts");
  const view = progress({ max: 1000, size: 30, indicator: "timer" });
  let done = 0;
  let validated = "";
  return {
    start: (title) => view.start(title === "" ? "training" : title),
    step(record, part) {
      if (record.valLoss !== undefined) validated = `  val ${short(record.valLoss)}`;
      const text = `step ${record.step}  loss ${short(record.loss)}${validated}`;
      const next = Math.min(1000, Math.floor(part * 1000));
      view.advance(Math.max(0, next - done), text);
      done = Math.max(done, next);
    },
    finish(last, stopped) {
      const seen = last?.valLoss === undefined ? validated : "";
      const text = `${LABELS[stopped]}${last === null ? "" : `, ${describe(last)}`}${seen}`;
      if (stopped === "error" || stopped === "diverged") view.error(text);
      else view.stop(text);
    },
  };
}
