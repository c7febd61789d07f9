/**
 * @file Laws of adapters as vectors: sums, means and copies; changes of weights as θ; many batches,
 * one scatter.
 */
import { fc, test } from "@fast-check/vitest";
import { grad, valueAndGrad } from "@isograd/autograd";
import { Linear, losses, MLP } from "@isograd/nn";
import { memory, rng, scope, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { setWatcher } from "@isograd/tensor/engine";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import {
  combineAdapters,
  compressDelta,
  fullFineTune,
  gpart,
  lora,
  microBatches,
  schemes,
} from "../../src/index.js";
import { bits, makers, Small, scramble } from "../adapters/models.js";

installMatchers();

const float64 = { dtype: "float64" } as const;
const seeds = fc.nat();
const norm = (x: Tensor) => Math.sqrt(x.square().sum().item());
const layer = () => new Linear(5, 6, { rng: rng(0), ...float64 });

describe("combined adapters", () => {
  test.prop([
    seeds,
    fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 4 }),
  ])("are the same sum of weights", (seed, weights) => {
    scope(() => {
      const model = layer();
      const adapters = weights.map((_, i) => {
        const adapter = gpart(model, { d: 7, seed, modulesToSave: ["bias"] });
        scramble(adapter, seed + i);
        return adapter;
      });
      const made = combineAdapters(adapters, { weights });
      const base = model.bias!.own;
      const sum = (f: (a: (typeof adapters)[0]) => Tensor) =>
        adapters.map((a, i) => f(a).mul(weights[i] as number)).reduce((p, q) => p.add(q));
      const delta = sum((a) => a.delta());
      expect(norm(made.delta().sub(delta))).toBeLessThanOrEqual(1e-12 * (1 + norm(delta)));
      const bias = base.add(sum((a) => a.saved.bias!.own.sub(base)));
      expect(norm(made.saved.bias!.own.sub(bias))).toBeLessThanOrEqual(1e-12 * norm(bias));
    });
  });

  it("of full fine-tuning are means of weights, not of nothing", () => {
    const model = layer();
    const [a, b] = [fullFineTune(model), fullFineTune(model)];
    scramble(a, 1);
    scramble(b, 2);
    const mean = combineAdapters([a, b], { weights: [0.5, 0.5] });
    const expected = a.trained.weight!.own.add(b.trained.weight!.own).div(2);
    expect(mean.trained.weight!.own).toBeCloseToTensor(expected, { rtol: 1e-12, atol: 1e-12 });
  });

  const model = new Small(1);
  it.each<[string, () => unknown, string]>([
    ["none", () => combineAdapters([]), "no adapters"],
    ["too few weights", () => combineAdapters([gpart(model, { d: 2 })], { weights: [] }), "got []"],
    [
      "NaN",
      () => combineAdapters([gpart(model, { d: 2 })], { weights: [Number.NaN] }),
      "finite weight",
    ],
    [
      "seeds that differ",
      () => combineAdapters([gpart(model, { d: 2 }), gpart(model, { d: 2, seed: 1 })]),
      "the adapters differ",
    ],
    [
      "targets that differ",
      () =>
        combineAdapters([gpart(model, { d: 2 }), gpart(model, { d: 2, targetModules: ["query"] })]),
      "the adapters differ",
    ],
    [
      "models that differ",
      () => combineAdapters([gpart(model, { d: 2 }), gpart(new Small(1), { d: 2 })]),
      "different models",
    ],
    ["LoRA", () => combineAdapters([lora(model)]), "LORA is not linear in its trained numbers"],
  ])("refuse %s", (_, run, message) => {
    expect(run).toThrow(UsageError);
    expect(run).toThrow(message);
  });
});

describe("clone", () => {
  it.each(makers)("of %s has the same outputs, and numbers of its own", (_, make) => {
    const adapter = make(new Small(1), { modulesToSave: ["head"] });
    scramble(adapter);
    const x = rng(3).normal([2, 6]);
    const copy = adapter.clone();
    const before = bits(adapter.forward(x));
    expect(bits(copy.forward(x))).toEqual(before);
    scramble(copy, 4);
    expect(bits(adapter.forward(x))).toEqual(before);
  });
});

