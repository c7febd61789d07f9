/** @file The table on the terminal. */
import { type Library, libraries } from "./contender.js";
import type { Entry, Result } from "./run.js";

function digits(x: number): string {
  if (x >= 100) return x.toFixed(0);
  return x >= 10 ? x.toFixed(1) : x.toFixed(x >= 0.1 ? 2 : 3);
}

function figure({ unit }: Result, { ms, gflops }: Entry): string {
  if (unit === "GFLOP/s") return digits(gflops ?? 0);
  return digits(unit === "µs" ? ms * 1000 : ms);
}

/** The figure of a library, and how many times Isograd's time it takes. */
export function cell(result: Result, library: Library): string {
  const entry = result.entries[library];
  if (entry === undefined) {
    if (result.wrong.includes(library)) return "wrong";
    return library in result.notes ? "missing" : "–";
  }
  const own = library === "isograd" || Number.isNaN(entry.ratio);
  return own ? figure(result, entry) : `${figure(result, entry)}  ${digits(entry.ratio)}×`;
}

export const pad = (text: string, width: number) =>
  text + " ".repeat(Math.max(0, width - [...text].length));
export const padLeft = (text: string, width: number) =>
  " ".repeat(Math.max(0, width - [...text].length)) + text;

const NAME = 38;
const UNIT = 9;
const CELL = 16;

export function header(): string {
  return pad("", NAME + UNIT) + libraries.map((library) => padLeft(library, CELL)).join("");
}

/** One line: the figure of each library, and how many times Isograd's time it takes. */
export function line(result: Result): string {
  const cells = libraries.map((library) => padLeft(cell(result, library), CELL)).join("");
  return pad(result.name, NAME) + pad(result.unit, UNIT) + cells;
}

/** What the cells leave out: why something is missing or wrong. */
export function notes(results: readonly Result[]): string[] {
  return results.flatMap(({ name, notes: own }) =>
    Object.entries(own).map(([library, why]) => `${name}, ${library}: ${why}`),
  );
}
