/** @file Initial values: bounds, spread, gains, and one stream per generator. */
import { rng, type Tensor } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import { init, Linear } from "../src/index.js";

installMatchers();
const shape = [200, 100, 3];
const spread = (x: Tensor) => x.std().item();
const top = (x: Tensor) => x.abs().max().item();

describe("init", () => {
  it("counts connections of weights [out, in, …]", () => {
    expect(init.fans(shape)).toEqual({ fanIn: 300, fanOut: 600 });
    expect(() => init.fans([3])).toThrow("has no fan-in and fan-out");
  });

  it("uniform draws keep to their bounds", () => {
    const kaiming = init.kaimingUniform(shape, { rng: rng(0) });
    expect(top(kaiming)).toBeLessThanOrEqual(Math.fround(Math.sqrt(6 / 300)));
    expect(top(kaiming)).toBeGreaterThan(0.999 * Math.sqrt(6 / 300));
    expect(top(init.xavierUniform(shape, { rng: rng(0) }))).toBeCloseTo(Math.sqrt(6 / 900), 4);
    expect(top(init.linearDefault(shape, { rng: rng(0) }))).toBeCloseTo(1 / Math.sqrt(300), 4);
    const out = init.kaimingUniform(shape, { rng: rng(0), mode: "fanOut", gain: 1 });
    expect(top(out)).toBeCloseTo(Math.sqrt(3 / 600), 4);
  });

  it("normal draws have their spread", () => {
    expect(spread(init.kaimingNormal(shape, { rng: rng(1) }))).toBeCloseTo(Math.sqrt(2 / 300), 3);
    expect(spread(init.xavierNormal(shape, { rng: rng(1), gain: 2 }))).toBeCloseTo(
      2 * Math.sqrt(2 / 900),
      3,
    );
    expect(spread(init.normal(shape, { rng: rng(1), std: 0.02 }))).toBeCloseTo(0.02, 3);
  });

  it("gains are PyTorch's", () => {
    expect(init.gain("relu")).toBe(Math.SQRT2);
    expect(init.gain("tanh")).toBe(5 / 3);
    expect(init.gain("leakyRelu", 0.2)).toBeCloseTo(1.3867504905630728, 14);
  });

  it("are taken by layers, with dtype", () => {
    const layer = new Linear(3, 2, { rng: rng(0), init: init.constant(0.5), dtype: "float64" });
    expect(layer.weight.value).toEqualTensor([
      [0.5, 0.5, 0.5],
      [0.5, 0.5, 0.5],
    ]);
    expect(layer.weight.dtype).toBe("float64");
  });
});
