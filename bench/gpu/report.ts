/** @file The table of the GPU bench: a row's figures in both modes side by side. */
import { cell, pad, padLeft } from "../harness/report.js";
import type { GpuResult } from "./measure.js";
import { modes } from "./protocol.js";

const NAME = 48;
const UNIT = 9;
const CELL = 14;

export function header(): string {
  const names = modes.flatMap((mode) => [mode, "tfjs"]);
  return pad("", NAME + UNIT) + names.map((name) => padLeft(name, CELL)).join("");
}

/**
 * In each mode: Isograd's figure, then that of TensorFlow.js and its time relative to Isograd's.
 */
export function line(name: string, results: readonly GpuResult[]): string {
  const cells = modes.flatMap((mode) => {
    const result = results.find((r) => r.mode === mode);
    if (result === undefined) return ["–", "–"];
    return [cell(result, "isograd"), cell(result, "tfjs")];
  });
  const unit = results[0]?.unit ?? "";
  return pad(name, NAME) + pad(unit, UNIT) + cells.map((text) => padLeft(text, CELL)).join("");
}

export function notes(results: readonly GpuResult[]): string[] {
  return results.flatMap(({ name, mode, notes: own }) =>
    Object.entries(own).map(([library, why]) => `${name}, ${library} on ${mode}: ${why}`),
  );
}

const percent = (share: number) => `${(100 * share).toPrecision(2)} %`;

/** Parts of the peaks that were reached. */
export function summary(results: readonly GpuResult[]): string[] {
  const shares = results.flatMap(({ name, mode, share }) =>
    share === undefined ? [] : [`  ${name}, ${mode}: ${percent(share.reached)} of ${share.of}`],
  );
  return shares.length === 0 ? [] : ["\nof the peaks measured on the page", ...shares];
}
