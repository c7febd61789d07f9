/** @file Gradients of trees have the form of the parameters: lists, maps, classes, modules. */
import { sin, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  checkpoint,
  customVjp,
  type GradOf,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  parameterBoxes,
  summary,
  valueAndGrad,
  vjp,
  vmap,
} from "../src/index.js";

installMatchers();
const f64 = (values: number[]): Tensor => tensor(values, { dtype: "float64" });

/** y = w x + b as a class with methods: in trees its instances keep their class. */
class Line {
  readonly w: Tensor;
  readonly b: Tensor;
  readonly name: string;
  constructor(w: Tensor, b: Tensor, name = "line") {
    this.w = w;
    this.b = b;
    this.name = name;
  }
  at(x: Tensor): Tensor {
    return this.w.mul(x).add(this.b);
  }
  get norm(): number {
    return Math.hypot(this.w.item(), this.b.item());
  }
}

const x = f64([1, 2, 3]);
// L = Σ (w x + b)² at w = 2, b = 1: dL/dw = 2 Σ (w x + b) x = 68, dL/db = 2 Σ (w x + b) = 30
const loss = (line: Line): Tensor => line.at(x).square().sum();
const line = new Line(f64([2]), f64([1]));

describe("an instance of a class", () => {
  it("has its methods inside of f, and its gradient has them too", () => {
    const g = grad(loss)(line);
    expectTypeOf(g.w).toEqualTypeOf<Tensor>();
    expect(g).toBeInstanceOf(Line);
    expect([g.w.item(), g.b.item(), g.name]).toEqual([68, 30, "line"]);
    expect(g.norm).toBeCloseTo(Math.hypot(68, 30), 12);
    const [value, again] = valueAndGrad(loss)(line);
    expect([value.item(), again.norm]).toEqual([83, g.norm]);
  });

  it("goes through every transform", () => {
    const direction = new Line(f64([1]), f64([0]));
    expect(
      vjp(loss, line)
        .pull(f64([2]).reshape([]))
        .b.item(),
    ).toBe(60);
    expect(jvp(loss, line, direction)[1].item()).toBe(68);
    expect(jacobian((l: Line) => l.at(x))(line).w.toArray()).toEqual([[1], [2], [3]]);
    // d²L/dw² = 2 Σ x² = 28, d²L/dw db = 2 Σ x = 12
    const h = hvp(loss, line, direction);
    expect([h.w.item(), h.b.item()]).toEqual([28, 12]);
    const second = hessian(loss)(line);
    expect([second.w.w.item(), second.w.b.item()]).toEqual([28, 12]);
    const lines = new Line(f64([2, 0]), f64([1, 1]));
    expect(vmap((l: Line) => l.at(f64([1])).sum())(lines).toArray()).toEqual([3, 1]);
    expect(grad((l: Line) => checkpoint(loss)(l))(line).norm).toBeCloseTo(Math.hypot(68, 30), 12);
    const flipped = customVjp(loss, ({ args: [l] }, g) => [new Line(g.mul(l.w), g.neg()) as never]);
    expect(() => grad(flipped)(line)).toThrow(/cotangent of argument 0\.b is of shape \[\]/);
  });

  it("that holds no tensor is handed on as it is, private fields and all", () => {
    class Counter {
      #calls = 0;
      tick(): number {
        return ++this.#calls;
      }
    }
    const counter = new Counter();
    const g = grad((p: { w: Tensor; counter: Counter }) => p.w.mul(p.counter.tick()).sum())({
      w: f64([5]),
      counter,
    });
    expect(g.counter).toBe(counter);
    expect(counter.tick()).toBe(2);
  });
});

