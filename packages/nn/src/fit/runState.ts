/**
 * @file The plain part of a checkpoint: what a run needs beside its tensors, as JSON of which every
 * part is checked as it is read. Knows no tensor.
 */
import { FormatError, Rng } from "@isograd/tensor";
import type { LoaderState } from "../data/loader.js";
import type { OptimizerState } from "../optim/optimizer.js";
import type { FitRecord } from "./options.js";

/** The part of a checkpoint that is plain JSON. */
export interface RunState {
  readonly step: number;
  readonly epoch: number;
  /** Batches of the epoch that are done. */
  readonly position: number;
  readonly seconds: number;
  readonly history: readonly FitRecord[];
  readonly best: { readonly step: number; readonly valLoss: number } | null;
  /** Number of validations since the best one. */
  readonly worse: number;
  readonly loader: LoaderState | null;
  readonly generators: Readonly<Record<string, readonly number[]>>;
  readonly optimizer: Omit<OptimizerState, "tensors">;
  readonly averaged: number | null;
}

/** What is wrong with a checkpoint, as an error. */
export function damaged(problem: string): FormatError {
  return new FormatError(
    "fit",
    `the checkpoint is damaged: ${problem}`,
    "was it cut short or changed? Take the one before it, or start anew without resume",
  );
}

/** JSON, with the numbers that JSON does not have as text. */
export function writeRunState(run: RunState): string {
  return JSON.stringify(run, (_, x: unknown) =>
    typeof x === "number" && !Number.isFinite(x) ? String(x) : x,
  );
}

/** @throws FormatError unless every part is there, of its type, and within its range. */
export function readRunState(text: string): RunState {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw damaged(`its record is not JSON: ${(error as Error).message}`);
  }
  const run = part(json, "the record");
  const step = count(run, "step");
  const within = (of: Part, name: string): number => count(of, name, step);
  return {
    step,
    epoch: within(run, "epoch"),
    position: within(run, "position"),
    seconds: real(run, "seconds", (x) => x >= 0 && x < 1e12),
    history: list(run, "history").map((x, i) => readRecord(part(x, `history[${i}]`), step)),
    best: orNull(run, "best", (best) => ({
      step: within(best, "step"),
      valLoss: real(best, "valLoss", notNaN),
    })),
    worse: count(run, "worse"),
    loader: orNull(run, "loader", (loader) => ({
      epoch: count(loader, "epoch"),
      position: count(loader, "position"),
      shuffle: loader.of.shuffle === null ? null : generator(loader.of.shuffle, "loader.shuffle"),
    })),
    generators: table(run, "generators", generator),
    optimizer: readOptimizer(part(run.of.optimizer, "optimizer")),
    averaged: run.of.averaged === null ? null : count(run, "averaged"),
  };
}

function readRecord(record: Part, last: number): FitRecord {
  const { valLoss, metrics } = record.of;
  return {
    step: count(record, "step", last),
    epoch: count(record, "epoch", last),
    loss: real(record, "loss"),
    ...(valLoss !== undefined && { valLoss: real(record, "valLoss") }),
    ...(metrics !== undefined && { metrics: table(record, "metrics", number) }),
    lr: real(record, "lr", (x) => x >= 0 && Number.isFinite(x)),
    seconds: real(record, "seconds", (x) => x >= 0 && x < 1e12),
  };
}

function readOptimizer(optimizer: Part): RunState["optimizer"] {
  const { rule } = optimizer.of;
  if (typeof rule !== "string") throw wrong("optimizer.rule", rule, "a name");
  return {
    rule,
    lr: real(optimizer, "lr", (x) => x >= 0 && Number.isFinite(x)),
    steps: count(optimizer, "steps"),
    counts: table(optimizer, "counts", whole),
  };
}

/** An object of the record, and where it stands there. */
interface Part {
  readonly of: Readonly<Record<string, unknown>>;
  readonly at: string;
}

function part(x: unknown, at: string): Part {
  if (typeof x !== "object" || x === null || Array.isArray(x)) throw wrong(at, x, "an object");
  return { of: x as Record<string, unknown>, at: at === "the record" ? "" : `${at}.` };
}

function orNull<T>(of: Part, name: string, read: (x: Part) => T): T | null {
  const x = of.of[name];
  return x === null ? null : read(part(x, of.at + name));
}

function list(of: Part, name: string): readonly unknown[] {
  const x = of.of[name];
  if (!Array.isArray(x)) throw wrong(of.at + name, x, "a list");
  return x;
}

function table<T>(
  of: Part,
  name: string,
  read: (x: unknown, at: string) => T,
): Readonly<Record<string, T>> {
  const entries = Object.entries(part(of.of[name], of.at + name).of);
  return Object.fromEntries(entries.map(([key, x]) => [key, read(x, `${of.at}${name}.${key}`)]));
}

function count(of: Part, name: string, most = Number.MAX_SAFE_INTEGER): number {
  return whole(of.of[name], of.at + name, most);
}

function whole(x: unknown, at: string, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof x === "number" && Number.isSafeInteger(x) && x >= 0 && x <= most) return x;
  throw wrong(
    at,
    x,
    most < Number.MAX_SAFE_INTEGER ? `a whole number from 0 to ${most}` : "a count",
  );
}

function real(of: Part, name: string, fits: (x: number) => boolean = () => true): number {
  const x = number(of.of[name], of.at + name);
  if (!fits(x)) throw wrong(of.at + name, x, "in its range");
  return x;
}

const notNaN = (x: number): boolean => !Number.isNaN(x);

function number(x: unknown, at: string): number {
  if (typeof x === "number") return x;
  if (x === "NaN" || x === "Infinity" || x === "-Infinity") return Number(x);
  throw wrong(at, x, "a number");
}

function generator(x: unknown, at: string): readonly number[] {
  const state = Array.isArray(x) ? (x as readonly number[]) : [];
  try {
    Rng.fromState(state);
  } catch {
    throw wrong(at, x, "the state of a generator");
  }
  return state;
}

function wrong(at: string, x: unknown, what: string): FormatError {
  const found = x === undefined ? "missing" : String(JSON.stringify(x)).slice(0, 60);
  return damaged(`${at} is ${found}, not ${what}`);
}