describe("compressDelta", () => {
  test.prop([seeds, fc.integer({ min: 2, max: 30 }), fc.constantFrom(...schemes)])(
    "comes nearest: what is left is orthogonal to all that P reaches",
    (seed, d, scheme) => {
      scope(() => {
        const weight = rng(seed).normal([6, 5], float64);
        const options = { d, seed, scheme, warn: () => {} };
        const { adapter, energy } = compressDelta(layer(), { weight }, options);
        const rest = weight.reshape([30]).sub(adapter.delta());
        expect(Math.abs(rest.mul(adapter.delta()).sum().item())).toBeLessThan(
          1e-12 * norm(weight) ** 2,
        );
        const share = norm(adapter.delta()) ** 2 / norm(weight) ** 2;
        expect(energy).toBeCloseTo(share, 12);
      });
    },
  );

  it("keeps d/N of a change without structure, and all of an adapter's", () => {
    const model = new Linear(64, 64, { rng: rng(0), bias: false });
    const noise = { weight: rng(1).normal([64, 64]) };
    const found = Array.from({ length: 20 }, (_, seed) => {
      return compressDelta(model, noise, { d: 1024, seed }).energy;
    });
    const mean = found.reduce((a, b) => a + b, 0) / 20;
    expect(Math.abs(mean - 0.25)).toBeLessThan(0.01);
    const adapter = gpart(model, { d: 100, seed: 3 });
    scramble(adapter);
    const weight = adapter.delta().reshape([64, 64]);
    const again = compressDelta(model, { weight }, { d: 100, seed: 3 });
    expect(again.energy).toBeCloseTo(1, 6);
    expect(again.adapter.trained.theta!.own).toBeCloseToTensor(adapter.trained.theta!.own, {
      rtol: 1e-5,
      atol: 1e-6,
    });
    expect(compressDelta(model, { weight: weight.mul(0) }, { d: 100 }).energy).toBe(1);
  });

  it("wants the change of every target, and of nothing else", () => {
    const weight = rng(0).normal([6, 5], float64);
    const options = { d: 3 };
    expect(() => compressDelta(layer(), {}, options)).toThrow("the change of weight is missing");
    expect(() => compressDelta(layer(), { weight: weight.mT }, options)).toThrow(
      "[5, 6], not [6, 5]",
    );
    expect(() => compressDelta(layer(), { weight, x: weight }, options)).toThrow("x is no target");
  });
});

describe("microBatches", () => {
  const data = { x: rng(1).normal([64, 6]), y: rng(2).normal([64, 3]) };
  const parts = [0, 1, 2, 3].map((i) => ({
    x: data.x.slice([[16 * i, 16 * i + 16]]),
    y: data.y.slice([[16 * i, 16 * i + 16]]),
  }));
  type Batch = (typeof parts)[0];
  const loss = (m: Small, { x, y }: Batch) => losses.mse(m.forward(x), y);

  it.each(makers)("%s: the gradient of the whole", (_, make) => {
    const adapter = make(new Small(1), { modulesToSave: ["head"] });
    scramble(adapter);
    const [value, grads] = microBatches(adapter, loss, parts);
    const [whole, wanted] = valueAndGrad((a: typeof adapter) => a.run((m) => loss(m, data)))(
      adapter,
    );
    expect(value).toBeCloseToTensor(whole, { rtol: 1e-5, atol: 1e-6 });
    expect(Object.keys(grads)).toEqual(Object.keys(wanted));
    for (const [name, g] of Object.entries(wanted)) {
      expect(grads[name]!).toBeCloseToTensor(g, { rtol: 1e-3, atol: 1e-4 });
    }
  });

  it("leaves a loss that was made elsewhere", () => {
    const [fixed, adapter] = [tensor(0.5), gpart(new Small(1), { d: 12 })];
    const [value] = microBatches(adapter, () => fixed, parts);
    expect([value.item(), fixed.item()]).toEqual([0.5, 0.5]);
  });

  it("scatters once for each target for any number of batches, and drops the same entries", () => {
    const model = new Small(1);
    const adapter = gpart(model, { d: 12, dropout: 0.5 });
    scramble(adapter);
    const count = (batches: Batch[]) => {
      let scatters = 0;
      const watcher = setWatcher((op) => {
        if (op.name === "projectTranspose" && op.compose !== undefined) scatters++;
      });
      microBatches(adapter, loss, batches);
      setWatcher(watcher);
      return scatters;
    };
    expect(count(parts)).toBe(adapter.targets.length);
    expect(count(parts.slice(1))).toBe(adapter.targets.length);
    const state = adapter.dropoutRng.state();
    const [, grads] = microBatches(adapter, loss, [data]);
    adapter.dropoutRng.restore(state);
    const wanted = grad((a: typeof adapter) => a.run((m) => loss(m, data)))(adapter);
    expect(grads["trained.theta"]!).toBeCloseToTensor(wanted["trained.theta"]!, {
      rtol: 1e-3,
      atol: 1e-4,
    });
  });

  it("leaves nothing behind, and refuses no batches", () => {
    const adapter = gpart(new MLP([6, 3], { rng: rng(0) }), { d: 4 });
    const step = (m: MLP, { x, y }: Batch) => losses.mse(m.forward(x), y);
    scope(() => microBatches(adapter, step, parts).length);
    const before = memory().tensors;
    scope(() => microBatches(adapter, step, parts).length);
    expect(memory().tensors).toBe(before);
    expect(() => microBatches(adapter, step, [])).toThrow("there are no batches");
  });
});
