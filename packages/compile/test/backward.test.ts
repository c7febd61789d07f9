/** @file Gradients through the call of a compiled function: the same numbers as op by op. */
import {
  backward,
  checkpoint,
  customVjp,
  grad,
  hessian,
  isTracked,
  jacobian,
  jvp,
  noGrad,
  requiresGrad,
  stopGradient,
  valueAndGrad,
  vjp,
} from "@isograd/autograd";
import { type Compiled, compile } from "@isograd/compile";
import {
  adam,
  BatchNorm,
  Dropout,
  Linear,
  losses,
  MLP,
  Module,
  type Optimizer,
  sgd,
} from "@isograd/nn";
import { memory, ones, type Rng, rng, scope, type Tensor, take, tensor } from "@isograd/tensor";
import { afterEach, describe, expect, it, vi } from "vitest";
import { w, x } from "./setting.js";

type F = (...xs: Tensor[]) => unknown;

function read(tree: unknown): unknown {
  if (tree === null || typeof tree !== "object") return tree;
  if ("dataSync" in tree) return (tree as Tensor).dataSync();
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, read(value)]));
}

/** Three calls of what `use` makes of a function, compiled and as it is. */
function same(f: F, use: (f: F) => unknown, programs = 1, state: unknown = []): void {
  const fast = compile(f, { state });
  for (let i = 0; i < 3; i++) expect(read(use(fast as F)), `call ${i}`).toEqual(read(use(f)));
  expect(fast.stats()).toHaveLength(programs);
  fast.dispose();
}

const loss: F = (a, b) =>
  (a as Tensor)
    .matmul(b as Tensor)
    .tanh()
    .square()
    .sum();
const asTensor = (f: F) => f as (...xs: Tensor[]) => Tensor;

describe("the gradient of a compiled function", () => {
  it("by one argument, by both, and by one that comes twice", () => {
    same(loss, (f) => valueAndGrad((a: Tensor) => asTensor(f)(a, w))(x));
    same(loss, (f) => grad(([a, b]: Tensor[]) => asTensor(f)(a as Tensor, b as Tensor))([x, w]));
    same(
      (a, b) => (a as Tensor).mul(b as Tensor).sum(),
      (f) => grad((a: Tensor) => asTensor(f)(a, a))(x),
    );
  });

  it("inside of other ops, and twice in one graph", () => {
    const layer: F = (a, b) => (a as Tensor).matmul(b as Tensor).tanh();
    same(layer, (f) =>
      grad((a: Tensor) => asTensor(f)(a.mul(2), w).square().add(asTensor(f)(a, w)).sum())(x),
    );
  });

  it("of several results, of some of them, and of whole numbers beside", () => {
    const several: F = (a) => {
      const y = (a as Tensor).exp();
      return { y, z: y.mul(a as Tensor), top: y.argmax({ axis: 1 }), list: [y.sum()] };
    };
    type Results = Record<"y" | "z" | "top", Tensor> & { readonly list: readonly [Tensor] };
    const uses: readonly ((r: Results) => Tensor)[] = [
      ({ y, z, list }) => y.add(z).sum().mul(list[0]),
      ({ z }) => z.sum(),
      ({ list }) => list[0],
      ({ y, list }) => y.square().sum().add(list[0]),
    ];
    for (const use of uses) {
      same(several, (f) => grad((a: Tensor) => use(f(a) as Results))(x));
    }
    const fast = compile(several);
    for (const use of [...uses, ...uses]) {
      const slope = (f: F) => grad((a: Tensor) => use(f(a) as Results))(x).dataSync();
      expect(slope(fast as F)).toEqual(slope(several));
    }
    expect(fast.stats()).toHaveLength(1);
  });

  it("of what is returned as it came, or does not depend on the argument", () => {
    same(
      (a, b) => [a, (b as Tensor).mul(2), ones([2])],
      (f) =>
        grad((a: Tensor) => {
          const [same, twice, one] = f(a, x) as [Tensor, Tensor, Tensor];
          return same.mul(twice).sum().mul(one.sum());
        })(x),
    );
    const stopped: F = (a) =>
      stopGradient(a as Tensor)
        .mul(3)
        .sum();
    same(stopped, (f) => grad((a: Tensor) => asTensor(f)(a).mul(a.sum()))(x));
  });

  it("float64, indices, and a derivative of the user's own", () => {
    const rows = tensor([1, 0, 1, 1], { dtype: "int32" });
    const wide = x.cast("float64");
    same(
      (a) =>
        take(a as Tensor, rows, { axis: 0 })
          .exp()
          .sum(),
      (f) => grad((a: Tensor) => asTensor(f)(a))(wide),
    );
    const clipped = customVjp(
      (a: Tensor) => a.mul(1),
      (_, g) => [g.clip({ min: -0.5, max: 0.5 })],
    );
    same(
      (a) =>
        clipped(a as Tensor)
          .mul(3)
          .sum(),
      (f) => grad((a: Tensor) => asTensor(f)(a))(x),
    );
  });

  it("by vjp, more than once, and by backward()", () => {
    same(loss, (f) => {
      const back = vjp((a: Tensor) => asTensor(f)(a, w).mul(2), x);
      return [back.value, back.pull(tensor(1)), back.pull(tensor(3))];
    });
    same(loss, (f) => {
      const [a, b] = [requiresGrad(x.mul(1)), requiresGrad(w.mul(1))];
      const value = asTensor(f)(a, b);
      expect(isTracked(value)).toBe(true);
      value.backward();
      return [value, a.grad, b.grad];
    });
  });

  it("of a gradient inside, as in physics-informed networks", () => {
    const random = rng(1);
    const net = new MLP([1, 8, 1], { rng: random });
    const t = random.normal([5, 1]);
    const residual: F = (a) => {
      const u = (p: Tensor) => net.forward(p).sum();
      return grad(u)(a as Tensor)
        .sub(a as Tensor)
        .square()
        .mean();
    };
    same(residual, (f) => valueAndGrad((_: MLP) => asTensor(f)(t))(net), 1, net);
  });
});

