/**
 * @file The maps of vjp and linearize inside of other transforms: both are linear, and the
 * derivative of one is the other.
 */
import { memory, scope, type Tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  checkpoint,
  grad,
  hessian,
  isTracked,
  jacobian,
  jvp,
  linearize,
  noGrad,
  requiresGrad,
  stopGradient,
  vjp,
  vmap,
} from "../src/index.js";
import { f64, numbers } from "./helpers.js";

type Linear = (u: Tensor) => Tensor;

/** u ↦ 2 x u at x = (3, 4), twice: by vjp, and by linearize. */
function squareAt(x: Tensor): { name: string; map: Linear; dispose(): void }[] {
  const square = (y: Tensor) => y.square();
  const [back, on] = [vjp(square, x), linearize(square, x)];
  return [
    { name: "pull", map: (u) => back.pull(u), dispose: () => back.dispose() },
    { name: "push", map: (u) => on.push(u), dispose: () => on.dispose() },
  ];
}

const eye = f64([
  [1, 0],
  [0, 1],
]);

describe.each([0, 1])("a linear map made outside (%i)", (which) => {
  const made = squareAt(f64([3, 4]));
  const { map } = made[which] as (typeof made)[0];
  const u = f64([1, 10]);

  it("is differentiated by its argument", () => {
    // ∂ Σ 2 x u / ∂u = 2 x; ∂² Σ (2 x u)² / ∂u² = diag 8 x²
    expect(numbers(grad((v: Tensor) => map(v).sum())(u))).toEqual([6, 8]);
    expect(numbers(jvp(map, u, f64([1, 1]))[1])).toEqual([6, 8]);
    expect(numbers(jacobian(map)(u))).toEqual([6, 0, 0, 8]);
    expect(numbers(jacobian(map, { mode: "forward" })(u))).toEqual([6, 0, 0, 8]);
    expect(numbers(hessian((v: Tensor) => map(v).square().sum())(u))).toEqual([72, 0, 0, 128]);
    expect(numbers(grad((v: Tensor) => checkpoint(map)(v).sum())(u))).toEqual([6, 8]);
    expect(numbers(map(u))).toEqual([6, 80]);
  });

  it("runs on many at once, inside and outside of gradients", () => {
    expect(numbers(vmap(map)(eye))).toEqual([6, 0, 0, 8]);
    const squares = (v: Tensor) => map(v).square().sum();
    expect(numbers(vmap(grad(squares))(eye))).toEqual([72, 0, 0, 128]);
    expect(numbers(grad((U: Tensor) => vmap(squares)(U).sum())(eye))).toEqual([72, 0, 0, 128]);
    const leaf = requiresGrad(eye.mul(1));
    vmap(squares)(leaf).sum().backward();
    expect(numbers(leaf.grad as Tensor)).toEqual([72, 0, 0, 128]);
  });

  it("is seen by backward(), as often as it is called, and not by noGrad", () => {
    const leaf = requiresGrad(u.mul(1));
    map(leaf).sum().backward();
    map(leaf).sum().backward();
    expect(numbers(leaf.grad as Tensor)).toEqual([12, 16]);
    expect(isTracked(noGrad(() => map(leaf)))).toBe(false);
    expect(isTracked(map(u))).toBe(false);
    expect(isTracked(map(stopGradient(leaf)))).toBe(false);
  });
});

it("holds the point as a constant, also where that requires a gradient", () => {
  const x = requiresGrad(f64([3, 4]));
  for (const { map, dispose } of squareAt(x)) {
    const u = requiresGrad(f64([1, 1]));
    map(u).sum().backward();
    expect(numbers(u.grad as Tensor)).toEqual([6, 8]);
    dispose();
  }
  expect(x.grad).toBeNull();
});

it("is differentiated by point and argument where it is made inside", () => {
  // F = Σ 2 x u: ∂F/∂x = 2 u, ∂F/∂u = 2 x
  for (const k of [0, 1]) {
    const F = ([x, u]: [Tensor, Tensor]) => {
      const maps = squareAt(x);
      const out = maps[k]?.map(u).sum() as Tensor;
      for (const { dispose } of maps) dispose();
      return out;
    };
    const [gx, gu] = grad(F)([f64([3, 4]), f64([1, 10])]);
    expect([...numbers(gx), ...numbers(gu)]).toEqual([2, 20, 6, 8]);
  }
});

it("made inside, is a constant map after the walk of the transform around it", () => {
  const before = memory().tensors;
  scope(() => {
    for (const k of [0, 1]) {
      const maps: ReturnType<typeof squareAt> = [];
      const loss = (x: Tensor) => {
        maps.push(...squareAt(x));
        return maps.reduce((sum, { map }) => sum.add(map(x).sum()), x.sum());
      };
      // Σ x + 2 · 2 x²
      expect(numbers(grad(loss)(f64([3, 4])))).toEqual([25, 33]);
      const { map } = maps[k] as (typeof maps)[0];
      expect(numbers(map(f64([1, 10])))).toEqual([6, 80]);
      expect(isTracked(map(f64([1, 10])))).toBe(false);
      expect(numbers(grad((u: Tensor) => map(u).sum())(f64([1, 10])))).toEqual([6, 8]);
      for (const { dispose } of maps) dispose();
    }
  });
  expect(memory().tensors).toBe(before);
});

describe("what is recorded", () => {
  it("noGrad holds gradients inside of it constant", () => {
    // x · stop(3 x²): 3 x² = 27 at x = 3
    const slope = (x: Tensor) => grad((y: Tensor) => y.pow(3).sum())(x);
    const f = (x: Tensor) => x.mul(noGrad(() => slope(x))).sum();
    expect(grad(f)(f64([3])).item()).toBe(27);
    expect(grad((x: Tensor) => x.mul(slope(x)).sum())(f64([3])).item()).toBe(81); // 9 x²
  });

  it("createGraph reaches the leaf itself", () => {
    const x = requiresGrad(f64([3]));
    const slope = grad((y: Tensor) => y.pow(3).sum(), { createGraph: true })(x);
    slope.sum().backward();
    expect(x.grad?.item()).toBe(18); // 6 x
    const alone = grad((y: Tensor) => y.pow(3).sum(), { createGraph: true })(f64([3]));
    expect(() => alone.sum().backward()).toThrow(/depends on nothing that requires a gradient/);
  });

  it("stopGradient stops those of all samples under vmap", () => {
    const f = (x: Tensor) => x.mul(stopGradient(x));
    expect(numbers(grad((x: Tensor) => vmap(f)(x).sum())(f64([3, 4])))).toEqual([3, 4]);
    expect(numbers(grad((x: Tensor) => vmap(vmap(f))(x).sum())(f64([[3, 4]])))).toEqual([3, 4]);
    expect(numbers(vmap(grad(f))(f64([3, 4])))).toEqual([3, 4]);
  });
});
