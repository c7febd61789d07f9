/** @file Reads the fixtures of the file format tests, and times a refusal. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { FormatError } from "../../src/base/errors.js";

/** A file and what the reference library says of it. */
export interface Verdict<Result> {
  readonly case: string;
  readonly bytes: Uint8Array;
  readonly accept: boolean;
  readonly result: Result;
}

interface RawVerdict {
  readonly case: string;
  readonly bytes: string | null;
  readonly accept: boolean;
  readonly result?: unknown;
}

/** dtype and shape, as the reference library names them. */
export type Described = readonly [dtype: string, shape: readonly number[]];

export interface NumpyCase {
  readonly name: string;
  readonly bytes: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly (number | boolean | string)[];
  readonly saved?: boolean;
  readonly field?: string;
}

export interface NpzCase {
  readonly name: string;
  readonly bytes: string;
  readonly members: Record<string, { dtype: string; shape: number[]; sum: number }>;
}

const encoder = new TextEncoder();

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8")) as T;
}

/** A .safetensors file of this header and these bytes after it. */
export function safetensorsFile(header: string, data: ArrayLike<number> = []): Uint8Array {
  const text = encoder.encode(header);
  const file = new Uint8Array(8 + text.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(data, 8 + text.length);
  return file;
}

/** A .npy file of this header and these bytes after it. */
export function npyFile(header: string, data: ArrayLike<number> = [], major = 1): Uint8Array {
  const text = encoder.encode(header);
  const start = major === 1 ? 10 : 12;
  const file = new Uint8Array(start + text.length + data.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, major, 0]);
  const view = new DataView(file.buffer);
  if (major === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  file.set(text, start);
  file.set(data, start + text.length);
  return file;
}

/** The two files that the collection describes by name only, for their size. */
const DESCRIBED: Record<string, () => Uint8Array> = {
  "deeply nested json": () => safetensorsFile(`{"a":${"[".repeat(100_000)}`),
  "header above 10000 bytes": () =>
    npyFile(
      `{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }${" ".repeat(20_000)}\n`,
      new Uint8Array(8),
    ),
};

/** All files of the collection in one format. */
export function verdicts<Result>(format: "safetensors" | "npy"): Verdict<Result>[] {
  const all = readJson<Record<string, { cases: RawVerdict[] }>>("malformed-verdicts.json");
  return all[format]!.cases.map(({ case: name, bytes, accept, result }) => ({
    case: name,
    bytes: bytes === null ? DESCRIBED[name]!() : fromBase64(bytes),
    accept,
    result: result as Result,
  }));
}

/** Files written by NumPy. */
export function numpyCases(): { npy: NumpyCase[]; npz: NpzCase[] } {
  return readJson("numpy.json");
}

/** Milliseconds that a task may take; sources made ready for mutation count their every step, so time says nothing there. */
export function limit(milliseconds: number): number {
  return process.env.ISOGRAD_MUTATION === undefined ? milliseconds : Number.POSITIVE_INFINITY;
}

/** What most refusals say to do. */
const DAMAGED = "\n  help: the file is cut short or damaged: copy it again, or save it again";

/**
 * Expects a FormatError with a help within two seconds, at best of ten on a busy machine, and
 * returns its text, without the help that most have.
 */
export function refusal(load: () => unknown): string {
  let time = Number.POSITIVE_INFINITY;
  let error: unknown;
  for (let i = 0; i === 0 || (i < 10 && time >= limit(2000)); i++) {
    const start = performance.now();
    try {
      load();
      error = "no error";
    } catch (caught) {
      error = caught;
    }
    time = Math.min(time, performance.now() - start);
  }
  expect(error).toBeInstanceOf(FormatError);
  expect(time).toBeLessThan(limit(2000));
  const { message, help } = error as FormatError;
  expect(help, message).toBeTruthy();
  return message.endsWith(DAMAGED) ? message.slice(0, -DAMAGED.length) : message;
}
