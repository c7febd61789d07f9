/**
 * @file Ops that users define: by formula, by composition, by loop; checked like the built-in ones.
 */
import { type Tensor, tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { defineOp, grad, gradcheck, gradgradcheck, traceDot } from "../src/index.js";
import { f64, numbers } from "./helpers.js";

const cube = defineOp<readonly [Tensor]>({
  name: "cube",
  scalar: (x) => x * x * x,
  vjp: ({ inputs: [x] }) => [(g) => g.mul(x.square().mul(3))],
});

const hypotenuse = defineOp<readonly [Tensor, Tensor]>({
  name: "hypotenuse",
  forward: ([a, b]) => a.square().add(b.square()).sqrt(),
  vjp: ({ inputs: [a, b], out }) => [(g) => g.mul(a.div(out)), (g) => g.mul(b.div(out))],
});

const scaled = defineOp<readonly [Tensor], { factor: number }>({
  name: "scaled",
  infer: ([x]) => x,
  reference: ([x], { factor }, out) => {
    for (let i = 0; i < out.data.length; i++) out.data[i] = factor * (x?.data[i] as number);
  },
  vjp: ({ attrs: { factor } }) => [(g) => g.mul(factor)],
});

describe("defineOp", () => {
  it("runs a scalar formula on every device, broadcasting", () => {
    for (const device of ["cpu", "reference"]) {
      expect(numbers(cube(tensor([1, 2, -3], { device })))).toEqual([1, 8, -27]);
    }
    const ratio = defineOp<readonly [Tensor, Tensor]>({
      name: "r",
      scalar: (x, y) => x / y,
      vjp: null,
    });
    expect(ratio(f64([[2], [4]]), f64([1, 2])).toArray()).toEqual([
      [2, 1],
      [4, 2],
    ]);
  });

  it("is checked to second order like any op", () => {
    const x = f64([[0.5, -1, 2]]);
    expect(gradcheck((y) => cube(y), [x])).toBeLessThan(1e-7);
    expect(gradgradcheck((y) => cube(y), [x])).toBeLessThan(1e-6);
    expect(gradgradcheck((a, b) => hypotenuse(a, b), [x, f64([1, 2, 3])])).toBeLessThan(1e-6);
    expect(gradcheck((y) => scaled(y, { factor: 3 }), [x])).toBeLessThan(1e-7);
  });

  it("shows in pictures under its name", () => {
    expect(traceDot((x) => cube(x).sum(), f64([1]))).toContain("cube [1]");
  });

  it("uses the rule given, not the derivative of the forward", () => {
    const straight = defineOp<readonly [Tensor]>({
      name: "straightThroughRound",
      forward: ([x]) => x.round(),
      vjp: () => [(g) => g],
    });
    expect(numbers(straight(f64([1.7])))).toEqual([2]);
    expect(numbers(grad((x: Tensor) => straight(x).sum())(f64([1.7])))).toEqual([1]);
  });

  it("leaves tensors alone that a rule returns and did not make", () => {
    const constant = f64([5]);
    const fixed = defineOp<readonly [Tensor, Tensor]>({
      name: "fixed",
      forward: ([a, b]) => a.mul(b),
      vjp: () => [() => constant, () => constant],
    });
    const twice = defineOp<readonly [Tensor, Tensor]>({
      name: "twice",
      forward: ([a, b]) => a.add(b),
      vjp: () => {
        let made: Tensor | null = null;
        const once = (g: Tensor) => {
          made ??= g.mul(3);
          return made;
        };
        return [once, once];
      },
    });
    const both = grad(({ a, b }: { a: Tensor; b: Tensor }) => fixed(a, twice(a, b)).sum());
    const found = both({ a: f64([1]), b: f64([2]) });
    expect([numbers(found.a), numbers(found.b)]).toEqual([[5 + 15], [15]]);
    expect(constant.disposed).toBe(false);
  });

  it("says what is wrong with a definition or a rule", () => {
    expect(() => defineOp({ name: "nothing", vjp: null })).toThrow(/exactly one/);
    const wrong = defineOp<readonly [Tensor]>({
      name: "wrong",
      scalar: (x) => x * x,
      vjp: ({ inputs: [x] }) => [(g) => g.mul(x).mul(4)],
    });
    expect(() => gradcheck((x) => wrong(x), [f64([1])], { name: "wrong" })).toThrow(
      /wrong, input 0 at \[0\]: rule gives 4\.591\d*, finite differences give 2\.295.*\n.*factor of 2/,
    );
    const shape = defineOp<readonly [Tensor]>({
      name: "badShape",
      scalar: (x) => x,
      vjp: () => [() => f64([1, 2, 3])],
    });
    expect(() => grad((x: Tensor) => shape(x).sum())(f64([1, 2]))).toThrow(
      /badShape.*\[3\].*\[2\]/,
    );
  });
});

describe("a shape rule that gives no shape or dtype", () => {
  it.each([
    [null, "a shape is a list of lengths, got undefined\n  help: write [2, 3]"],
    [{ shape: 3, dtype: "float32" }, "a shape is a list of lengths, got 3\n  help: write [2, 3]"],
    [{ shape: [1.5], dtype: "float32" }, "shape [1.5] has the length 1.5\n  help: lengths are"],
    [{ shape: [1] }, 'unknown dtype "undefined"\n  help: choose one of'],
    [{ shape: [1], dtype: "float16" }, 'unknown dtype "float16"\n  help: choose one of'],
    [Promise.resolve(), "the function returned a promise"],
  ])("%j", (spec, problem) => {
    const op = defineOp<readonly [Tensor]>({
      name: "odd",
      infer: () => spec as never,
      reference: () => undefined,
      vjp: null,
    });
    expect(() => op(tensor([1]))).toThrow(problem);
  });
});

describe("an op that bears the name of a built-in one", () => {
  const own = defineOp<readonly [Tensor]>({
    name: "tanh",
    scalar: (x) => x + 100,
    vjp: () => [(g) => g.mul(7)],
  });
  const product = defineOp<readonly [Tensor, Tensor]>({
    name: "matmul",
    infer: ([a]) => a,
    reference: ([a, b], _, out) => {
      for (let i = 0; i < out.data.length; i++) {
        out.data[i] = (a?.data[i] as number) - (b?.data[i] as number);
      }
    },
    vjp: null,
  });

  it.each(["cpu", "reference"])("keeps its own values and rule on %s", (device) => {
    const x = tensor([[1, 2, 3]], { device });
    expect(numbers(own(x))).toEqual([101, 102, 103]);
    expect(numbers(x.tanh()).map((v) => v < 1)).toEqual([true, true, true]);
    expect(numbers(grad((y: Tensor) => own(y).sum())(x))).toEqual([7, 7, 7]);
    const square = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { device },
    );
    expect(product(square.mT, square).toArray()).toEqual([
      [0, 1],
      [-1, 0],
    ]);
  });
});
