/**
 * @file The adjoint identity ⟨u, Jv⟩ = ⟨Jᵀu, v⟩ for every differentiable op, and laws of gradients.
 */
import { fc, test } from "@fast-check/vitest";
import { scope, type Tensor, tensor } from "@isograd/tensor";
import { allOps, isFloat } from "@isograd/tensor/engine";
import { runSample, samplesOf } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import { grad, jvp, vjp } from "../src/index.js";
import { ruleOf } from "../src/rules/lookup.js";

const waves = (x: Tensor, salt: number): Tensor =>
  tensor(
    Float64Array.from({ length: x.size }, (_, k) => Math.cos(1.3 * k + salt)),
    { shape: x.shape, device: x.device },
  );
const dot = (a: Tensor, b: Tensor): number => a.mul(b).sum().item();

describe.each([...allOps().values()].filter((op) => ruleOf(op) !== null))("$name", (op) => {
  it("has Jᵀ as the transpose of J", () => {
    for (const sample of samplesOf(op, "reference")) {
      sample.inputs.forEach((x, i) => {
        if (!isFloat(x.dtype) || x.size === 0) return;
        scope(() => {
          const f = (y: Tensor) =>
            runSample(
              sample,
              sample.inputs.map((z, j) => (i === j ? y : z)),
            )[0] as Tensor;
          const v = waves(x, 0.4);
          const [value, jv] = jvp(f, x, v);
          if (!isFloat(value.dtype) || value.dtype === "float32") return;
          const u = waves(value, 1.1);
          const back = vjp(f, x);
          const [left, right] = [dot(u, jv), dot(back.pull(u), v)];
          back.dispose();
          expect(Math.abs(left - right), sample.title).toBeLessThan(1e-10 * (1 + Math.abs(left)));
        });
      });
    }
  });
});

const vectors = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), {
  minLength: 1,
  maxLength: 6,
});

describe("laws", () => {
  test.prop([vectors, fc.double({ min: -3, max: 3, noNaN: true })])(
    "the gradient is linear",
    (v, k) => {
      const x = tensor(Float64Array.from(v), { device: "reference" });
      const [f, g] = [(y: Tensor) => y.tanh().sum(), (y: Tensor) => y.sin().mul(y).sum()];
      const both = grad((y: Tensor) => f(y).mul(k).add(g(y)))(x);
      const apart = grad(f)(x).mul(k).add(grad(g)(x));
      expect(both.sub(apart).abs().max().item()).toBeLessThan(1e-12);
    },
  );

  test.prop([vectors])("the chain rule holds", (v) => {
    const x = tensor(Float64Array.from(v), { device: "reference" });
    const inner = (y: Tensor) => y.sin();
    const outer = (y: Tensor) => y.exp().sum();
    const whole = grad((y: Tensor) => outer(inner(y)))(x);
    const parts = grad(outer)(inner(x)).mul(x.cos());
    expect(whole.sub(parts).abs().max().item()).toBeLessThan(1e-12);
  });
});
