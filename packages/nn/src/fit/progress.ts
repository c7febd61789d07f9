/** @file The progress of a run: a bar on a terminal, lines elsewhere, or nothing. */
import { barOn, isTerminal, output, type Terminal } from "./bar.js";
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

/** The reporter for the option `progress` of fit, on what the program prints to. */
export function reporterFor(
  option: boolean | "bar" | "lines" | Reporter | undefined,
  out = output(),
): Reporter | null {
  if (typeof option === "object") return option;
  if (option === false || (option === undefined && out === null)) return null;
  return option !== "lines" && isTerminal(out) ? bar(out) : lines();
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

/** A bar; what was printed of it gives way to one line at the end. */
function bar(out: Terminal): Reporter {
  const view = barOn(out);
  let head = "";
  let validated = "";
  return {
    start(title) {
      head = title === "" ? "" : `${title}: `;
      view.draw(0, `${head}training`);
    },
    step(record, part) {
      if (record.valLoss !== undefined) validated = `  val ${short(record.valLoss)}`;
      const text = `step ${record.step}  loss ${short(record.loss)}${validated}`;
      view.draw(part, `${head}${text}  ${clock(record.seconds)}`);
    },
    finish(last, stopped) {
      const seen = last?.valLoss === undefined ? validated : "";
      view.end(`${head}${LABELS[stopped]}${last === null ? "" : `, ${describe(last)}`}${seen}`);
    },
  };
}
