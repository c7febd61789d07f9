/** @file customVjp and customJvp: trees, modules, second order, other transforms. */
import { GradientError, memory, scope, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  checkpoint,
  customJvp,
  customVjp,
  grad,
  gradcheck,
  gradgradcheck,
  jacobian,
  jvp,
  parameterBoxes,
  requiresGrad,
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

describe("a function that returns what it did not make", () => {
  const x = f64([1, 2]);
  const reversed = customVjp(
    (y: Tensor) => y,
    (_, g) => [g.neg()],
  );

  it("may return its argument: gradient reversal, under every transform", () => {
    // cubed gives x³; its derivative −3 x² is wrong on purpose; its second one has the sign twice
    const cubed = (y: Tensor) => reversed(y).pow(3).sum();
    expect(numbers(reversed(x))).toEqual([1, 2]);
    expect(numbers(grad(cubed)(x))).toEqual([-3, -12]);
    expect(numbers(grad((y: Tensor) => grad(cubed)(y).sum())(x))).toEqual([6, 12]);
    expect(numbers(jvp((y) => reversed(y).square(), x, f64([1, 10]))[1])).toEqual([-2, -40]);
    expect(numbers(vmap(reversed)(x))).toEqual([1, 2]);
    expect(numbers(vmap(grad(cubed))(x))).toEqual([-3, -12]);
    expect(numbers(grad((y: Tensor) => vmap(cubed)(y).sum())(x))).toEqual([-3, -12]);
    const rows = f64([[1, 2]]);
    expect(numbers(grad((y: Tensor) => vmap(vmap(cubed))(y).sum())(rows))).toEqual([-3, -12]);
    expect(numbers(vmap(grad((y: Tensor) => vmap(cubed)(y).sum()))(rows))).toEqual([-3, -12]);
    expect(numbers(grad((y: Tensor) => checkpoint(cubed)(y))(x))).toEqual([-3, -12]);
    const leaf = requiresGrad(f64([1, 2]));
    cubed(leaf).backward();
    expect(numbers(leaf.grad as Tensor)).toEqual([-3, -12]);
    const slid = customJvp(
      (y: Tensor) => y,
      (_, [v]) => (v as Tensor).mul(4),
    );
    expect(numbers(grad((y: Tensor) => slid(y).sum())(x))).toEqual([4, 4]);
    expect(numbers(vmap(jacobian((y: Tensor) => slid(y)))(x))).toEqual([4, 4]);
  });

  it("may return a leaf of a tree or a module, a view, or a constant", () => {
    const first = customVjp(
      ({ a }: { a: Tensor; b: Tensor }) => a,
      (_, g) => [{ a: g.mul(5), b: null as never }],
    );
    const tree = { a: f64([1]), b: f64([2]) };
    const found = grad((t: typeof tree) => first(t).sum())(tree);
    expect([found.a.item(), found.b.item()]).toEqual([5, 0]);
    const box = { value: f64([2, 3]) };
    const model = { box, [parameterBoxes]: () => new Map([["k", box]]) };
    const value = customVjp(
      (m: typeof model) => m.box.value,
      (_, g) => [{ k: g.mul(9) }],
    );
    expect(numbers(grad((m: typeof model) => value(m).sum())(model).k as Tensor)).toEqual([9, 9]);
    const turned = customVjp(
      (y: Tensor) => y.mT,
      (_, g) => [g.mT.mul(3)],
    );
    const weights = f64([[1], [2]]);
    expect(numbers(grad((y: Tensor) => turned(y).mul(weights).sum())(f64([[7, 8]])))).toEqual([
      3, 6,
    ]);
    const constant = f64(7);
    const fixed = customVjp(
      (_: Tensor) => constant,
      ({ args: [y] }, g) => [y.mul(g)],
    );
    for (let i = 0; i < 2; i++) {
      expect(numbers(grad((y: Tensor) => fixed(y).sum())(x))).toEqual([1, 2]);
      expect(numbers(grad((y: Tensor) => vmap(fixed)(y).sum())(x))).toEqual([1, 2]);
    }
    expect(constant.item()).toBe(7);
    expect(fixed(x).item()).toBe(7);
    expect(customVjp(() => constant, () => [])().item()).toBe(7); // biome-ignore format: short
    expect(constant.item()).toBe(7);
  });

  it("hands out handles of its own, and leaks none", () => {
    const run = () => {
      const y = f64([1, 2]);
      const [a, b] = [reversed(y), reversed(y)];
      y.dispose();
      a.dispose();
      expect(numbers(b)).toEqual([1, 2]);
      b.dispose();
      scope(() => void grad((z: Tensor) => reversed(z).sum())(f64([1])));
      expect(() =>
        scope(() =>
          grad(() =>
            reversed(x)
              .add("a" as never)
              .sum(),
          )(x),
        ),
      ).toThrow();
    };
    run();
    const before = memory().tensors;
    run();
    expect(memory().tensors).toBe(before);
  });
});

describe("what functions with a derivative of their own are told", () => {
  const x = f64([1, 2]);
  type Given = (args: { args: readonly [Tensor, ...unknown[]] }, g: Tensor) => unknown;
  const gives = (given: Given) =>
    customVjp(function mine(y: Tensor, ..._: unknown[]) {
      return y.mul(1);
    }, given as never);
  const gradient = (given: Given, ...rest: unknown[]) =>
    grad((y: Tensor) => gives(given)(y, ...rest).sum())(x);

  it.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /mine: the backward gives undefined for a call of 1 argument\n/],
    [
      "a bare tensor",
      f64([1, 1]),
      /the backward gives a tensor for a call of 1 argument\n {2}help: return an array/,
    ],
    ["too few", [], /gives 0 cotangents for a call of 1/],
    ["too many", [f64([1, 1]), f64([1, 1])], /gives 2 cotangents for a call of 1/],
    ["a number", [2], /the cotangent of argument 0 is a number; the argument has shape \[2\]/],
    [
      "undefined",
      [undefined],
      /argument 0 is undefined; .*\n.* or null where there is no gradient/,
    ],
    ["another shape", [f64([1])], /of shape \[1\]; the argument has shape \[2\]/],
    ["a function", [() => 0], /argument 0 is a function/],
    [
      "whole numbers",
      [tensor([1, 1], { dtype: "int32", device: "reference" })],
      /mine: a cotangent of int32/,
    ],
  ])("a backward that gives %s", (_, given, message) => {
    expect(() => gradient(() => given)).toThrow(GradientError);
    expect(() => gradient(() => given)).toThrow(message);
    expect(() => vmap(grad((y: Tensor) => gives(() => given)(y)))(x)).toThrow(GradientError);
  });

  it("null is no gradient, for an argument or a tensor of a tree", () => {
    expect(numbers(gradient(() => [null]))).toEqual([0, 0]);
    expect(numbers(gradient((_, g) => [g.mul(2), null]))).toEqual([2, 2]);
    expect(numbers(gradient((_, g) => [g.mul(2), undefined], 3))).toEqual([2, 2]);
    expect(() => gradient((_, g) => [g.mul(2)], 3)).toThrow(/1 cotangents for a call of 2/);
    const tree = { w: f64([1]), at: tensor([0], { dtype: "int32", device: "reference" }) };
    expect(numbers(gradient((_, g) => [g, { w: null, at: null }], tree))).toEqual([1, 1]);
    expect(numbers(gradient((_, g) => [g, { w: f64([1]) }], tree))).toEqual([1, 1]);
    expect(() => gradient((_, g) => [g, {}], tree)).toThrow(/argument 1\.w is undefined/);
  });

  it.each<[string, unknown, string]>([
    ["a number", 3, "number"],
    ["nothing", undefined, "undefined"],
    ["a list", [x], "object"],
  ])("a function that returns %s", (_, made, kind) => {
    const f = customVjp((_: Tensor) => made as Tensor, (_, g) => [g]); // biome-ignore format: short
    expect(() => f(x)).toThrow(GradientError);
    expect(() => f(x)).toThrow(`customVjp: the function returned ${kind}, not a tensor`);
  });

  it("a function that disposes, and a disposed argument", () => {
    const late = customVjp(
      (y: Tensor) => {
        const made = y.mul(1);
        made.dispose();
        return made;
      },
      (_, g) => [g],
    );
    expect(() => late(x)).toThrow(/disposed what it returned/);
    const gone = f64([1]);
    gone.dispose();
    expect(() => late(gone)).toThrow(/used after it was disposed/);
    const greedy = customVjp(
      (y: Tensor) => {
        const made = y.mul(2);
        y.dispose();
        return made;
      },
      (_, g) => [g],
    );
    expect([...numbers(greedy(x)), ...numbers(x)]).toEqual([2, 4, 1, 2]);
  });

  it("what is no function, and a tangent that does not fit", () => {
    expect(() => customVjp(3 as never, () => [])).toThrow(/customVjp: f is a number/);
    expect(() => customVjp(() => x, undefined as never)).toThrow(UsageError);
    expect(() => customJvp((y: Tensor) => y, null as never)).toThrow(/customJvp: tangent is null/);
    const along = (tangent: unknown) =>
      customJvp((y: Tensor) => y.mul(1), (() => tangent) as never);
    const run = (tangent: unknown) => grad((y: Tensor) => along(tangent)(y).sum())(x);
    expect(() => run(undefined)).toThrow(/the tangent gives undefined, the value is float64 \[2\]/);
    expect(() => run(f64(1))).toThrow(/the tangent gives float64 \[\], the value is float64 \[2\]/);
    expect(() => run(x.greater(0))).toThrow(GradientError);
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

  it("takes tangents for the floats of a tree that holds integers too", () => {
    const pick = customJvp(
      ({ x, at }: { x: Tensor; at: Tensor }) => x.take(at),
      ({ args: [{ at }] }, [v]) => (v as { x: Tensor }).x.take(at).mul(4),
    );
    const at = tensor([1, 1, 0], { dtype: "int32", device: "reference" });
    expect(numbers(grad((x: Tensor) => pick({ x, at }).sum())(f64([5, 6])))).toEqual([4, 8]);
  });
});
