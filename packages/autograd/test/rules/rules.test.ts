/**
 * @file Each rule in one test: first derivatives of all samples against finite differences and
 * against the vector-Jacobian products of PyTorch, in float64 on the reference device. A short form
 * of gradients.test.ts and golden/vjp.test.ts.
 */
import { scope, type Tensor } from "@isograd/tensor";
import { allOps, isFloat } from "@isograd/tensor/engine";
import { golden, goldenFamilies, runSample, samplesOf } from "@isograd/testkit";
import { describe, it } from "vitest";
import { gradcheck } from "../../src/index.js";
import { ruleOf } from "../../src/rules/lookup.js";
import { checkVjp } from "../golden/checkVjp.js";

const smooth = [...allOps().values()].filter((op) => ruleOf(op) !== null);

describe.each(smooth)("$name", (op) => {
  it("has the slope of differences", () => {
    const options = op.name === "cast" ? { step: 1e-2, absolute: 1e-4 } : {};
    for (const sample of samplesOf(op, "reference")) {
      scope(() => {
        runSample(sample).forEach((result, which) => {
          if (!isFloat(result.dtype)) return;
          const run = (...inputs: Tensor[]) => runSample(sample, inputs)[which] as Tensor;
          gradcheck(run, sample.inputs, { name: sample.title, ...options });
        });
      });
    }
  });
});

const live = goldenFamilies
  .flatMap((family) => golden(family))
  .filter((test) => test.only !== "float32" && test.vjp?.some((v) => v !== null));

describe("as PyTorch", () => {
  it.each([...new Set(live.map((test) => test.fn))])("%s", (name) => {
    for (const test of live) if (test.fn === name) checkVjp(test, "float64", "reference");
  });
});
