/**
 * @file Ownership: disposed tensors are errors, tensors that a function only passes on stay alive,
 * scopes close.
 */
import {
  keep,
  memory,
  onesLike,
  scope,
  type Tensor,
  tensor,
  UsageError,
  zerosLike,
} from "@isograd/tensor";
import { scopeDepth, unscoped } from "@isograd/tensor/engine";
import { describe, expect, it } from "vitest";
import {
  backward,
  checkpoint,
  grad,
  gradcheck,
  hessian,
  hvp,
  isTracked,
  jacobian,
  jvp,
  linearize,
  requiresGrad,
  stopGradient,
  valueAndGrad,
  vjp,
  vmap,
} from "../src/index.js";
import { f64, numbers } from "./helpers.js";

const alive = () => memory().tensors;

/**
 * Runs `fn`, which must refuse disposed tensors; another tensor of the same size must not change.
 */
function refuses(fn: (dead: Tensor) => unknown): void {
  const dead = tensor([1, 2, 3, 4]);
  dead.dispose();
  const canary = tensor([5, 6, 7, 8]); // takes the memory that was freed
  const before = alive();
  let error: unknown;
  try {
    fn(dead);
  } catch (thrown) {
    error = thrown;
  }
  expect(error, String(fn)).toBeInstanceOf(UsageError);
  expect((error as UsageError).message, String(fn)).toMatch(/dispose.*\n {2}help: /);
  expect(alive(), String(fn)).toBe(before);
  const [a, b] = [tensor([9, 9, 9, 9]), tensor([8, 8, 8, 8])];
  expect(canary.toArray(), String(fn)).toEqual([5, 6, 7, 8]);
  expect(a.toArray(), String(fn)).toEqual([9, 9, 9, 9]);
  for (const x of [canary, a, b]) x.dispose();
  expect(scopeDepth()).toBe(0);
}

const total = (x: Tensor) => x.square().sum();

