/** @file GRU and LSTM against PyTorch, their gradients and errors. */
import { ones, rng, ShapeError, type Tensor, UsageError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { GRU, LSTM } from "../../src/index.js";
import { alive, double, flat } from "../helpers.js";
import { checkGradients, layers, likePyTorch } from "./golden.js";

const random = (seed = 0) => rng(seed, double);
const make = { rng: random(), ...double };
const deep = { layers: 2, bidirectional: true, ...make };
const start = { h: flat(layers.more.h0 as never), c: flat(layers.more.c0 as never) };

describe("GRU", () => {
  it("is PyTorch's, parameter names included", () => {
    const all = (m: GRU, x: Tensor, h?: Tensor) => {
      const { output, h: last } = m.forward(x, h);
      return [output, last];
    };
    likePyTorch("gru", new GRU(3, 4, make), all);
    likePyTorch("gruNoBias", new GRU(3, 4, { bias: false, ...make }), all);
    likePyTorch("gruDeep", new GRU(3, 4, deep), (m, x) => all(m, x, start.h));
  });

  it("has the gradients of its formula", () => {
    checkGradients(new GRU(2, 3, make), random(1).normal([2, 3, 2]), (m, x) => m.forward(x).output);
  });
});

describe("LSTM", () => {
  it("is PyTorch's, parameter names included", () => {
    const all = (m: LSTM, x: Tensor, state = {}) => {
      const { output, h, c } = m.forward(x, state);
      return [output, h, c];
    };
    likePyTorch("lstm", new LSTM(3, 4, make), all);
    likePyTorch("lstmDeep", new LSTM(3, 4, deep), (m, x) => all(m, x, start));
  });

  it("has the gradients of its formula", () => {
    const model = new LSTM(2, 2, { layers: 2, ...make });
    checkGradients(model, random(2).normal([2, 3, 2]), (m, x) => m.forward(x).output);
  });

  it("goes on where it stopped", () => {
    const model = new LSTM(2, 3, { layers: 2, ...make });
    const x = random(3).normal([1, 6, 2]);
    const whole = model.forward(x);
    const first = model.forward(x.slice([null, [0, 4]]));
    const rest = model.forward(x.slice([null, [4, 6]]), first);
    expect(rest.output).toBeCloseToTensor(whole.output.slice([null, [4, 6]]));
    expect(rest.c).toBeCloseToTensor(whole.c);
  });

  it("draws within ±1/√size, drops between layers, frees what it makes", () => {
    const model = new LSTM(2, 16, { layers: 2, dropout: 0.5, rng: rng(0) });
    for (const p of model.parameters()) {
      expect(p.value.abs().max().item()).toBeLessThanOrEqual(0.25);
    }
    expect(model.namedGenerators().size).toBe(1);
    const x = ones([2, 4, 2]);
    const before = alive();
    const { output, h, c } = model.forward(x);
    for (const t of [output, h, c]) t.dispose();
    expect(alive()).toEqual(before);
  });

  it("says what is wrong", () => {
    const model = new LSTM(2, 3, { rng: rng(0) });
    expect(() => model.forward(ones([2, 3]))).toThrow(ShapeError);
    expect(() => model.forward(ones([2, 0, 3]))).toThrow("expected [n, time, 2]");
    expect(() => model.forward(ones([2, 1, 2]), { h: ones([2, 3]) })).toThrow(
      "LSTM: the state is [2, 3], expected [1, 2, 3]",
    );
    expect(() => new GRU(2, 3, { layers: 0, rng: rng(0) })).toThrow(UsageError);
  });
});
