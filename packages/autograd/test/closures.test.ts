/**
 * @file Functions with their own derivative may read only their arguments: other tracked tensors
 * are errors, not lost gradients.
 */
import { GradientError, memory, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  checkpoint,
  customJvp,
  customVjp,
  defineKernelOp,
  defineOp,
  grad,
  noGrad,
  parameterBoxes,
  requiresGrad,
  stopGradient,
  vmap,
} from "../src/index.js";
import { f64, numbers } from "./helpers.js";

type Unary = (x: Tensor) => Tensor;
const same = (_: unknown, g: Tensor): [Tensor] => [g];
const own = (f: Unary): Unary => customVjp(f, same);
const op = (f: Unary): Unary =>
  defineOp<readonly [Tensor]>({ name: "own", forward: ([x]) => f(x), vjp: () => [(g) => g] });

const LOST =
  /tracked tensor, of shape .* no argument .*: its gradient would be lost\n {2}help: pass it/;

describe("a tracked tensor from outside", () => {
  const inside: [string, (w: Tensor, x: Tensor) => Tensor][] = [
    ["is read", (w, x) => own((y) => y.mul(w))(x)],
    ["is read though it is an argument too", (w) => own((y) => y.mul(w))(w)],
    ["is returned", (w, x) => own(() => w)(x)],
    [
      "is read by a function without arguments",
      (w) =>
        customVjp(
          () => w.mul(2),
          () => [],
        )(),
    ],
    [
      "is read by the function of customJvp",
      (w, x) =>
        customJvp(
          (y: Tensor) => y.mul(w),
          (_, [v]) => v as Tensor,
        )(x),
    ],
    ["is read by the forward of an op", (w, x) => op((y) => y.mul(w))(x)],
    [
      "is an attribute of an op",
      (w, x) =>
        defineOp<readonly [Tensor], { w: Tensor }>({
          name: "own",
          forward: ([y], attrs) => y.mul(attrs.w),
          vjp: () => [(g) => g],
        })(x, { w }),
    ],
    [
      "is read by a gradient within",
      (w, x) => own((y) => grad((z: Tensor) => z.mul(w).sum())(y))(x),
    ],
    [
      "is read by a checkpoint within",
      (w, x) => own((y) => checkpoint((z: Tensor) => z.mul(w))(y))(x),
    ],
    ["is read on samples within", (w, x) => own((y) => vmap((z: Tensor) => z.mul(w.sum()))(y))(x)],
    ["is read by a function of one's own within", (w, x) => own((y) => op((z) => z.mul(w))(y))(x)],
    [
      "is read where the argument is a sample",
      (w, x) => vmap((y: Tensor) => own((z) => z.mul(w.sum()))(y))(x),
    ],
    [
      "is read by an op where the argument is a sample",
      (w, x) => vmap(op((z) => z.mul(w.sum())))(x),
    ],
    [
      "is a sample as the argument is",
      (w, x) => vmap((y: Tensor, v: Tensor) => own((z) => z.mul(v))(y))(x, w),
    ],
  ];
  it.each(inside)("is refused where it %s", (_, f) => {
    const [x, w] = [f64([1, 2]), f64([3, 4])];
    const before = memory().tensors;
    const run = () => grad((v: Tensor) => f(v, x).sum())(w);
    expect(run).toThrow(GradientError);
    expect(run).toThrow(LOST);
    expect(memory().tensors).toBe(before);
    const leaf = requiresGrad(w.mul(1));
    expect(() => f(leaf, x)).toThrow(LOST);
    expect(noGrad(() => f(leaf, x)).shape).toBeDefined(); // nothing is recorded, so nothing is lost
    expect(numbers(grad((v: Tensor) => v.mul(2).sum())(w))).toEqual([2, 2]); // as before
  });

  it("may be read as a constant, on purpose", () => {
    const [x, w] = [f64([1, 2]), f64([3, 4])];
    const held = (v: Tensor) => own((y) => y.mul(stopGradient(v)))(v);
    const off = (v: Tensor) => own((y) => noGrad(() => y.mul(v)))(v);
    for (const f of [held, off])
      expect(numbers(grad((v: Tensor) => f(v).sum())(w))).toEqual([1, 1]);
    const box = { value: requiresGrad(f64([5, 6])) };
    const model = { box, [parameterBoxes]: () => new Map([["k", box]]) };
    expect(() => own((y) => y.mul(model.box.value))(x)).toThrow(LOST);
    const asArgument = customVjp(
      (m: typeof model, y: Tensor) => m.box.value.mul(y),
      ({ args: [m, y] }, g) => [{ k: g.mul(y) }, g.mul(m.box.value)],
    );
    const found = grad((m: typeof model) => asArgument(m, x).sum())(model);
    expect(numbers(found.k as Tensor)).toEqual([1, 2]);
    // tensors made and differentiated inside do not matter outside
    const slope = customVjp(
      (y: Tensor) => grad((z: Tensor) => z.pow(3).sum())(y),
      ({ args: [y] }, g) => [g.mul(y).mul(6)],
    );
    expect(numbers(grad((y: Tensor) => slope(y).sum())(x))).toEqual([6, 12]);
  });
});