describe("a disposed tensor", () => {
  it("is refused by every transform, before anything is touched", () => {
    refuses((w) => grad(total)(w));
    refuses((w) => valueAndGrad(total)(w));
    refuses((w) => vjp(total, w));
    refuses((w) => linearize(total, w));
    refuses((w) => jvp(total, w, onesLike(w)));
    refuses((w) => jacobian(total)(w));
    refuses((w) => jacobian(total, { mode: "forward" })(w));
    refuses((w) => hessian(total)(w));
    refuses((w) => hvp(total, w, w));
    refuses((w) => vmap(total)(w));
    refuses((w) => checkpoint(total)(w));
    refuses((w) => stopGradient(w));
    refuses((w) => requiresGrad(w));
    refuses((w) => gradcheck(total, [w]));
    refuses((w) => grad(({ a }: { a: Tensor[] }) => total(a[0] as Tensor))({ a: [w] }));
  });

  it("is refused as a cotangent, a tangent, and a loss", () => {
    const x = tensor([1, 2, 3, 4]);
    const leaf = requiresGrad(tensor([1, 2, 3, 4]));
    const square = leaf.square();
    const back = vjp((y: Tensor) => y.square(), x);
    const map = linearize((y: Tensor) => y.square(), x);
    refuses((w) => back.pull(w));
    refuses((w) => map.push(w));
    refuses((w) => square.backward(w));
    refuses((w) => backward(square, { cotangent: w }));
    refuses((w) => w.backward());
    refuses((w) => backward(w));
    expect(leaf.grad).toBeNull();
    expect(numbers(back.pull(onesLike(x)))).toEqual([2, 4, 6, 8]);
    expect(numbers(map.push(onesLike(x)))).toEqual([2, 4, 6, 8]);
    back.dispose();
    map.dispose();
  });

  it("is refused as what a function returns, and where a function disposed its argument", () => {
    const x = tensor([1, 2, 3, 4]);
    const lost = (y: Tensor) => {
      const loss = total(y);
      loss.dispose();
      return loss;
    };
    const spent = (y: Tensor) => {
      const loss = total(y);
      y.dispose();
      return loss;
    };
    for (const f of [lost, spent]) {
      refuses(() => grad(f)(x));
      refuses(() => valueAndGrad(f)(x));
      refuses(() => vjp(f, x));
      refuses(() => jvp(f, x, x));
      refuses(() => jacobian(f)(x));
      refuses(() => hessian(f)(x));
    }
    const rows = tensor([[1, 2]]);
    refuses(() => vmap(lost)(rows));
    expect(x.disposed).toBe(false);
    expect(numbers(grad(total)(x))).toEqual([2, 4, 6, 8]);
  });

  it("is refused by every reader and by chain methods", async () => {
    refuses((w) => w.alias());
    refuses((w) => w.dataSync());
    refuses((w) => w.item());
    refuses((w) => w.toArray());
    refuses((w) => w.add(1));
    refuses((w) => w.reshape([2, 2]));
    refuses((w) => w.mT);
    refuses((w) => tensor(w));
    refuses((w) => zerosLike(w));
    const gone = tensor([1]);
    gone.dispose();
    await expect(gone.data()).rejects.toThrow(/^data: .*disposed/);
    await expect(gone.to("cpu")).rejects.toThrow(/^to: .*disposed/);
    expect(String(gone)).toMatch(/\(disposed\)/);
  });

  it("is named with the function that was called", () => {
    const w = tensor([1]);
    w.dispose();
    expect(() => grad(total)(w)).toThrow(/^grad: a tensor of shape \[1\] is used after/);
    expect(() => vjp(total, w)).toThrow(/^vjp: a tensor/);
    expect(() => stopGradient(w)).toThrow(/^stopGradient: a tensor/);
    expect(() => requiresGrad(w)).toThrow(/^requiresGrad: a tensor/);
    const back = vjp(total, tensor([1]));
    back.dispose();
    expect(() => back.pull(tensor(1))).toThrow(/^vjp: pull\(\) is called after dispose\(\)/);
    const map = linearize(total, tensor([1]));
    map.dispose();
    expect(() => map.push(tensor([1]))).toThrow(/^linearize: push\(\) is called after/);
  });
});

describe("what a function returns", () => {
  it("is not freed when it was made outside", () => {
    const zero = tensor(0);
    expect(numbers(grad((_: Tensor) => zero)(tensor([1, 2])))).toEqual([0, 0]);
    const [value] = valueAndGrad((_: Tensor) => zero)(tensor([1, 2]));
    expect(value).toBe(zero);
    jvp((_: Tensor) => zero, tensor([1]), tensor([1]))[0].dispose();
    const back = vjp((_: Tensor) => zero, tensor([1]));
    back.value.dispose();
    back.dispose();
    hvp((_: Tensor) => zero, tensor([1]), tensor([1]));
    expect(zero.add(1).item()).toBe(1);
  });

  it("stays a leaf when it was one: also inside of aux, alone and in a tree", () => {
    const w = requiresGrad(f64([3]));
    const bias = requiresGrad(f64([1]));
    const f = (x: Tensor): [Tensor, { w: Tensor; y: Tensor; x: Tensor }] => {
      const y = x.mul(w);
      return [y.sum(), { w, y, x }];
    };
    const [[loss, aux]] = valueAndGrad(f, { hasAux: true })(f64([2]));
    expect([isTracked(loss), isTracked(aux.w), isTracked(aux.y), isTracked(aux.x)]).toEqual([
      false,
      true,
      false,
      false,
    ]);
    valueAndGrad((_: Tensor): [Tensor, Tensor] => [f64(0), bias], { hasAux: true })(f64([2]));
    w.mul(bias).sum().backward();
    expect([numbers(w.grad as Tensor), numbers(bias.grad as Tensor)]).toEqual([[1], [3]]);
  });

  it("may be a leaf that the function marked itself", () => {
    const [[, own]] = valueAndGrad(
      (x: Tensor): [Tensor, Tensor] => [total(x), requiresGrad(f64([5]))],
      { hasAux: true },
    )(f64([1]));
    own.square().sum().backward();
    expect(numbers(own.grad as Tensor)).toEqual([10]);
  });

  it("may be made before the leaves: their gradients are 0, those around are right", () => {
    const f = (y: Tensor) => {
      grad((_: Tensor) => y)(f64(2));
      valueAndGrad((_: Tensor) => y.add(0))(f64(2));
      return y.mul(y);
    };
    expect(numbers(grad(f)(f64(3)))).toEqual([6]); // d y² = 2y
    const constants = (y: Tensor) => {
      const [, tangent] = jvp((_: Tensor) => y, f64([1, 2]), f64([1, 1]));
      const rows = jacobian((_: Tensor) => y)(f64([1, 2]));
      const columns = jacobian((_: Tensor) => y, { mode: "forward" })(f64([1, 2]));
      return tangent.sum().add(rows.sum()).add(columns.sum()).add(y.square().sum());
    };
    expect(numbers(grad(constants)(f64([3])))).toEqual([6]);
    expect(
      numbers(hessian((y: Tensor) => grad((_: Tensor) => y)(f64(2)).add(y.square()))(f64(3))),
    ).toEqual([2]);
  });
});