describe("maps, sets and records under any name", () => {
  it("are gradients of the same form", () => {
    const key = { any: "key" };
    const params = new Map<unknown, Tensor>([
      ["a", f64([1])],
      [key, f64([2])],
    ]);
    const squares = (p: Map<unknown, Tensor>): Tensor =>
      [...p.values()].map((w) => w.square().sum()).reduce((a, b) => a.add(b));
    const g = grad(squares)(params);
    expectTypeOf(g).toEqualTypeOf<Map<unknown, Tensor>>();
    expect([g.get("a")?.item(), g.get(key)?.item()]).toEqual([2, 4]);
    expect(hvp(squares, params, params).get(key)?.item()).toBe(4);
    expect(hessian(squares)(params).get("a")?.get(key)?.toArray()).toEqual([[0]]);
    const set = grad((s: Set<Tensor>) =>
      [...s].map((w) => sin(w).sum()).reduce((a, b) => a.add(b)),
    );
    expect([...set(new Set([f64([0]), f64([0])]))].map((w) => w.item())).toEqual([1, 1]);
  });

  it("keep names that mean something to objects", () => {
    const params = JSON.parse('{"__proto__": 3, "constructor": 4, "toString": 5}', (_, v) =>
      typeof v === "number" ? f64([v]) : v,
    ) as Record<string, Tensor>;
    const own = (p: Record<string, Tensor>) => Object.entries(p);
    const g = grad((p: Record<string, Tensor>) =>
      own(p)
        .map(([, w]) => w.square().sum())
        .reduce((a, b) => a.add(b)),
    )(params);
    expect(own(g).map(([name, w]) => [name, w.item()])).toEqual([
      ["__proto__", 6],
      ["constructor", 8],
      ["toString", 10],
    ]);
    expect(() => jvp(() => f64([1]).sum(), params, {})).toThrow("tangent.__proto__ is undefined");
  });

  it("say their types", () => {
    interface Params {
      readonly layers: readonly [Tensor, { readonly line: Line }];
      readonly table: ReadonlyMap<string, readonly Tensor[]>;
      readonly act: (x: Tensor) => Tensor;
      readonly rate: number;
    }
    type G = GradOf<Params>;
    expectTypeOf<G["layers"][1]["line"]["w"]>().toEqualTypeOf<Tensor>();
    expectTypeOf<G["table"]>().toEqualTypeOf<Map<string, Tensor[]>>();
    expectTypeOf<G["act"]>().toEqualTypeOf<(x: Tensor) => Tensor>();
    expectTypeOf<G["rate"]>().toEqualTypeOf<number>();
  });
});

describe("errors of trees", () => {
  it("say where the bad leaf is", () => {
    const tree = { layers: [{ w: f64([1]) }, { w: tensor([1], { dtype: "int32" }) }] };
    expect(() => grad(() => f64([1]).sum())(tree)).toThrow(
      /layers\.1\.w, of shape \[1\], is int32/,
    );
    const gone = new Map([["a", new Line(f64([1]), f64([1]))]]);
    gone.get("a")?.b.dispose();
    expect(() => vjp(() => f64([1]).sum(), gone)).toThrow(UsageError);
    expect(() => vjp(() => f64([1]).sum(), gone)).toThrow(
      /a\.b: a tensor of shape \[1\] is used after it was disposed/,
    );
  });

  it("of vmap name the tensor too", () => {
    const f = (p: { a: Tensor[] }, q: Tensor) => (p.a[0] as Tensor).add(q);
    expect(() => vmap(f)({ a: [f64([1, 2])] }, f64([1, 2, 3]))).toThrow(
      "2 samples in [2], 3 in [3]: a.0 of argument 0 and argument 1",
    );
    expect(() => vmap(f, { inAxes: 1 })({ a: [f64([1, 2])] }, f64([1]))).toThrow(
      "a.0 of argument 0, of shape [2], has no axis 1",
    );
  });

  it("tell of a tree that contains itself, in every transform", () => {
    const knot: { w: Tensor; self?: unknown } = { w: f64([1]) };
    knot.self = knot;
    const f = (p: typeof knot) => p.w.sum();
    for (const call of [
      () => grad(f)(knot),
      () => vjp(f, knot),
      () => jacobian(f)(knot),
      () => vmap(f)(knot),
      () => customVjp(f, () => [null])(knot),
    ]) {
      expect(call).toThrow(/the tree contains itself: "(0\.)?self" leads back/);
    }
  });

  it("refuse iterators among the results", () => {
    const f = (w: Tensor): [Tensor, unknown] => [w.sum(), { all: [w.mul(2)].values() }];
    expect(() => valueAndGrad(f, { hasAux: true })(f64([1]))).toThrow(/iterator at "1\.all"/);
    expect(() => vmap((w: Tensor) => [w].values())(f64([1]))).toThrow(/vmap: .*iterator/);
  });

  it("show modules by the names of their parameters", () => {
    const box = { value: f64([3]) };
    const module = { [parameterBoxes]: () => new Map([["deep.w", box]]) };
    expect(summary({ m: module })).toMatch(/m\.deep\.w/);
    expect(
      grad((m: typeof module) => m[parameterBoxes]().get("deep.w")?.value.square().sum() as Tensor)(
        module,
      ),
    ).toEqual({ "deep.w": expect.anything() });
    expect(box.value.item()).toBe(3);
  });
});
