/**
 * @file Laws of the methods beside GPart: gauges, linearity, energies, zero starts, and what a seed
 * determines.
 */
import { fc, test } from "@fast-check/vitest";
import { grad } from "@isograd/autograd";
import { Linear } from "@isograd/nn";
import { rng, scope, type Tensor, tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  type Adapter,
  bitFit,
  deltaMap,
  denseProjection,
  distortion,
  fastfood,
  fourierFt,
  tiedLora,
  uniLora,
  vbLora,
  vera,
} from "../../src/index.js";
import { makers, Small, scramble } from "../adapters/models.js";

const float64 = { dtype: "float64" } as const;
const seeds = fc.nat();
const few = { numRuns: 20 };
const factors = fc.double({ min: 0.1, max: 10, noNaN: true });
const norm = (x: Tensor) => Math.sqrt(x.square().sum().item());
const layer = (rows = 6, columns = 4) =>
  new Linear(columns, rows, { rng: rng(0), ...float64, bias: false });

/** The relative change of ΔW when some trained numbers are multiplied. */
function change(adapter: Adapter, by: Readonly<Record<string, number>>): number {
  return scope(() => {
    const before = adapter.delta();
    for (const [name, c] of Object.entries(by)) {
      const p = adapter.trained[name]!;
      p.value = p.own.mul(c);
    }
    return norm(adapter.delta().sub(before)) / norm(before);
  });
}

describe("bilinear methods have a gauge: (c x, y/c) is the same ΔW", () => {
  test.prop([seeds, factors], few)("VeRA", (seed, c) => {
    const adapter = vera(layer(), { rank: 3, seed });
    scramble(adapter, seed);
    expect(
      change(adapter, { "weight.vera_lambda_b": c, "weight.vera_lambda_d": 1 / c }),
    ).toBeLessThan(1e-12);
  });

  test.prop([seeds, factors, factors], few)("Tied-LoRA", (seed, c, e) => {
    const adapter = tiedLora(layer(), { rank: 3, seed });
    scramble(adapter, seed);
    const by = {
      tied_lora_A: c,
      "weight.tied_lora_u": 1 / c,
      tied_lora_B: e,
      "weight.tied_lora_v": 1 / e,
    };
    expect(change(adapter, by)).toBeLessThan(1e-12);
  });
});

describe("linear methods", () => {
  const linear: [string, (seed: number) => Adapter][] = [
    ["dense", (seed) => denseProjection(layer(), { d: 5, seed })],
    ["Fastfood", (seed) => fastfood(layer(), { d: 5, seed })],
    ["FourierFT", (seed) => fourierFt(layer(), { coefficients: 5, seed })],
  ];
  it.each(linear)("%s: Φ(a x + b y) = a Φ(x) + b Φ(y)", (_, make) => {
    fc.assert(
      fc.property(seeds, factors, factors, (seed, a, b) => {
        scope(() => {
          const { map } = deltaMap(make(seed));
          const [x, y] = [rng(seed).normal([5], float64), rng(seed + 1).normal([5], float64)];
          const whole = map(x.mul(a).add(y.mul(b)));
          const parts = map(x).mul(a).add(map(y).mul(b));
          expect(norm(whole.sub(parts))).toBeLessThan(1e-12 * (norm(whole) + 1));
        });
      }),
      few,
    );
  });

  test.prop([seeds, fc.integer({ min: 2, max: 7 }), fc.integer({ min: 2, max: 7 })], few)(
    "FourierFT is a sum of waves",
    (seed, rows, columns) => {
      const adapter = fourierFt(layer(rows, columns), { coefficients: 4, scaling: 3, seed });
      scramble(adapter, seed);
      const c = adapter.trained["weight.fourierft_spectrum"]!.own.toArray() as number[];
      const places = adapter.frozen["weight.places"]!.own.toArray() as number[];
      expect(new Set(places).size).toBe(4);
      const delta = adapter.delta().toArray() as number[];
      delta.forEach((x, at) => {
        const [p, q] = [Math.floor(at / columns), at % columns];
        const waves = places.map((k, i) => {
          const [u, v] = [Math.floor(k / columns), k % columns];
          return (c[i] as number) * Math.cos(2 * Math.PI * ((u * p) / rows + (v * q) / columns));
        });
        const sum = (3 / (rows * columns)) * waves.reduce((s, w) => s + w, 0);
        expect(x).toBeCloseTo(sum, 12);
      });
    },
  );

  it("FourierFT loses the places that are each other's reflection: 34 of 64 are left", () => {
    const all = fourierFt(layer(8, 8), { coefficients: 64, scaling: 8 });
    const { singularValues, rank } = distortion(all, { steps: 1 });
    expect(rank).toBe(34);
    for (const s of singularValues.subarray(0, 34)) expect(s).toBeCloseTo(1, 12);
  });

  test.prop([seeds, fc.constantFrom(1, 2, 4, 8, 16)], few)(
    "Fastfood moves every weight by the same energy: all rows of P are √(d/N) long",
    (seed, d) => {
      scope(() => {
        const { map } = deltaMap(fastfood(layer(), { d, seed }));
        const energy = new Float64Array(24);
        for (let j = 0; j < d; j++) {
          const unit = tensor(Float64Array.from({ length: d }, (_, i) => (i === j ? 1 : 0)));
          map(unit)
            .dataSync()
            .forEach((x, i) => {
              energy[i] = (energy[i] as number) + x * x;
            });
        }
        for (const e of energy) expect(e).toBeCloseTo(d / 24, 12);
      });
    },
  );

  it.each([
    ["dense", denseProjection],
    ["Fastfood", fastfood],
  ] as const)("%s keeps squared lengths on average over seeds", (_, method) => {
    const theta = rng(1).normal([20], float64);
    const ratios = Array.from({ length: 200 }, (__, seed) =>
      scope(
        () =>
          (norm(deltaMap(method(layer(20, 10), { d: 20, seed })).map(theta)) / norm(theta)) ** 2,
      ),
    );
    // ‖Gθ‖²/‖θ‖² has mean 1 and standard deviation √(2/200) = 0.1; the mean of 200, 0.007.
    const mean = ratios.reduce((a, b) => a + b, 0) / 200;
    expect(Math.abs(mean - 1)).toBeLessThan(0.035);
  });
});

