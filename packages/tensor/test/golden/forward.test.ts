/** @file Every op beside the values of NumPy, SciPy and PyTorch, in float64 and float32, on each device. */
import type * as library from "@isograd/tensor";
import * as engine from "@isograd/tensor/engine";
import {
  type FloatDType,
  firstDifference,
  forEachDevice,
  type GoldenCase,
  golden,
  goldenArgs,
  goldenFamilies,
  goldenFunctions,
  goldenResults,
  goldenTensor,
  goldenTitle,
  type Tolerance,
  valuesOf,
} from "@isograd/testkit";
import { describe, expect, it } from "vitest";

const TOLERANCE: Record<FloatDType, Tolerance> = {
  float64: { rtol: 1e-12, atol: 1e-12 },
  // What PyTorch's own tests allow for float32, with an absolute part for sums that cancel.
  float32: { rtol: 1.3e-6, atol: 1e-5 },
};

function check(test: GoldenCase, dtype: FloatDType, device: string): void {
  const inputs = test.in.map((x) => goldenTensor(x, dtype, device));
  const call = goldenFunctions[test.fn];
  if (call === undefined) throw new Error(`there is no function ${test.fn}`);
  const outs = goldenResults(call(...goldenArgs(test.args, inputs)));
  const problems = test.out.map((expected, i) => {
    const out = outs[i] as library.Tensor;
    const wanted = expected.dtype === "float" ? dtype : expected.dtype;
    if (out.dtype !== wanted) return `received dtype ${out.dtype}, expected ${wanted}`;
    const as = out.dtype === "float64" ? "float64" : "float32";
    return firstDifference(valuesOf(out), expected, TOLERANCE[as]);
  });
  expect(problems.filter((p) => p !== null).join("\n")).toBe("");
  expect(outs.length).toBe(test.out.length);
}

forEachDevice(["reference", "cpu"], (device) => {
  describe.each<FloatDType>(["float64", "float32"])("%s", (dtype) => {
    for (const family of goldenFamilies) {
      if (family === "special") continue; // special.test.ts, to the bit
      describe(family, () => {
        for (const test of golden(family)) {
          if (test.only !== undefined && test.only !== dtype) continue;
          it(goldenTitle(test), () => check(test, dtype, device));
        }
      });
    }
  });
});

describe("coverage", () => {
  it("has values for every op", () => {
    const covered = new Set(goldenFamilies.flatMap((family) => golden(family)).map((c) => c.fn));
    // pad goes through place; accumulate is add over its first operand.
    // The signs of vectors are arbitrary: eigh and svd go through eigvalsh, svdvals and pinv.
    const through = new Set(["place", "accumulate", "contiguous", "eigh", "svd"]);
    const missing = [...engine.allOps().keys()].filter((n) => !covered.has(n) && !through.has(n));
    expect(missing).toEqual([]);
  });
});
