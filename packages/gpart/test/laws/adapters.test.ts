/** @file Laws of adapters: θ-space arithmetic, least squares, decay, LoRA's gauge. */
import { fc, test } from "@fast-check/vitest";
import { grad } from "@isograd/autograd";
import { Linear } from "@isograd/nn";
import { rng, scope, type Tensor } from "@isograd/tensor";
import { describe, expect } from "vitest";
import { gpart, lora, partition, project, projectTranspose } from "../../src/index.js";

const float64 = { dtype: "float64" } as const;
const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const norm = (x: Tensor) => Math.sqrt(x.square().sum().item());

/** A 6 × 5 layer in float64. */
function layer(seed: number): Linear {
  return new Linear(5, 6, { rng: rng(seed), ...float64, bias: false });
}

describe("gpart", () => {
  test.prop([seeds, fc.integer({ min: 1, max: 30 })])("adds in θ-space", (seed, d) => {
    scope(() => {
      const [a, b, both] = [0, 1, 2].map(() => gpart(layer(1), { d, seed }));
      a!.trained.theta!.value = rng(seed).normal([d], float64);
      b!.trained.theta!.value = rng(seed + 0.5).normal([d], float64);
      both!.trained.theta!.value = a!.trained.theta!.own.add(b!.trained.theta!.own);
      const error = norm(a!.delta().add(b!.delta()).sub(both!.delta()));
      expect(error).toBeLessThanOrEqual(1e-12 * norm(both!.delta()));
    });
  });

  test.prop([seeds, fc.integer({ min: 1, max: 30 })])(
    "θ = Pᵀ ΔW comes nearest to any ΔW, and keeps ‖θ‖²/‖ΔW‖² of its energy",
    (seed, d) => {
      scope(() => {
        const p = partition({ n: 30, d, seed });
        const delta = rng(seed).normal([30], float64);
        const theta = projectTranspose(p, delta);
        const rest = delta.sub(project(p, theta));
        expect(norm(projectTranspose(p, rest))).toBeLessThanOrEqual(1e-12 * norm(delta));
        const energy = norm(theta) ** 2 + norm(rest) ** 2;
        expect(energy).toBeCloseTo(norm(delta) ** 2, 10);
      });
    },
  );

  test.prop([seeds])("decay of θ is decay of the displacement", (seed) => {
    scope(() => {
      const adapter = gpart(layer(1), { d: 7, seed });
      adapter.trained.theta!.value = rng(seed).normal([7], float64);
      const byTheta = grad((a: typeof adapter) => a.trained.theta!.value.square().sum())(adapter);
      const byWeights = grad((a: typeof adapter) => a.delta().square().sum())(adapter);
      const [x, y] = [byTheta["trained.theta"]!, byWeights["trained.theta"]!];
      expect(norm(x.sub(y))).toBeLessThanOrEqual(1e-12 * norm(x));
    });
  });
});

describe("lora", () => {
  test.prop([seeds, fc.double({ min: 0.1, max: 10, noNaN: true })])(
    "(cA, B/c) is the same ΔW",
    (seed, c) => {
      scope(() => {
        const adapter = lora(layer(1), { rank: 2, seed });
        const { "weight.lora_A": a, "weight.lora_B": b } = adapter.trained;
        b!.value = rng(seed).normal([6, 2], float64);
        const before = adapter.delta();
        a!.value = a!.own.mul(c);
        b!.value = b!.own.div(c);
        expect(norm(adapter.delta().sub(before))).toBeLessThanOrEqual(1e-12 * norm(before));
      });
    },
  );
});