describe("VB-LoRA", () => {
  test.prop([seeds, fc.double({ min: -5, max: 5, noNaN: true })], few)(
    "does not see what is added to all logits",
    (seed, shift) => {
      scope(() => {
        const adapter = vbLora(layer(), { rank: 2, vectors: 5, vectorLength: 2, topK: 3, seed });
        scramble(adapter, seed);
        const before = adapter.delta();
        const logits = adapter.trained["weight.vblora_logits_A"]!;
        logits.value = logits.own.add(shift);
        expect(norm(adapter.delta().sub(before))).toBeLessThan(1e-10 * norm(before));
      });
    },
  );

  it("makes pieces of the bank's vectors: with k = 1, of one each", () => {
    const adapter = vbLora(layer(2, 2), { rank: 1, vectors: 3, vectorLength: 2, topK: 1 });
    scramble(adapter);
    const bank = adapter.trained.vblora_vector_bank!.own.toArray() as [number, number][];
    const products = bank.flatMap(([b0, b1]) =>
      bank.map(([a0, a1]) => [b0 * a0, b0 * a1, b1 * a0, b1 * a1].map((x) => x.toFixed(12)).join()),
    );
    const delta = (adapter.delta().toArray() as number[]).map((x) => x.toFixed(12)).join();
    expect(products).toContain(delta);
  });

  it("refuses vectors that do not fill a side, and mixtures of more than there are", () => {
    expect(() => vbLora(layer(), { vectorLength: 4 })).toThrow("take a divisor of 2");
    expect(() => vbLora(layer(), { vectors: 2, topK: 3 })).toThrow("a mixture of 3 vectors");
  });
});

describe("at the start", () => {
  it("Uni-LoRA has no gradient at θ = 0, GPart's kin have", () => {
    const gradientNorm = (adapter: Adapter) => {
      for (const p of adapter.parameters()) p.value = p.own.mul(0);
      const grads = grad((a: Adapter) => a.delta().sum())(adapter);
      return norm(Object.values(grads)[0] as Tensor);
    };
    expect(gradientNorm(uniLora(layer(), { d: 5, rank: 2 }))).toBe(0);
    expect(gradientNorm(fastfood(layer(), { d: 5 }))).toBeGreaterThan(0);
    expect(gradientNorm(denseProjection(layer(), { d: 5 }))).toBeGreaterThan(0);
  });

  it("FourierFT may begin with PEFT's random coefficients", () => {
    const adapter = fourierFt(layer(), { coefficients: 9, init: "normal" });
    expect(norm(adapter.trained["weight.fourierft_spectrum"]!.own)).toBeGreaterThan(1);
    expect(() => fourierFt(layer(), { init: "ones" as "zeros" })).toThrow('got "ones"');
    expect(() => fourierFt(layer(), { coefficients: 25 })).toThrow("which has 24 weights");
  });

  it("BitFit trains biases only", () => {
    const adapter = bitFit(new Small(1));
    expect(adapter.targets.map(({ name }) => name)).toEqual([
      "blocks.0.query.bias",
      "blocks.1.query.bias",
      "head.bias",
    ]);
  });
});

describe("random numbers that are not trained", () => {
  const made = makers.filter(([, make]) => Object.keys(make(new Small(1)).frozen).length > 0);
  it("are those of VeRA, FourierFT and the projections", () => {
    expect(made.map(([name]) => name)).toEqual([
      "vera",
      "fourierFt",
      "denseProjection",
      "fastfood",
    ]);
  });

  it.each(made)("%s: the same for a seed, others for another; not in the state", (_, make) => {
    const frozen = (seed: number) => {
      const { frozen: buffers } = make(new Small(1), { seed });
      return Object.values(buffers).map((b) => Array.from(b.own.dataSync()));
    };
    expect(frozen(3)).toEqual(frozen(3));
    expect(frozen(3)).not.toEqual(frozen(4));
    const names = Object.keys(make(new Small(1)).stateDict());
    expect(names.every((name) => name.startsWith("trained."))).toBe(true);
  });
});
