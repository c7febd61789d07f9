/**
 * @file functionalCall: a module with other weights, differentiated once and twice, and with its
 * own weights after every result or error.
 */
import { grad, gradcheck, gradgradcheck } from "@isograd/autograd";
import { ones, rng, ShapeError, type Tensor, tensor, UsageError, zeros } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import { Buffer, functionalCall, Linear, MLP, Module } from "../src/index.js";
import { double, f64 } from "./helpers.js";

installMatchers();
const random = () => rng(5, double);

describe("functionalCall", () => {
  it("uses the weights given, keeps the others, and puts the own ones back", () => {
    const layer = new Linear(2, 1, { rng: rng(0) });
    const own = layer.weight.value;
    const bias = layer.bias?.value as Tensor;
    const y = functionalCall(layer, { weight: zeros([1, 2]) }, (m) => m.forward(ones([1, 2])));
    expect(y.item()).toBe(bias.item());
    expect(layer.weight.value).toBe(own);
  });

  it("replaces buffers too", () => {
    class Shift extends Module {
      readonly by = new Buffer(tensor([1]));
      forward(x: Tensor): Tensor {
        return x.add(this.by.value);
      }
    }
    const shifted = functionalCall(new Shift(), { by: tensor([5]) }, (m) => m.forward(zeros([1])));
    expect(shifted).toEqualTensor([5]);
  });

  it("is differentiable by the weights, once and twice", () => {
    const model = new MLP([2, 3, 1], { activation: "tanh", rng: random(), ...double });
    const x = f64([
      [0.3, -0.7],
      [1.1, 0.2],
    ]);
    const f = (w: Tensor, v: Tensor) =>
      functionalCall(model, { "layers.0.weight": w, "layers.1.weight": v }, (m) => m.forward(x));
    const inputs = [random().normal([3, 2]), random().normal([1, 3])];
    expect(gradcheck(f, inputs)).toBeLessThan(1e-7);
    expect(gradgradcheck(f, inputs)).toBeLessThan(1e-6);
  });

  it("nests in grad of grad: the Hessian of a quadratic", () => {
    const layer = new Linear(2, 1, { rng: rng(0), bias: false, ...double });
    const x = f64([[2, 3]]);
    const loss = (w: Tensor) =>
      functionalCall(layer, { weight: w }, (m) => m.forward(x).square().sum());
    const hessianTimes = (v: Tensor) => (w: Tensor) => grad(loss)(w).mul(v).sum();
    const h = grad(hessianTimes(f64([[1, 0]])))(f64([[0.1, 0.2]]));
    expect(h).toBeCloseToTensor([[8, 12]]);
  });

  it("lets any function make the weights", () => {
    const layer = new Linear(2, 2, { rng: rng(0), ...double });
    const base = layer.stateDict();
    const low = (theta: { a: Tensor; b: Tensor }) =>
      functionalCall(layer, { weight: (base.weight as Tensor).add(theta.a.matmul(theta.b)) }, (m) =>
        m.forward(f64([[1, 2]])).sum(),
      );
    const grads = grad(low)({ a: f64([[0], [0]]), b: f64([[1, 1]]) });
    expect(grads.a).toBeCloseToTensor([[3], [3]]);
    expect(grads.b).toBeCloseToTensor([[0, 0]]);
  });

  it("refuses unknown names and other shapes, and puts everything back after errors", () => {
    const layer = new Linear(2, 1, { rng: rng(0) });
    const own = layer.weight.value;
    const call = (weights: Record<string, Tensor>) => functionalCall(layer, weights, (m) => m);
    expect(() => call({ wieght: ones([1, 2]) })).toThrow(
      'functionalCall: the module has no parameter "wieght"\n' +
        "  help: its parameters are: weight, bias",
    );
    expect(() => call({ weight: ones([2, 2]) })).toThrow(ShapeError);
    expect(() =>
      functionalCall(layer, { weight: ones([1, 2]) }, () => {
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect(() => functionalCall(layer, {}, async () => 1)).toThrow(UsageError);
    expect(layer.weight.value).toBe(own);
  });
});