describe("derivatives of higher order", () => {
  const smooth: F = (a) =>
    (a as Tensor)
      .tanh()
      .mul(a as Tensor)
      .sum();
  it.each<[string, (f: F) => unknown]>([
    ["grad of grad", (f) => grad((a: Tensor) => grad(asTensor(f))(a).square().sum())(x)],
    [
      "grad with createGraph",
      (f) => {
        const a = requiresGrad(x.mul(1));
        const g = grad(asTensor(f), { createGraph: true })(a);
        g.square().sum().backward();
        return [g, a.grad];
      },
    ],
    ["hessian", (f) => hessian(asTensor(f))(x)],
    // a's gradients beside the call would be added in another order: the call is one node
    ["jacobian", (f) => jacobian((a: Tensor) => asTensor(f)(a).mul(x))(x)],
    ["jvp", (f) => jvp(asTensor(f), x, x.mul(2))],
  ])("%s", (_, use) => {
    const fast = compile(smooth);
    for (let i = 0; i < 3; i++) expect(read(use(fast as F))).toEqual(read(use(smooth)));
  });

  it("sees the numbers, the parameters and the statistics of the call", () => {
    class Net extends Module {
      readonly norm = new BatchNorm(3);
      readonly drop: Dropout;
      readonly last: Linear;
      constructor(random: Rng) {
        super();
        this.drop = new Dropout(0.5, { rng: random });
        this.last = new Linear(3, 1, { rng: random });
      }
      forward(a: Tensor): Tensor {
        return this.last.forward(this.drop.forward(this.norm.forward(a)).tanh()).sum();
      }
    }
    const results = [false, true].map((compiled) => {
      const net = new Net(rng(5));
      const f = (a: Tensor) => net.forward(a);
      const own = compiled ? compile(f, { state: net }) : f;
      const a = requiresGrad(x.mul(1));
      const all: unknown[] = [];
      for (let i = 0; i < 3; i++) {
        const g = grad(own, { createGraph: true })(a);
        net.last.weight.value = net.last.weight.value.mul(1.5); // the graph keeps the values before
        backward(g.square().sum());
        all.push(read([g, a.grad, net.last.weight.grad]), read(net.stateDict()));
      }
      return [...all, net.drop.rng?.state?.()];
    });
    expect(results[1]).toEqual(results[0]);
  });
});

class Model extends Module {
  readonly first: Linear;
  readonly norm = new BatchNorm(8);
  readonly drop: Dropout;
  readonly last: Linear;

  constructor(random: Rng) {
    super();
    this.first = new Linear(3, 8, { rng: random });
    this.drop = new Dropout(0.3, { rng: random.split() });
    this.last = new Linear(8, 2, { rng: random });
  }

  forward(a: Tensor): Tensor {
    return this.last.forward(this.drop.forward(this.norm.forward(this.first.forward(a)).gelu()));
  }
}