describe("a leaf", () => {
  it("keeps what it collected when it is marked again, and a result cannot become one", () => {
    const w = requiresGrad(f64([3]));
    const loss = total(w);
    expect(requiresGrad(w)).toBe(w);
    loss.backward();
    expect(numbers(w.grad as Tensor)).toEqual([6]);
    requiresGrad(w);
    expect(numbers(w.grad as Tensor)).toEqual([6]);
    expect(() => requiresGrad(w.mul(2))).toThrow(/no leaf\n {2}help: .*stopGradient/);
    expect(numbers(grad((x: Tensor) => total(requiresGrad(x)))(f64([3])))).toEqual([6]);
  });
});

describe("scopes", () => {
  const broken = (_?: Tensor): Tensor => {
    throw new Error("own");
  };

  it("are closed by every transform that throws", () => {
    const x = f64([1, 2]);
    const pair = { a: f64([1, 2]), b: f64([1, 2, 3]) };
    const before = alive();
    for (const fail of [
      () => jvp(broken, x, x),
      () => jvp(total, x, f64([1])),
      () => linearize(broken, x),
      () => vjp(broken, x),
      () => grad(broken)(x),
      () => jacobian(broken)(x),
      () => hessian(broken)(x),
      () => hvp(broken, x, x),
      () => vmap(broken)(x),
      () => vmap((p: typeof pair) => p.a)(pair),
      () => vmap(() => x)(),
      () => vmap(total, { inAxes: null as unknown as number })(x),
      () => vmap(total, { inAxes: 3 })(x),
      () => vmap(total, { outAxes: 7 })(f64([[1, 2]])),
      () => checkpoint(broken)(x),
      () => scope(broken),
      () => unscoped(broken),
      () => grad((y: Tensor) => y)(x),
      () => grad((y: Tensor) => total(y).greater(0))(x),
    ]) {
      scope(() => {
        expect(fail, String(fail)).toThrow();
        expect(scopeDepth(), String(fail)).toBe(1);
      });
    }
    expect(alive()).toBe(before);
    expect(isTracked(x.mul(2))).toBe(false);
  });

  it("inside of unscoped hand their results to nobody around", () => {
    const before = alive();
    const seen: Tensor[] = [];
    scope(() => {
      const x = f64([1]);
      unscoped(() => scope(() => x)); // returns a tensor that an outer scope made
      unscoped(() => keep(x));
      seen.push(unscoped(() => scope(() => x.add(1))));
    });
    expect(alive()).toBe(before + 1);
    expect(numbers(seen[0] as Tensor)).toEqual([2]);
    seen[0]?.dispose();
  });
});
