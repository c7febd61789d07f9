/**
 * @file Compares one golden case: the gradients of a call with the vector-Jacobian products of
 * PyTorch.
 */
import { grad } from "@isograd/autograd";
import * as library from "@isograd/tensor";
import {
  type FloatDType,
  firstDifference,
  type GoldenCase,
  type GoldenTensor,
  goldenArgs,
  goldenFunctions,
  goldenResults,
  goldenTensor,
  type Tolerance,
  valuesOf,
} from "@isograd/testkit";
import { expect } from "vitest";

type Tensor = library.Tensor;

const TOLERANCE: Record<FloatDType, Tolerance> = {
  float64: { rtol: 1e-11, atol: 1e-12 },
  float32: { rtol: 1e-5, atol: 1e-5 },
};

/** Derivatives at special values where PyTorch gives others: ours, and why. */
const EXCEPTIONS: readonly { fn: string; at: number; slope: number; why: string }[] = [
  { fn: "abs", at: NaN, slope: NaN, why: "nothing is known of NaN; PyTorch says 0" },
  {
    fn: "relu",
    at: NaN,
    slope: 0,
    why: "the slope is 1 where x > 0; PyTorch says where not x ≤ 0",
  },
  { fn: "gelu", at: Infinity, slope: 1, why: "the limit; PyTorch multiplies ∞ by 0" },
  { fn: "gelu", at: -Infinity, slope: 0, why: "the limit; PyTorch multiplies ∞ by 0" },
  ...[Infinity, Number.MAX_VALUE].flatMap((x) => [
    { fn: "geluTanh", at: x, slope: 1, why: "the limit; PyTorch multiplies ∞ by 0" },
    { fn: "geluTanh", at: -x, slope: 0, why: "the limit; PyTorch multiplies ∞ by 0" },
  ]),
  { fn: "silu", at: Infinity, slope: 1, why: "the limit; PyTorch multiplies ∞ by 0" },
  { fn: "silu", at: -Infinity, slope: 0, why: "the limit; PyTorch multiplies ∞ by 0" },
  ...[-1, -1.5, -2.5, -10, -700, -745, -(2 ** 100), -Number.MAX_VALUE, -Infinity].map((at) => ({
    fn: "acosh",
    at,
    slope: NaN,
    why: "where the function is not defined; PyTorch takes the root of x² − 1",
  })),
  { fn: "softplus", at: 745, slope: 1, why: "eˣ/(1 + eˣ) is ∞/∞ in PyTorch below its threshold" },
];

/** The values of PyTorch, or ours for the exceptions, where all cotangents are 1. */
function expectedOf(fn: string, x: GoldenTensor, vjp: readonly number[]): readonly number[] {
  const ours = EXCEPTIONS.filter((e) => e.fn === fn);
  return vjp.map((v, i) => ours.find((e) => Object.is(e.at, x.data[i]))?.slope ?? v);
}

/** Compares the gradients of a case with its vector-Jacobian products. */
export function checkVjp(test: GoldenCase, dtype: FloatDType, device: string): void {
  const all = test.in.map((x) => goldenTensor(x, dtype, device));
  const isLive = (_: unknown, i: number) => test.vjp?.[i] != null;
  const cotangents = test.out.map((out, i) =>
    goldenTensor({ dtype: "float", shape: out.shape, data: test.cot?.[i] ?? [] }, dtype, device),
  );
  // Σ out · cotangent has the vector-Jacobian product as its gradient.
  const gradients = grad((live: Tensor[]) => {
    let next = 0;
    const inputs = all.map((x, i) => (isLive(x, i) ? (live[next++] as Tensor) : x));
    const call = goldenFunctions[test.fn] as (...args: readonly unknown[]) => Tensor;
    const outs = goldenResults(call(...goldenArgs(test.args, inputs)));
    return outs
      .map((out, i) => library.sum(library.mul(out, cotangents[i] as Tensor)))
      .reduce((a, b) => library.add(a, b));
  })(all.filter(isLive));
  const expected = test.in.flatMap((x, i) => {
    const data = test.vjp?.[i];
    return data == null ? [] : [{ shape: x.shape, data: expectedOf(test.fn, x, data) }];
  });
  const problems = expected.map((values, i) =>
    firstDifference(valuesOf(gradients[i] as Tensor), values, TOLERANCE[dtype]),
  );
  expect(problems.filter((p) => p !== null).join("\n")).toBe("");
}
