/** @file Inputs that are the same in every library and every run. */
import type { Numbers } from "./contender.js";

/** An array with a shape, on the host. */
export interface Host<D extends Numbers = Numbers> {
  readonly data: D;
  readonly shape: number[];
}

/** xorshift32: 32 random bits per call. */
function bits(seed: number): () => number {
  let x = seed | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Uniform in [−scale, scale). */
export function floats(shape: number[], seed: number, scale = 1): Host<Float32Array> {
  const next = bits(seed * 2654435761);
  const data = Float32Array.from({ length: sizeOf(shape) }, () => (next() / 2 ** 31 - 1) * scale);
  return { data, shape };
}

/** Uniform in 0 … n − 1. */
export function integers(shape: number[], n: number, seed: number): Host<Int32Array> {
  const next = bits(seed * 2246822519);
  return { data: Int32Array.from({ length: sizeOf(shape) }, () => next() % n), shape };
}

function zeros(shape: number[]): Host<Float32Array> {
  return { data: new Float32Array(sizeOf(shape)), shape };
}

/** Rows of zeros with a one at the class of each. */
export function oneHot({ data }: Host<Int32Array>, classes: number): Host<Float32Array> {
  const out = zeros([data.length, classes]);
  data.forEach((c, i) => {
    out.data[i * classes + c] = 1;
  });
  return out;
}
