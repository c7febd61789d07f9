/**
 * @file Every op of the registry: first and second derivatives against finite differences, in
 * float64.
 */
import { scope, type Tensor } from "@isograd/tensor";
import { allOps, isFloat } from "@isograd/tensor/engine";
import { runSample, samplesOf } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import { gradcheck, gradgradcheck } from "../src/index.js";
import { ruleOf } from "../src/rules/lookup.js";

/** Ops that round, or whose inputs must not change a little. */
const lossy = new Set(["cast"]);

describe.each([...allOps().values()])("$name", (op) => {
  it("has six samples or more", () => {
    expect(samplesOf(op, "reference").length).toBeGreaterThanOrEqual(6);
  });
  if (ruleOf(op) === null) return;
  samplesOf(op, "reference").forEach((sample) => {
    const results = runSample(sample);
    results.forEach((result, which) => {
      if (!isFloat(result.dtype)) return;
      const run = (...inputs: Tensor[]) => runSample(sample, inputs)[which] as Tensor;
      const options = {
        name: sample.title,
        ...(lossy.has(op.name) ? { step: 1e-2, absolute: 1e-4 } : {}),
      };
      it(`${sample.title}: first order`, () => {
        scope(() => gradcheck(run, sample.inputs, options));
      });
      it(`${sample.title}: second order`, () => {
        scope(() => gradgradcheck(run, sample.inputs, { absolute: 1e-5, ...options }));
      });
    });
  });
});
