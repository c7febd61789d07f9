/** @file What the page needs from a library, and how one sample is taken: the same for all. */
import type { Host } from "../../harness/inputs.js";

/** Work that can be repeated. */
export interface Work<T> {
  /** Starts the work once; gives its result and nothing else. */
  step(): T;
  free(): void;
}

/** A library on one kind of GPU interface. */
export interface Library<T> {
  /** Gets ready for a row; false when the library cannot run it. */
  begin?(row: string): Promise<boolean>;
  tensor(host: Host): T;
  /** The work of a row; undefined when it has none. */
  work(row: string, inputs: readonly T[]): Promise<Work<T> | undefined>;
  /** The first number of a result, by a kernel of its own: ready only when the whole result is. */
  first(x: T): T;
  read(x: T): Promise<ArrayLike<number>>;
  dispose(x: T): void;
  /** Kernels launched since the start, where the library counts them. */
  launches?(): number;
}

/**
 * Milliseconds for `calls` runs. The first number of each run is requested, so that no library can
 * skip a run. The queue of a GPU keeps its order: when the last number is ready, all work is done.
 */
export async function sample<T>(lib: Library<T>, work: Work<T>, calls: number): Promise<number> {
  const start = performance.now();
  let last: T | undefined;
  for (let i = 0; i < calls; i++) {
    const result = work.step();
    const first = lib.first(result);
    lib.dispose(result);
    if (last !== undefined) lib.dispose(last);
    last = first;
    await null; // ends the task, as between the steps of a training loop: queued work is sent
  }
  if (last === undefined) return 0;
  await lib.read(last);
  const end = performance.now();
  lib.dispose(last);
  return end - start;
}

/** Runs whose first numbers are compared before a row of steps is timed. */
const LOOKED_AT = 4;
const MOST = 4096;

/**
 * Numbers to compare: losses of the first steps, or every n-th number of a result and two means.
 */
export async function numbers<T>(lib: Library<T>, work: Work<T>): Promise<number[]> {
  const made: number[] = [];
  for (let i = 0; i < LOOKED_AT; i++) {
    const result = work.step();
    const values = await lib.read(result);
    lib.dispose(result);
    if (values.length > 1) return digest(values);
    made.push(values[0] ?? Number.NaN);
  }
  return made;
}

function digest(values: ArrayLike<number>): number[] {
  const every = Math.ceil(values.length / MOST) | 1;
  const picked: number[] = [];
  let [sum, squares] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const x = values[i] ?? Number.NaN;
    sum += x;
    squares += x * x;
    if (i % every === 0) picked.push(x);
  }
  return [...picked, sum / values.length, squares / values.length];
}
