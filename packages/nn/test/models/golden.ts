/** @file Tiny checkpoints in the format of Hugging Face, and their values in PyTorch. */
import { readFileSync } from "node:fs";
import { grad } from "@isograd/autograd";
import { type DType, type Tensor, tensor } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import { expect } from "vitest";
import { loadPretrained, type Module, type PretrainedClass } from "../../src/index.js";
import { type Flat, flat } from "../helpers.js";

installMatchers();

const folder = new URL("../golden/models/", import.meta.url);

interface Case {
  readonly ids: number[][];
  readonly mask: number[][];
  readonly types: number[][];
  readonly greedy: number[][];
  readonly images: Flat;
  readonly hidden: Flat;
  readonly pooled: Flat;
  readonly classes: Flat;
  readonly score: Flat;
  readonly logits: Flat;
  readonly cotangent: Flat;
  readonly grads: Record<string, Flat>;
}

/** Values of PyTorch, from golden/models/make_models.py. */
export const cases = JSON.parse(readFileSync(new URL("models.json", folder), "utf8")) as Readonly<
  Record<"bert" | "roberta" | "gpt2" | "vit", Case>
>;

export type Name = keyof typeof cases;

/** The two files of a checkpoint. */
export function files(name: Name): { readonly config: Uint8Array; readonly weights: Uint8Array } {
  const read = (end: string) => new Uint8Array(readFileSync(new URL(name + end, folder)));
  return { config: read(".config.json"), weights: read(".safetensors") };
}

/** Loads a checkpoint; parameters that it lacks keep their initial values. */
export function load<M extends Module, C>(
  Model: PretrainedClass<M, C>,
  name: Name,
  dtype: DType = "float64",
  fresh: readonly string[] = [],
): M {
  return loadPretrained(Model, files(name), { dtype, fresh }).model;
}

export const int = (values: number[][]): Tensor => tensor(values, { dtype: "int32" });

/** Compares logits in both float types, and gradients in float64, with PyTorch's. */
export function likePyTorch<M extends Module, C>(
  Model: PretrainedClass<M, C>,
  name: Name,
  run: (model: M, float: DType) => Tensor,
  rename: (key: string) => string = (key) => key,
): void {
  const { logits, cotangent, grads } = cases[name];
  const model = load(Model, name);
  const close = { rtol: 1e-9, atol: 1e-9 };
  expect(run(model, "float64")).toBeCloseToTensor(logits, close);
  const single = run(load(Model, name, "float32"), "float32");
  expect(single.cast("float64")).toBeCloseToTensor(logits, { rtol: 2e-5, atol: 2e-5 });
  const found = grad((m: M) => run(m, "float64").mul(flat(cotangent)).sum())(model);
  for (const [key, value] of Object.entries(grads)) {
    const got = (found as Record<string, Tensor>)[rename(key)];
    expect(got, key).toBeCloseToTensor(value, close);
  }
}
