/** @file Layers against PyTorch: outputs, buffers afterwards, and all gradients. */
import { readFileSync } from "node:fs";
import { grad, gradcheck } from "@isograd/autograd";
import type { Tensor } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import { expect } from "vitest";
import { functionalCall, type Module } from "../../src/index.js";
import { type Flat, flat } from "../helpers.js";

installMatchers();

interface LayerCase {
  readonly x: Flat;
  readonly state: Record<string, Flat>;
  readonly outs: Flat[];
  readonly cots: Flat[];
  readonly grads: Record<string, Flat>;
  readonly after: Record<string, Flat>;
}

/** Values of PyTorch, from golden/make_layers.py. */
export const layers = JSON.parse(
  readFileSync(new URL("../golden/layers.json", import.meta.url), "utf8"),
) as { readonly more: Record<string, Flat>; readonly cases: Record<string, LayerCase> };

const close = { rtol: 1e-11, atol: 1e-11 };

/** Loads the state of a case into `model` and compares everything that `run` returns. */
export function likePyTorch<M extends Module>(
  name: string,
  model: M,
  run: (model: M, x: Tensor) => Tensor | readonly Tensor[],
  rename: (key: string) => string = (key) => key,
): void {
  const { x, state, outs, cots, grads, after } = layers.cases[name] as LayerCase;
  const dict = Object.entries(state).map(([key, value]) => [rename(key), flat(value)]);
  model.loadStateDict(Object.fromEntries(dict));
  const results: readonly Tensor[] = [run(model, flat(x))].flat();
  expect(results.length).toBe(outs.length);
  results.forEach((y, i) => void expect(y).toBeCloseToTensor(outs[i] as Flat, close));
  const now = model.stateDict();
  for (const [key, value] of Object.entries(after)) {
    expect(now[rename(key)]).toBeCloseToTensor(value, close);
  }
  const loss = (m: M, input: Tensor) => {
    const ys: readonly Tensor[] = [run(m, input)].flat();
    const terms = ys.map((y, i) => y.mul(flat(cots[i] as Flat)).sum());
    return terms.reduce((a, b) => a.add(b));
  };
  const { x: ofInput, ...rest } = grads;
  expect(grad((input: Tensor) => loss(model, input))(flat(x))).toBeCloseToTensor(
    ofInput as Flat,
    close,
  );
  if (Object.keys(rest).length === 0) return;
  const found = grad((m: M) => loss(m, flat(x)))(model) as Record<string, Tensor>;
  for (const [key, value] of Object.entries(rest)) {
    expect(found[rename(key)], key).toBeCloseToTensor(value, close);
  }
  expect(Object.keys(found).length).toBe(Object.keys(rest).length);
}

/** Gradients of every parameter and of the input against finite differences. */
export function checkGradients<M extends Module>(
  model: M,
  x: Tensor,
  run: (model: M, x: Tensor) => Tensor,
): void {
  const names = [...model.namedParameters().keys()];
  const values = names.map((name) => (model.stateDict()[name] as Tensor).mul(1));
  const f = (input: Tensor, ...weights: Tensor[]) =>
    functionalCall(model, Object.fromEntries(names.map((n, i) => [n, weights[i] as Tensor])), (m) =>
      run(m, input),
    );
  expect(gradcheck(f, [x, ...values])).toBeLessThan(1e-6);
}