/** Parameters, statistics and gradients after each of some steps. */
function trained(
  compiled: boolean,
  step: (model: Model, optimizer: Optimizer, forward: (a: Tensor) => Tensor) => void,
  make: (model: Model) => Optimizer = (model) => adam(model, { lr: 0.05 }),
): unknown[] {
  const model = new Model(rng(2));
  const optimizer = make(model);
  const forward = (a: Tensor) => model.forward(a);
  const fast = compiled ? compile(forward, { state: model }) : forward;
  const seen: unknown[] = [];
  for (let i = 0; i < 6; i++) {
    scope(() => {
      step(model, optimizer, fast);
      seen.push(
        read(model.stateDict()),
        model.parameters().map((p) => read(p.grad)),
      );
    });
  }
  if (compiled) expect((fast as Compiled<[Tensor], Tensor>).stats()).toHaveLength(1);
  return seen;
}

describe("a compiled model", () => {
  const y = tensor([
    [1, 0],
    [0, 1],
  ]);

  it("in a training loop by valueAndGrad", () => {
    const step = (model: Model, optimizer: Optimizer, forward: (a: Tensor) => Tensor) => {
      const [, g] = valueAndGrad((_: Model) => losses.mse(forward(x), y))(model);
      optimizer.step(g);
    };
    expect(trained(true, step)).toEqual(trained(false, step));
  });

  it("in a training loop by backward(), with and without zeroGrad()", () => {
    for (const clear of [true, false]) {
      const step = (_: Model, optimizer: Optimizer, forward: (a: Tensor) => Tensor) => {
        if (clear) optimizer.zeroGrad();
        losses.mse(forward(x), y).backward();
        optimizer.step();
      };
      const make = (model: Model) => sgd(model, { lr: 0.1, momentum: 0.9 });
      expect(trained(true, step, make)).toEqual(trained(false, step, make));
    }
  });

  it("keeps parameters without a gradient free of one", () => {
    const [a, b] = [new Linear(3, 2, { rng: rng(1) }), new Linear(3, 2, { rng: rng(2) })];
    const f = compile((p: Tensor) => a.forward(p).sum(), { state: [a, b] });
    f(x).backward();
    expect([a.weight.grad?.shape, b.weight.grad]).toEqual([[2, 3], null]);
  });

  it("runs as a program with and without gradients, trained and evaluated", () => {
    const model = new Model(rng(2));
    const fast = compile((a: Tensor) => model.forward(a), { state: model });
    model.eval();
    for (let i = 0; i < 2; i++) {
      expect(isTracked(fast(x))).toBe(true);
      expect(fast(x).dataSync()).toEqual(model.forward(x).dataSync());
      expect(isTracked(noGrad(() => fast(x)))).toBe(false);
    }
    expect(fast.stats()).toHaveLength(2);
    model.freeze();
    expect(isTracked(fast(x))).toBe(false);
    expect(fast.stats()).toHaveLength(3);
  });

  it("follows parameters that a transform lends", () => {
    const layer = new Linear(3, 2, { rng: rng(0) });
    const inner = (a: Tensor) =>
      grad((m: Linear) => m.forward(a).tanh().sum())(layer).weight as Tensor;
    const fast = compile(inner, { state: layer });
    for (let i = 0; i < 3; i++) {
      expect(read(fast(x))).toEqual(read(inner(x)));
      const outer = (f: typeof inner) =>
        grad((_: Linear) => f(x).square().sum().add(layer.forward(x).sum()))(layer);
      expect(read(outer(fast))).toEqual(read(outer(inner)));
    }
  });
});

describe("steps whose gradients stay in the parameters", () => {
  const y = ones([2, 2]);
  it.each<[string, (m: Model, o: Optimizer, a: Tensor) => Tensor]>([
    [
      "zeroGrad, backward, step",
      (m, o, a) => {
        o.zeroGrad();
        const value = losses.mse(m.forward(a), y);
        value.backward();
        o.step();
        return value;
      },
    ],
    [
      "backward alone: gradients add up",
      (m, _, a) => {
        const value = losses.mse(m.forward(a), y);
        value.backward();
        return value;
      },
    ],
  ])("%s", (_, step) => {
    const all = [false, true].map((compiled) => {
      const model = new Model(rng(4));
      const optimizer = adam(model, { lr: 0.01 });
      const own = (a: Tensor) => step(model, optimizer, a);
      const run = compiled ? compile(own, { state: [model, optimizer] }) : own;
      const seen: unknown[] = [];
      for (let i = 0; i < 5; i++) {
        scope(() => {
          seen.push(
            run(x).item(),
            model.parameters().map((p) => read(p.grad)),
            read(model.stateDict()),
          );
        });
      }
      // gradients are there after the first call: the second form of the state
      if (compiled) expect((run as Compiled<[Tensor], Tensor>).stats()).toHaveLength(2);
      return seen;
    });
    expect(all[1]).toEqual(all[0]);
  });

  it("an update alone, with gradients collected outside", () => {
    const all = [false, true].map((compiled) => {
      const model = new Model(rng(4));
      const optimizer = sgd(model, { lr: 0.1 });
      const own = () => {
        optimizer.step();
        optimizer.zeroGrad();
      };
      const run = compiled ? compile(own, { state: [model, optimizer] }) : own;
      for (let i = 0; i < 4; i++) {
        losses.mse(model.forward(x), y).backward();
        run();
        expect(model.parameters().every((p) => p.grad === null)).toBe(true);
      }
      return read(model.stateDict());
    });
    expect(all[1]).toEqual(all[0]);
  });
});

