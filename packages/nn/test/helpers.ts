/** @file Helpers of nn's tests: PyTorch's golden values, float64 tensors, memory counts. */
import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { memory, type Tensor, tensor } from "@isograd/tensor";

/** A tensor in the golden file. */
export interface Flat {
  readonly shape: number[];
  readonly data: number[];
}

interface Golden {
  readonly optimisers: Record<string, { readonly w: Flat; readonly b: Flat }[]>;
  readonly losses: {
    readonly inputs: Record<"x" | "y" | "p" | "z" | "s", Flat> & { readonly t: number[] };
    readonly cases: Record<string, Flat>;
  };
  readonly layers: {
    readonly x: Flat;
    readonly ids: number[][];
    readonly states: Record<string, Record<string, Flat>>;
    readonly outs: Record<string, Flat>;
  };
  readonly schedules: Record<string, number[]>;
  readonly clipping: { readonly before: Flat[] } & Record<
    "clipped" | "free",
    { readonly limit: number; readonly norm: number; readonly after: Flat[] }
  >;
}

/** Values of PyTorch, from golden/make_golden.py. */
export const golden = JSON.parse(
  readFileSync(new URL("golden/golden.json", import.meta.url), "utf8"),
) as Golden;

/** float64, the dtype of the golden values. */
export const double = { dtype: "float64" } as const;

/** A float64 tensor of golden values. */
export function flat({ shape, data }: Flat): Tensor {
  return tensor(data, { shape, ...double });
}

/** float64 from nested arrays. */
export function f64(values: Parameters<typeof tensor>[0]): Tensor {
  return tensor(values, double);
}

export function int(values: Parameters<typeof tensor>[0]): Tensor {
  return tensor(values, { dtype: "int32" });
}

/** Handles and bytes in use. */
export function alive(): { readonly tensors: number; readonly bytes: number } {
  const { tensors, bytes } = memory();
  return { tensors, bytes };
}

/** Runs the garbage collector and then the finalizers, which free memory. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < 3; i++) {
    collect();
    await setImmediate();
  }
}

/** The bits of every tensor of a state dict. */
export function bits(dict: Readonly<Record<string, Tensor>>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(dict).map(([k, x]) => [k, Array.from(x.dataSync())]));
}
