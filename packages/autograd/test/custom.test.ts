/** @file customVjp and customJvp: trees, modules, second order, other transforms. */
import { memory, type Tensor, tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  checkpoint,
  customJvp,
  customVjp,
  grad,
  gradcheck,
  gradgradcheck,
  jvp,
  parameterBoxes,
  vmap,
} from "../src/index.js";
import { f64, numbers } from "./helpers.js";

interface Line {
  w: Tensor;
  b: Tensor;
}
/** tanh(w x + b), with its derivative written by hand. */
const layer = customVjp(
  ({ w, b }: Line, x: Tensor) => w.mul(x).add(b).tanh(),
  ({ args: [{ w }, x], out }, g) => {
    const h = g.mul(out.square().neg().add(1));
    return [{ w: h.mul(x), b: h }, h.mul(w)];
  },
);
const cube = customJvp(
  (x: Tensor, _: string) => x.mul(x).mul(x),
  ({ args: [x] }, [v]) =>
    x
      .square()
      .mul(3)
      .mul(v as Tensor),
);

describe("customVjp", () => {
  const line = { w: f64([0.5, -1]), b: f64([0.1, 0.2]) };
  const x = f64([2, 0.3]);

  it("uses the rule given, on trees, to second order", () => {
    const f = (w: Tensor, b: Tensor, y: Tensor) => layer({ w, b }, y);
    expect(gradcheck(f, [line.w, line.b, x])).toBeLessThan(1e-8);
    expect(gradgradcheck(f, [line.w, line.b, x])).toBeLessThan(1e-7);
    const wrong = customVjp(
      (y: Tensor) => y.exp(),
      (_, g) => [g.mul(7)],
    );
    expect(numbers(grad((y: Tensor) => wrong(y).sum())(x))).toEqual([7, 7]);
  });

  it("takes modules, integers and null", () => {
    const box = { value: f64([2, 3]) };
    const model = { box, [parameterBoxes]: () => new Map([["k", box]]) };
    const pick = customVjp(
      (m: typeof model, at: Tensor) => m.box.value.take(at),
      ({ args: [m] }, g) => [{ k: m.box.value.mul(g.sum()) }, null],
    );
    const at = tensor([1], { dtype: "int32", device: "reference" });
    expect(numbers(grad((m: typeof model) => pick(m, at).sum())(model).k as Tensor)).toEqual([
      2, 3,
    ]);
  });

  it("works under vmap, on both sides, and in a checkpoint", () => {
    const rows = f64([
      [2, 0.3],
      [1, -1],
    ]);
    const each = vmap(grad((y: Tensor) => layer(line, y).sum()))(rows);
    const outer = grad((ys: Tensor) => vmap((y: Tensor) => layer(line, y))(ys).sum())(rows);
    const plain = grad((ys: Tensor) => line.w.mul(ys).add(line.b).tanh().sum())(rows);
    const saved = grad((ys: Tensor) => checkpoint((y: Tensor) => layer(line, y))(ys).sum());
    expect(numbers(each)).toEqual(numbers(plain));
    expect(numbers(outer)).toEqual(numbers(plain));
    const first = saved(f64([2, 0.3]));
    expect(numbers(first)).toEqual(numbers(plain).slice(0, 2));
  });

  it("says when a cotangent has the wrong shape, and leaks nothing", () => {
    const wrong = customVjp(
      (y: Tensor) => y.exp(),
      (_, g) => [g.sum()],
    );
    expect(() => grad((y: Tensor) => wrong(y).sum())(x)).toThrow(/shape \[\].*shape \[2\]/);
    const run = () => grad((y: Tensor) => layer(line, y).add(cube(y, "")).sum())(x).dispose();
    run();
    const before = memory();
    for (let i = 0; i < 10; i++) run();
    expect(memory()).toEqual(before);
  });
});

describe("customJvp", () => {
  it("is transposed for gradients, to second order", () => {
    const x = f64([1, -2]);
    expect(numbers(grad((y: Tensor) => cube(y, "three").sum())(x))).toEqual([3, 12]);
    expect(numbers(jvp((y) => cube(y, "three"), x, f64([1, 10]))[1])).toEqual([3, 120]);
    expect(gradgradcheck((y) => cube(y, "three"), [x])).toBeLessThan(1e-6);
    expect(numbers(vmap(grad((y: Tensor) => cube(y, "three")))(x))).toEqual([3, 12]);
  });
});