describe("memory and faults", () => {
  afterEach(() => void vi.restoreAllMocks());

  it("is flat, and free after dispose()", () => {
    const model = new Model(rng(1));
    const optimizer = sgd(model, { lr: 0.01 });
    scope(() => optimizer.step(grad((m: Model) => m.forward(x).sum())(model))); // its state is made
    const before = memory();
    const fast = compile((a: Tensor) => losses.mse(model.forward(a), ones([2, 2])), {
      state: model,
    });
    const step = () =>
      scope(() => {
        fast(x).backward();
        optimizer.step();
        optimizer.zeroGrad();
      });
    for (let i = 0; i < 3; i++) step();
    const warm = memory();
    for (let i = 0; i < 200; i++) step();
    expect(memory()).toEqual(warm);
    fast.dispose();
    expect(memory().tensors).toBe(before.tensors);
    expect(memory().bytes).toBe(before.bytes);
  });

  it("values that nobody walks back from are freed", () => {
    const fast = compile((a: Tensor) => a.tanh().exp().sum());
    const a = requiresGrad(x.mul(1));
    for (let i = 0; i < 2; i++) fast(a).dispose();
    const before = memory().bytes;
    for (let i = 0; i < 10; i++) fast(a).dispose();
    expect(memory().bytes).toBe(before);
  });

  it("tensors of a transform that the function finds outside: op by op, and it says so", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const slope = grad((p: Tensor) => compile((a: Tensor) => a.mul(p).sum())(x).mul(2))(
      w.reshape([2, 3]),
    );
    expect(slope.dataSync()).toEqual(x.mul(2).dataSync());
    const fast = compile((a: Tensor, k: number) => (held === null ? a : a.mul(held)).sum().mul(k));
    let held: Tensor | null = null;
    for (let i = 0; i < 3; i++) {
      const g = grad((p: Tensor) => {
        held = p;
        const value = fast(x, 2);
        held = null;
        return value;
      })(x);
      expect(g.dataSync()).toEqual(x.mul(2).dataSync());
    }
    expect(fast.stats()).toEqual([]);
    const told = warn.mock.calls.filter(([text]) => /neither an argument nor listed/.test(text));
    expect(told).toHaveLength(2); // once for each function
  });

  it("a leaf outside, where only a gradient inside reads it, is a constant", () => {
    const outside = requiresGrad(x.mul(1));
    const inner: F = (a) => grad((p: Tensor) => p.mul(outside).tanh().sum())(a as Tensor);
    const fast = compile(inner);
    for (let i = 0; i < 3; i++) expect(read(fast(x))).toEqual(read(inner(x)));
    expect(fast.stats()).toHaveLength(1);
  });

  it("inside of a function with a derivative of its own, what it reads is refused", () => {
    const layer = new Linear(3, 2, { rng: rng(0) });
    const fast = compile((a: Tensor) => layer.forward(a).sum(), { state: layer });
    fast(x);
    const own = customVjp(
      (a: Tensor) => fast(a),
      ({ args: [a] }, g) => [a.mul(g)],
    );
    expect(() => grad((a: Tensor) => own(a))(x)).toThrow(/reads \(in .*\) a tracked tensor/);
  });

  it("inside of a checkpoint", () => {
    const fast = compile((a: Tensor) => a.mul(2).tanh().sum());
    const slope = grad((a: Tensor) => checkpoint(fast)(a))(x);
    expect(slope.dataSync()).toEqual(grad((a: Tensor) => a.mul(2).tanh().sum())(x).dataSync());
  });
});
