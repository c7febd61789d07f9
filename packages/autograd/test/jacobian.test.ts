/** @file Jacobians in both modes, Hessians and their products, over tensors and trees. */
import { memory, type Tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { grad, hessian, hvp, jacobian, jvp, linearize, parameterBoxes } from "../src/index.js";
import { f64, numbers } from "./helpers.js";

interface Params {
  w: Tensor;
  b: Tensor;
}
const params = (): Params => ({ w: f64([[1, 2, 3]]), b: f64([0.5]) });
const model = ({ w, b }: Params): Tensor =>
  w
    .matmul(f64([[1], [-1], [2]]))
    .tanh()
    .mul(b);
const cubes = (x: Tensor): Tensor => x.mul(x).mul(x).sum();

describe("jacobian", () => {
  const f = (x: Tensor) =>
    x
      .reshape([2, 1])
      .sin()
      .mul(f64([1, 2, 3]));

  it("is the same in both modes", () => {
    const x = f64([0.3, -1]);
    const [reverse, forward] = [jacobian(f)(x), jacobian(f, { mode: "forward" })(x)];
    expect(reverse.shape).toEqual([2, 3, 2]);
    expect(forward.shape).toEqual([2, 3, 2]);
    expect(numbers(forward)).toEqual(numbers(reverse));
  });

  it("takes trees", () => {
    for (const mode of ["reverse", "forward"] as const) {
      const j = jacobian((p: Params) => p.w.mul(p.b), { mode })({ w: f64([2, 3]), b: f64([5]) });
      expect(j.w.toArray()).toEqual([
        [5, 0],
        [0, 5],
      ]);
      expect(j.b.toArray()).toEqual([[2], [3]]);
    }
  });

  it("has a shape when there is nothing in it", () => {
    const empty = f64([]);
    for (const mode of ["reverse", "forward"] as const) {
      expect(jacobian((x: Tensor) => x.mul(2), { mode })(empty).shape).toEqual([0, 0]);
      expect(jacobian(f, { mode })(f64([1, 2])).dtype).toBe("float64");
    }
  });

  it("can be differentiated", () => {
    const norm = (mode: "reverse" | "forward") => (x: Tensor) =>
      jacobian((y: Tensor) => y.square(), { mode })(x)
        .square()
        .sum();
    for (const mode of ["reverse", "forward"] as const) {
      expect(numbers(grad(norm(mode))(f64([1, 2])))).toEqual([8, 16]); // Σ(2x)² → 8x
    }
  });
});

describe("linearize and jvp", () => {
  it("push many tangents through one record, and leak nothing", () => {
    const run = () => {
      const map = linearize((x: Tensor) => x.square().mul(x), x);
      const first = map.push(v);
      const second = map.push(x);
      const got = [numbers(map.value), numbers(first), numbers(second)];
      for (const t of [map.value, first, second]) t.dispose();
      map.dispose();
      return got;
    };
    const [x, v] = [f64([1, 2]), f64([1, 10])];
    expect(run()).toEqual([
      [1, 8],
      [3, 120],
      [3, 24],
    ]);
    const before = memory();
    for (let i = 0; i < 10; i++) run();
    expect(memory()).toEqual(before);
  });

  it("agree with the Jacobian on trees", () => {
    const p = params();
    const v = { b: f64([2]), w: f64([[1, 0, -1]]) }; // matched by name, not by order
    const [, tangent] = jvp(model, p, v);
    const j = jacobian(model)(p);
    expect(tangent.item()).toBeCloseTo(j.w.mul(v.w).sum().item() + 2 * j.b.item(), 12);
    expect(() => jvp(model, p, { w: f64([1]), b: f64([1]) })).toThrow(/tangent\.w is shape \[1\]/);
  });

  it("see no dependence as zero", () => {
    expect(numbers(jvp(() => f64([1, 2]), f64([3]), f64([1]))[1])).toEqual([0, 0]);
  });
});

describe("second derivatives", () => {
  it("of trees come in trees of trees", () => {
    const h = hessian(({ w, b }: Params) => w.square().sum().mul(b.sum()))(params());
    expect(h.w.w.shape).toEqual([1, 3, 1, 3]);
    expect(h.w.b.toArray()).toEqual([[[2], [4], [6]]]);
    expect(h.b.w.toArray()).toEqual([[[2, 4, 6]]]);
    expect(h.b.b.toArray()).toEqual([[0]]);
  });

  it("multiply a vector without the matrix", () => {
    const [x, v] = [f64([1, 2, 3]), f64([1, -1, 0.5])];
    expect(numbers(hvp(cubes, x, v))).toEqual([6, -12, 9]);
    const whole = hessian((y: Tensor) => y.prod().tanh())(x).matmul(v);
    expect(numbers(hvp((y: Tensor) => y.prod().tanh(), x, v))).toEqual(numbers(whole));
  });

  it("multiply trees and modules", () => {
    const f = ({ w, b }: Params) => w.square().sum().mul(b.sum());
    const product = hvp(f, params(), { w: f64([[1, 0, 0]]), b: f64([2]) });
    expect(numbers(product.w)).toEqual([2 * 0.5 + 2 * 2, 8, 12]);
    expect(numbers(product.b)).toEqual([2]);
    const box = { value: f64([3]) };
    const module = { box, [parameterBoxes]: () => new Map([["k", box]]) };
    const cube = (m: typeof module) => m.box.value.pow(3).sum();
    expect(numbers(hvp(cube, module, { k: f64([2]) }).k as Tensor)).toEqual([36]);
  });

  it("leaves nothing behind", () => {
    const [x, v] = [f64([1, 2, 3]), f64([1, 1, 1])];
    hvp(cubes, x, v).dispose();
    const before = memory();
    for (let i = 0; i < 10; i++) hvp(cubes, x, v).dispose();
    expect(memory()).toEqual(before);
  });
});
