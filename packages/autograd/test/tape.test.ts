/** @file The tape: backward(), what is recorded, what is kept, and that nothing leaks. */
import { memory, ones, type Tensor, tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  backward,
  grad,
  isTracked,
  noGrad,
  requiresGrad,
  toDot,
  toMermaid,
  traceDot,
  valueAndGrad,
} from "../src/index.js";
import { f64, numbers } from "./helpers.js";

describe("backward", () => {
  it("adds to the gradients of leaves", () => {
    const w = requiresGrad(f64([3]));
    expect(w.grad).toBeNull();
    w.square().sum().backward();
    expect(numbers(w.grad as Tensor)).toEqual([6]);
    w.square().sum().backward();
    expect(numbers(w.grad as Tensor)).toEqual([12]);
  });

  it("reaches every leaf, through shared parts once each", () => {
    const a = requiresGrad(f64([2]));
    const b = requiresGrad(f64([5]));
    const shared = a.mul(b);
    shared.mul(shared).add(shared).sum().backward();
    expect(numbers(a.grad as Tensor)).toEqual([2 * 10 * 5 + 5]);
    expect(numbers(b.grad as Tensor)).toEqual([2 * 10 * 2 + 2]);
  });

  it("frees the graph unless told to keep it", () => {
    const w = requiresGrad(f64([3]));
    const loss = w.square().sum();
    backward(loss, { retainGraph: true });
    backward(loss);
    expect(numbers(w.grad as Tensor)).toEqual([12]);
    expect(() => backward(loss)).toThrow(/graph was freed/);
  });

  it("needs a number or a cotangent", () => {
    const w = requiresGrad(f64([3, 4]));
    expect(() => w.square().backward()).toThrow(/single number/);
    w.square().backward(f64([1, 10]));
    expect(numbers(w.grad as Tensor)).toEqual([6, 80]);
    expect(() => f64([1]).backward()).toThrow(/requiresGrad/);
    expect(() => requiresGrad(tensor([1], { dtype: "int32" }))).toThrow(/int32/);
  });

  it("works when intermediates were disposed by hand", () => {
    const w = requiresGrad(f64([3]));
    const square = w.square();
    const root = square.mul(w);
    square.dispose();
    const loss = root.sum();
    root.dispose();
    loss.backward();
    expect(numbers(w.grad as Tensor)).toEqual([27]);
  });
});

describe("recording", () => {
  it("happens only where a leaf is involved and nobody switched it off", () => {
    const w = requiresGrad(f64([3]));
    expect(isTracked(w.mul(2))).toBe(true);
    expect(isTracked(f64([1]).mul(2))).toBe(false);
    expect(isTracked(w.greater(0))).toBe(false);
    expect(noGrad(() => isTracked(w.mul(2)))).toBe(false);
    expect(noGrad(() => numbers(grad((x: Tensor) => x.square().sum())(f64([3]))))).toEqual([6]);
    const late = noGrad(() => requiresGrad(f64([1])));
    expect(isTracked(late.mul(2))).toBe(true);
  });

  it("restores itself after an error", () => {
    const w = requiresGrad(f64([3]));
    expect(() => noGrad(() => f64([1, 2]).add(f64([1, 2, 3])))).toThrow(/broadcast/);
    expect(isTracked(w.mul(2))).toBe(true);
  });
});

describe("memory", () => {
  it("stays flat over steps, whatever the function makes", () => {
    const x = ones([8, 4]);
    const params = { w: ones([4, 3]), b: ones([3]) };
    const f = valueAndGrad(({ w, b }: typeof params) => x.matmul(w).add(b).tanh().square().mean());
    const step = () => {
      const [value, g] = f(params);
      for (const t of [value, g.w, g.b]) t.dispose();
    };
    step();
    const before = memory();
    for (let i = 0; i < 200; i++) step();
    expect(memory()).toEqual(before);
  });

  it("stays flat for nested gradients and after errors", () => {
    const x = f64([1, 2]);
    const twice = () =>
      grad((y: Tensor) =>
        grad((z: Tensor) => z.tanh().sum())(y)
          .square()
          .sum(),
      )(x).dispose();
    const fails = () => {
      expect(() => grad((y: Tensor) => y.exp().add(f64([1, 2, 3])))(x)).toThrow();
    };
    twice();
    const before = memory();
    for (let i = 0; i < 20; i++) twice();
    expect(memory()).toEqual(before);
    fails();
    const after = memory();
    for (let i = 0; i < 20; i++) fails();
    // each call makes one tensor outside of any scope, which no step frees
    expect(memory().tensors - after.tensors).toBeLessThanOrEqual(20);
  });

  it("walks 30,000 nodes without running out of stack", () => {
    const g = grad((x: Tensor) => {
      let y = x;
      for (let i = 0; i < 30_000; i++) y = y.add(1);
      return y.sum();
    })(f64([1]));
    expect(numbers(g)).toEqual([1]);
  });

  it("visits each of 30,000 nodes once, though 2^15,000 paths lead through them", () => {
    const start = performance.now();
    const g = grad((x: Tensor) => {
      let y = x;
      for (let i = 0; i < 15_000; i++) y = y.add(y).mul(0.5);
      return y.sum();
    })(tensor([1]));
    expect(numbers(g)).toEqual([1]);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe("pictures", () => {
  it("show leaves, ops and shapes", () => {
    const w = requiresGrad(f64([[1, 2]]));
    const loss = w.matmul(w.mT).tanh().sum();
    expect(toDot(loss)).toContain('label="matmul [1, 1]" shape=box');
    expect(toDot(loss)).toContain('label="leaf [1, 2]" shape=oval');
    expect(toMermaid(loss)).toContain('["tanh [1, 1]"]');
    const before = memory().tensors;
    expect(traceDot((x) => x.exp(), f64([1]))).toContain("exp [1]");
    expect(memory().tensors - before).toBeLessThanOrEqual(1);
    expect(() => toDot(f64([1]))).toThrow(/no recorded graph/);
  });
});