describe("a derivative that reads a tracked tensor from outside", () => {
  // F(w, x) = d/dx of x² with the derivative 2 w x: the derivative is recorded, so ∂F/∂w = 2 x and
  // ∂F/∂x = 2 w
  const scaled = (w: Tensor): [string, Unary][] => [
    [
      "backward",
      customVjp(
        (y: Tensor) => y.square(),
        ({ args: [y] }, g) => [g.mul(y).mul(w).mul(2)],
      ),
    ],
    [
      "tangent",
      customJvp(
        (y: Tensor) => y.square(),
        ({ args: [y] }, [v]) =>
          y
            .mul(v as Tensor)
            .mul(w)
            .mul(2),
      ),
    ],
    [
      "vjp",
      defineOp<readonly [Tensor]>({
        name: "own",
        forward: ([y]) => y.square(),
        vjp: ({ inputs: [y] }) => [(g) => g.mul(y).mul(w).mul(2)],
      }),
    ],
  ];
  it.each([0, 1, 2])("counts in derivatives of higher order (%i)", (k) => {
    const f = (w: Tensor) => scaled(w)[k]?.[1] as Unary;
    const F = ([w, x]: [Tensor, Tensor]) => grad((y: Tensor) => f(w)(y).sum())(x).sum();
    const [gw, gx] = grad(F)([f64([3]), f64([5])]);
    expect([gw.item(), gx.item()]).toEqual([10, 6]);
    const each = ([w, x]: [Tensor, Tensor]) => vmap(grad((y: Tensor) => f(w)(y)))(x).sum();
    const [ew, ex] = grad(each)([f64(3), f64([5, 7])]);
    expect([ew.item(), ...numbers(ex)]).toEqual([24, 6, 6]);
  });
});

describe("a sample of vmap from outside", () => {
  const [xs, ys] = [f64([1, 2]), f64([10, 20])];

  it("is read sample by sample by customVjp", () => {
    const product = (x: Tensor, y: Tensor) =>
      customVjp(
        (a: Tensor) => a.mul(y),
        (_, g) => [g.mul(y)],
      )(x);
    expect(numbers(vmap(product)(xs, ys))).toEqual([10, 40]);
    expect(numbers(vmap(grad(product))(xs, ys))).toEqual([10, 20]);
    // the walk comes after the samples
    expect(() => grad((x: Tensor) => vmap(product)(x, ys).sum())(xs)).toThrow(UsageError);
  });

  it("is refused by an op that is a composition", () => {
    expect(() => vmap((x: Tensor, y: Tensor) => op((a) => a.mul(y))(x))(xs, ys)).toThrow(
      /reads a sample of vmap that is no argument of its own\n {2}help: pass it/,
    );
    expect(() => vmap((x: Tensor, y: Tensor) => op(() => y)(x))(xs, ys)).toThrow(UsageError);
  });
});

it("constants of a kernel are numbers: no gradient goes through them", () => {
  const scaled = (w: Tensor) =>
    defineKernelOp<readonly [Tensor]>({
      name: "scaled",
      kernel: "function (a) { return this.constants.w * a[this.thread.x]; }",
      constants: () => ({ w: w.item() }),
      vjp: () => [(g) => g.mul(w)],
    });
  const f = (w: Tensor) => scaled(w)(tensor([2], { device: "reference" })).sum();
  expect(f(f64(3)).item()).toBe(6);
  expect(grad(f)(f64(3)).item()).toBe(0);
});
