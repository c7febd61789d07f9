/** @file The fused message step against the plain one: values, both orders of gradients, memory. */
import { test } from "@fast-check/vitest";
import { grad, gradcheck } from "@isograd/autograd";
import {
  matmul,
  memory,
  mul,
  reshape,
  rng,
  scope,
  segmentSum,
  type Tensor,
  take,
} from "@isograd/tensor";
import { setWatcher } from "@isograd/tensor/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Plan, planOf } from "../../src/graphs/plan.js";
import { passMessages } from "../../src/layers/messages.js";
import { relativeError } from "../helpers.js";

const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });
type Step = (basis: Tensor, weight: Tensor, x: Tensor) => Tensor;
type Three = [Tensor, Tensor, Tensor];

interface Sizes {
  readonly E: number;
  readonly O: number;
  readonly B: number;
  readonly C: number;
  readonly V: number;
  readonly S: number;
}

/** The fused and the plain step on random edges; `width` is large, so there are many pieces. */
function steps(s: number, { E, O, B, C, V, S }: Sizes, width: number) {
  const random = rng(s, { dtype: "float64" });
  const source = random.integers([E], { high: S });
  const target = random.integers([E], { high: V });
  const plan = planOf({ source, target, senders: S, receivers: V }, width) as Plan;
  const plain: Step = (basis, weight, x) => {
    const kernel = reshape(matmul(basis, weight.mT), [E, O * C]);
    const messages = mul(kernel, take(reshape(x, [S, O * C]), source));
    return reshape(segmentSum(messages, target, V), [V * O, C]);
  };
  const fused: Step = (basis, weight, x) => passMessages(basis, weight, x, plan);
  const inputs: Three = [
    random.normal([E * O, B]),
    random.normal([C, B]),
    random.normal([S * O, C]),
  ];
  return { plan, plain, fused, inputs };
}

describe("passMessages", () => {
  test.prop([seed, fc.integer({ min: 0, max: 20 }), fc.constantFrom(1, 40_000)], { numRuns: 6 })(
    "is kernel, gather and sum, with both orders of derivatives",
    (s, E, width) => {
      const { plain, fused, inputs } = steps(s, { E, O: 2, B: 3, C: 4, V: 5, S: 6 }, width);
      expect(relativeError(fused(...inputs), plain(...inputs))).toBeLessThan(1e-13);
      const slopes = (f: Step) =>
        grad(
          (t: Three) =>
            f(...t)
              .square()
              .sum(),
          { createGraph: true },
        );
      const bent = (f: Step) =>
        grad((t: Three) => {
          const all = slopes(f)(t) as unknown as Three;
          return all.map((g) => g.square().sum()).reduce((a, b) => a.add(b));
        })(inputs) as unknown as Three;
      const [first, second] = [slopes(fused)(inputs), bent(fused)] as unknown as [Three, Three];
      slopes(plain)(inputs).forEach((g, i) => {
        expect(relativeError(first[i]!, g)).toBeLessThan(1e-12);
      });
      bent(plain).forEach((g, i) => {
        expect(relativeError(second[i]!, g)).toBeLessThan(1e-12);
      });
    },
  );

  it("passes the gradient check in pieces", () => {
    const { fused, inputs, plan } = steps(1, { E: 9, O: 2, B: 3, C: 4, V: 5, S: 6 }, 40_000);
    expect(plan.pieces.length).toBeGreaterThan(2);
    expect(gradcheck(fused, inputs)).toBeLessThan(1e-7);
  });

  it("holds a fraction of the memory, forward and backward", () => {
    const sizes = { E: 1200, O: 8, B: 16, C: 64, V: 120, S: 120 };
    const { plain, fused, inputs } = steps(2, sizes, 8 * sizes.O * sizes.C);
    const [basis, weight, x] = inputs.map((t) => t.cast("float32")) as Three;
    const peakOf = (f: Step): number => {
      const before = memory().bytes;
      let most = before;
      const watcher = setWatcher(() => {
        most = Math.max(most, memory().bytes);
      });
      try {
        scope(
          () =>
            void grad((t: Three) =>
              f(...t)
                .square()
                .sum(),
            )([basis, weight, x]),
        );
      } finally {
        setWatcher(watcher);
      }
      return most - before;
    };
    const perEdge = 4 * sizes.E * sizes.O * sizes.C;
    // Plain: kernel, gathered values and messages, and as much in the backward pass. Fused: none of
    // these.
    expect(peakOf(plain)).toBeGreaterThan(2.5 * perEdge);
    expect(peakOf(fused)).toBeLessThan(0.7 * perEdge);
  });
});
