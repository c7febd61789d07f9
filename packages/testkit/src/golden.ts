/** @file Reads the golden files: calls with the values that NumPy, SciPy and PyTorch give. */
import { readFileSync } from "node:fs";
import * as library from "@isograd/tensor";
import { type DType, type Shape, type Tensor, tensor } from "@isograd/tensor";
import * as engine from "@isograd/tensor/engine";

/** One file of `golden/`, under the name of the op family it covers. */
export type GoldenFamily = (typeof goldenFamilies)[number];

export const goldenFamilies = [
  "unary",
  "binary",
  "compare",
  "cast",
  "reduce",
  "normalize",
  "movement",
  "indexing",
  "convolution",
  "bits",
  "ordering",
  "standard",
  "arrays",
  "linalg",
  "fourier",
  "resampling",
  "matmul",
  "einsum",
  "slopes",
  "update",
  "functions",
  "skipping",
  "statistics",
  "special",
] as const;

/** The two dtypes in which a golden case runs. */
export type FloatDType = "float32" | "float64";

/** Values of a tensor; the dtype `float` stands for the one that a test runs in. */
export interface GoldenTensor {
  readonly dtype: DType | "float";
  readonly shape: Shape;
  readonly data: readonly number[];
}

/** `fn(...args)`, its results, and the vector-Jacobian products for the cotangents `cot`. */
export interface GoldenCase {
  readonly fn: string;
  /** JSON values, with `{ $: i }` in place of input i. */
  readonly args: readonly unknown[];
  readonly in: readonly GoldenTensor[];
  readonly out: readonly GoldenTensor[];
  /** Set when the values are right in this dtype only. */
  readonly only?: FloatDType;
  readonly cot?: readonly (readonly number[])[];
  /** One list of numbers for each input; null for inputs that have no gradient. */
  readonly vjp?: readonly (readonly number[] | null)[];
}

/** The functions of the cases by name: the public ones, and those of the engine. */
export const goldenFunctions: Readonly<Record<string, GoldenFunction>> = functionsOf({
  ...engine,
  ...library,
});

type GoldenFunction = (...args: readonly unknown[]) => Tensor | Tensor[];

function functionsOf(names: Readonly<Record<string, unknown>>): Record<string, GoldenFunction> {
  const isFunction = (entry: [string, unknown]): entry is [string, GoldenFunction] =>
    typeof entry[1] === "function";
  return Object.fromEntries(Object.entries(names).filter(isFunction));
}

const WORDS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
};

/** The cases of a family, in the order of the file. */
export function golden(family: GoldenFamily): GoldenCase[] {
  const url = new URL(`../golden/${family}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8"), revive) as GoldenCase[];
}

// JSON has no NaN and no infinities: number lists spell them out.
function revive(key: string, value: unknown): unknown {
  return typeof value === "string" && key !== "" && value in WORDS ? WORDS[value] : value;
}

/** A one-line name for a case: `sum [2, 3] {"axis":0}`. */
export function goldenTitle({ fn, args, in: inputs, only }: GoldenCase): string {
  const shapes = inputs.map((x) => `[${x.shape.join(", ")}]`).join(" ");
  const rest = args.filter((a) => !JSON.stringify(a).includes('"$"'));
  const more = rest.length === 0 ? "" : ` ${rest.map((a) => JSON.stringify(a)).join(" ")}`;
  return `${fn} ${shapes}${more}${only === undefined ? "" : ` (${only})`}`;
}

/** The tensor of golden values, `float` being `dtype`. */
export function goldenTensor(values: GoldenTensor, dtype: FloatDType, device: string): Tensor {
  return tensor([...values.data], {
    shape: values.shape,
    dtype: values.dtype === "float" ? dtype : values.dtype,
    device,
  });
}

/** The arguments of a case with its tensors in their places. */
export function goldenArgs(args: readonly unknown[], inputs: readonly Tensor[]): unknown[] {
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== "object" || value === null) return value;
    const place = (value as { $?: number }).$;
    if (place !== undefined) return inputs[place];
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, fill(v)]));
  };
  return args.map(fill);
}

/** The results of a call as a list; the call gives one tensor, a list, or tensors by name. */
export function goldenResults(result: Tensor | readonly Tensor[] | object): Tensor[] {
  if ("isTensor" in result) return [result];
  return Array.isArray(result) ? (result as Tensor[]) : (Object.values(result) as Tensor[]);
}

/** Values and derivatives of elementwise functions at one list of points, in one dtype. */
export interface RangeGolden {
  readonly only: FloatDType;
  /** One list of numbers for each operand. */
  readonly in: readonly (readonly number[])[];
  /**
   * By function: values, first derivatives (one list for each operand), then second ones (aa for
   * one operand; aa, ab and bb for two). Null outside of the domain. Some are too large for
   * float32.
   */
  readonly of: Readonly<Record<string, readonly (readonly (number | null)[])[]>>;
}

/** The tables of `golden/range.json`. */
export function rangeGolden(): RangeGolden[] {
  const url = new URL("../golden/range.json", import.meta.url);
  return JSON.parse(readFileSync(url, "utf8"), revive) as RangeGolden[];
}
