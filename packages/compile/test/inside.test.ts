/** @file What may stand inside of a compiled function, and what cannot be captured. */
import {
  checkpoint,
  customVjp,
  defineKernelOp,
  defineOp,
  grad,
  hessian,
  jacobian,
  jvp,
  noGrad,
  valueAndGrad,
  vmap,
} from "@isograd/autograd";
import { compile } from "@isograd/compile";
import { randomRotations } from "@isograd/equivariant";
import { Buffer, Dropout, Linear, MLP, sgd } from "@isograd/nn";
import {
  cholesky,
  init,
  memory,
  nonzero,
  ones,
  permuteDims,
  type Rng,
  rng,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "@isograd/tensor";
import { afterEach, describe, expect, it } from "vitest";
import { w, x } from "./setting.js";

function same(f: (...xs: Tensor[]) => unknown, ...inputs: Tensor[]): void {
  const fast = compile(f);
  const read = (tree: unknown) => [tree].flat(4).map((x) => (x as Tensor).dataSync());
  for (let i = 0; i < 3; i++) expect(read(fast(...inputs))).toEqual(read(f(...inputs)));
  expect(fast.stats()).toHaveLength(1);
  fast.dispose();
}

const net = (p: Tensor, q: Tensor): Tensor => p.matmul(q).tanh().square().sum();

describe("inside of a compiled function", () => {
  it.each<[string, (a: Tensor, b: Tensor) => unknown]>([
    ["grad", (a, b) => grad(net)(a, b)],
    ["grad of grad", (a, b) => grad((p: Tensor) => grad(net)(p, b).square().sum())(a)],
    ["vmap", (a, b) => vmap((row: Tensor) => row.matmul(b).tanh())(a)],
    ["vmap of grad", (a, b) => vmap(grad((row: Tensor) => row.matmul(b).tanh().sum()))(a)],
    ["vmap over constants", (a) => vmap((c: Tensor) => a.mul(c).sum())(ones([4, 3]))],
    ["jvp", (a, b) => jvp((p: Tensor) => p.matmul(b).tanh(), a, a.mul(2))],
    ["jacobian", (a, b) => jacobian((p: Tensor) => p.matmul(b).tanh())(a)],
    ["hessian", (a, b) => hessian((p: Tensor) => net(p, b))(a)],
    ["checkpoint", (a, b) => grad((p: Tensor) => checkpoint(net)(p, b))(a)],
    ["compile", (a, b) => compile((p: Tensor) => net(p, b))(a).mul(2)],
  ])("%s", (_, f) => same(f, x, w));

  it("functions with a derivative of their own", () => {
    const clipped = customVjp(
      (a: Tensor) => a.mul(1),
      (_, g) => [g.clip({ min: -0.5, max: 0.5 })],
    );
    same((a) => grad((p: Tensor) => clipped(p).mul(3).sum())(a), x);
  });

  it("ops of the user", () => {
    const cube = defineOp<readonly [Tensor]>({
      name: "cube",
      scalar: (v) => v * v * v,
      vjp: ({ inputs: [v] }) => [(g) => g.mul(v.square().mul(3))],
    });
    const scaled = defineKernelOp<readonly [Tensor, Tensor]>({
      name: "scaleRows",
      kernel: function (a, s) {
        return (a[this.thread.y] as never)[this.thread.x] * (s[this.thread.y] as never);
      },
      vjp: ({ inputs: [a, s] }) => [
        (g) => g.mul(s.reshape([-1, 1])),
        (g) => g.mul(a).sum({ axis: 1 }),
      ],
    });
    const loss = (a: Tensor) => cube(scaled(a, tensor([2, 3]))).sum();
    same((a) => [cube(a), grad(loss)(a)], x);
  });

  it("numbers of any size, which are no addresses", () => {
    for (const big of [2 ** 33, 2 ** 34 + 8, 2 ** 52, 1e300, Number.POSITIVE_INFINITY]) {
      same((a) => a.clip({ min: -big, max: big }), x);
      const fast = compile((a: Tensor) => a.clip({ max: big }).mul(2), { passes: false });
      expect(fast(x).dataSync()).toEqual(x.mul(2).dataSync());
    }
  });

  it("nothing but constants, empty tensors, numbers and one tensor twice", () => {
    same(() => ones([2]).add(1), x);
    same((a) => [a, a, a.reshape([6]), permuteDims(a, [1, 0]), a.mul(0)], x);
    same((a) => [a.sum(), a.mul(2)], zeros([0, 3]));
    same((a) => a.mul(2), tensor(3));
    const constant = permuteDims(w, [1, 0]);
    same((a) => [constant, a.mul(2)], x);
    same(() => constant, x);
    const fast = compile((n: number, a: Tensor) => ({ n, list: [a.mul(n), "text"] }));
    expect(String(fast(3, tensor([1])).list[0])).toBe("Tensor(float32, [1]) [3]");
    expect(String(fast(4, tensor([1])).list[0])).toBe("Tensor(float32, [1]) [4]");
    expect(fast(4, tensor([1]))).toMatchObject({ n: 4 });
    expect(fast.stats()).toHaveLength(2);
  });
});

describe("where the function runs op by op", () => {
  it("inside of vmap, of a checkpoint, and for tensors of other devices", async () => {
    const f = compile((a: Tensor) => a.mul(2).tanh().sum());
    const rows = vmap((row: Tensor) => f(row))(x);
    expect(rows.dataSync()).toEqual(x.mul(2).tanh().sum({ axis: 1 }).dataSync());
    const slope = grad((a: Tensor) => checkpoint(f)(a))(x);
    expect(slope.dataSync()).toEqual(grad((a: Tensor) => a.mul(2).tanh().sum())(x).dataSync());
    const elsewhere = await x.to("reference");
    const own = f(elsewhere);
    expect([own.device, own.item()]).toEqual(["reference", expect.closeTo(f(x).item(), 5)]);
    expect(f.stats()).toHaveLength(1);
  });
});

describe("what cannot be captured", () => {
  it.each<[string, (a: Tensor) => unknown, RegExp]>([
    ["reads", (a) => (a.sum().item() > 0 ? a : a.neg()), /a value is read while the function is/],
    ["data()", (a) => a.dataSync(), /a value is read while/],
    ["shapes that depend on values", (a) => nonzero(a), /a value is read while/],
    ["promises", async (a) => a, /the function returned a promise/],
  ])("%s", (_, f, message) => {
    const before = memory();
    expect(() => scope(() => compile(f)(x))).toThrow(message);
    expect(memory()).toEqual(before);
  });

  it("state that is not listed", () => {
    const layer = new Linear(3, 2, { rng: rng(0) });
    const read = compile((a: Tensor) => noGrad(() => layer.forward(a)));
    expect(() => read(x)).toThrow(
      /reads a parameter, buffer or other state of shape \[.*not listed/,
    );
    const opt = sgd(layer, { lr: 0.1 });
    const step = compile(
      (a: Tensor) => {
        const [loss, g] = valueAndGrad((m: Linear) => m.forward(a).square().sum())(layer);
        opt.step(g);
        return loss;
      },
      { state: layer },
    );
    const before = layer.weight.value.dataSync();
    expect(() => step(x)).toThrow(/writes to a parameter, buffer or other state/);
    expect(layer.weight.value.dataSync()).toEqual(before);
    expect(opt.steps).toBe(0);
  });

  it("numbers outside that change", () => {
    let factor = 1;
    const f = compile((a: Tensor) => a.mul(factor));
    f(x);
    factor = 2;
    expect(() => f(x)).toThrow(/something else in its second call: instruction 0, mul: an operand/);
    let axis = 0;
    const g = compile((a: Tensor) => a.sum({ axis }));
    g(x);
    axis = 1;
    expect(() => g(x)).toThrow(/sum: other attributes/);
  });

  it("numbers and orders that a generator gives; tensors are drawn anew", () => {
    const random = rng(0);
    const draws: readonly (() => unknown)[] = [
      () => random.next(),
      () => random.nextInt(3),
      () => random.split(),
      () => random.shuffle([1, 2]),
    ];
    for (const draw of draws) {
      expect(() => compile(draw)()).toThrow(/is drawn while the function is captured/);
    }
    const [a, b] = [rng(4), rng(4)];
    const turns = (own: Rng) => () => randomRotations(own, 2).add(own.uniform([]));
    const [eager, fast] = [turns(a), compile(turns(b))];
    for (let i = 0; i < 3; i++) expect(fast().dataSync()).toEqual(eager().dataSync());
    expect(b.state()).toEqual(a.state());
  });

  it("modules as arguments, and too many forms of arguments", () => {
    const f = compile((m: unknown) => m);
    expect(() => f(new MLP([2, 2], { rng: rng(0) }))).toThrow(/an argument is a module/);
    const g = compile((a: Tensor) => a.mul(2));
    for (let n = 1; n <= 16; n++) g(ones([n]));
    expect(() => g(ones([17]))).toThrow(/16 signatures are compiled/);
    expect(compile.bind(null, 3 as never)).toThrow(/needs a function/);
    expect(() => compile((a: Tensor) => a, { states: [] } as never)).toThrow(/state/);
  });
});

describe("faults", () => {
  it("an index out of range is the error of the op, and leaves nothing", () => {
    const f = compile((a: Tensor, i: Tensor) => a.take(i).mul(2));
    const good = tensor([0, 1], { dtype: "int32" });
    const bad = tensor([0, 7], { dtype: "int32" });
    f(x, good);
    f(x, good);
    const before = memory();
    expect(() => scope(() => f(x, bad))).toThrow(
      "take: index 7 (number 1 of the indices) is outside",
    );
    expect(memory()).toEqual(before);
    expect(f(x, good).dataSync()).toEqual(x.take(good).mul(2).dataSync());
  });

  it("an index out of range is the error of the op that meets it first, needed or not", () => {
    const indices = (values: number[]) => tensor(values, { dtype: "int32" });
    const functions: ((a: Tensor, i: Tensor) => unknown)[] = [
      (a, i) => grad((p: Tensor) => p.take(i).sum())(a),
      (a, i) => grad((p: Tensor) => p.takeAlongAxis(i.reshape([2, 1]), { axis: 1 }).sum())(a),
      (a, i) => [a.take(i), a.mul(2)][1],
    ];
    for (const f of functions) {
      const fast = compile(f);
      for (let i = 0; i < 2; i++) fast(x, indices([0, 1]));
      const refusal = (run: typeof f) => {
        try {
          return run(x, indices([0, 7]));
        } catch (error) {
          return (error as Error).message;
        }
      };
      expect(refusal(f)).toMatch(/^take.*: index 7/);
      expect(refusal(fast)).toBe(refusal(f));
    }
  });

  it("a run that fails leaves the state as it was, whatever was computed before", () => {
    const index = (n: number) => tensor([n], { dtype: "int32" });
    const spd = tensor([[1]]);
    const functions: ((s: Buffer, a: Tensor, i: Tensor, m: Tensor) => unknown)[] = [
      (s, a, i) => {
        s.value = s.value.add(1); // nobody reads the old one: written where it lies
        return a.take(i);
      },
      (s, a, _, m) => {
        s.value = s.value.mul(3);
        return [a.mul(2), cholesky(m)];
      },
      (s, a, i) => {
        const before = s.value.mul(2);
        s.value = before.add(a.sum());
        s.value = before.take(i).add(s.value);
      },
    ];
    for (const f of functions) {
      const state = new Buffer(tensor([1, 2]));
      const fast = compile((a: Tensor, i: Tensor, m: Tensor) => f(state, a, i, m), { state });
      for (let i = 0; i < 3; i++) fast(x, index(0), spd);
      const before = state.value.dataSync();
      for (let i = 0; i < 2; i++) {
        expect(() => fast(x, index(7), spd.neg())).toThrow(/index 7|positive definite/);
        expect(state.value.dataSync()).toEqual(before);
      }
      const eager = new Buffer(tensor(before));
      f(eager, x, index(1), spd);
      fast(x, index(1), spd);
      expect(state.value.dataSync()).toEqual(eager.value.dataSync());
    }
  });

  it("a state that is given a constant holds it no longer than the program", () => {
    const state = new Buffer(tensor([1, 2]));
    const before = memory();
    scope(() => {
      const constant = tensor([3, 4]);
      const write = () => {
        state.value = constant.neg();
      };
      const fast = compile(write, { state });
      for (let i = 0; i < 3; i++) fast();
      fast.dispose();
    });
    expect(memory()).toMatchObject({ bytes: before.bytes, tensors: before.tensors });
    expect(state.value.dataSync()).toEqual(Float32Array.of(-3, -4));
  });

  it("an index out of range in the first call too", () => {
    const layer = new Linear(3, 2, { rng: rng(1) });
    const opt = sgd(layer, { lr: 0.1 });
    const noise = rng(2);
    const f = compile(
      (a: Tensor, i: Tensor) => {
        const input = a.take(i).add(noise.normal([2, 3]));
        opt.step(grad((m: Linear) => m.forward(input).sum())(layer));
      },
      { state: [layer, opt] },
    );
    const [state, before] = [noise.state(), layer.weight.value.dataSync()];
    expect(() => f(x, tensor([0, 7], { dtype: "int32" }))).toThrow("take: index 7");
    expect([noise.state(), opt.steps, f.stats()]).toEqual([state, 0, []]);
    expect(layer.weight.value.dataSync()).toEqual(before);
    f(x, tensor([0, 1], { dtype: "int32" }));
    expect([opt.steps, f.stats().length]).toEqual([1, 1]);
  });

  it("an error in the first call leaves generators, counts and memory as they were", () => {
    const drop = new Dropout(0.5, { rng: rng(3) });
    const layer = new Linear(3, 2, { rng: rng(1) });
    const opt = sgd(layer, { lr: 0.1, momentum: 0.9 });
    const state = drop.rng.state();
    const once = (a: Tensor) => opt.step(grad((m: Linear) => m.forward(a).sum())(layer));
    const f = compile(
      (a: Tensor) => {
        drop.forward(a);
        once(a);
        throw new Error("on purpose");
      },
      { state: [drop, opt, layer] },
    );
    once(x);
    const read = () => scope(() => Object.values(opt.state().tensors).map((t) => t.dataSync()));
    const [before, kept, weight] = [memory(), read(), layer.weight.value.dataSync()];
    expect(() => scope(() => f(x))).toThrow("on purpose");
    expect(memory()).toEqual(before);
    expect(drop.rng.state()).toEqual(state);
    expect([opt.steps, opt.state().counts]).toEqual([1, { weight: 1, bias: 1 }]);
    expect(read()).toEqual(kept);
    expect(layer.weight.value.dataSync()).toEqual(weight);
  });

  it("dispose() frees arena and constants; later calls capture again", () => {
    const constant = rng(0).normal([1000]);
    const f = compile((a: Tensor) => a.mul(2).add(constant).sum());
    const a = ones([1000]);
    const before = memory().bytes;
    for (let i = 0; i < 20; i++) {
      scope(() => void f(a));
      scope(() => void f(a));
      f.dispose();
      expect(memory().bytes).toBe(before);
    }
    constant.dispose();
    expect(memory().bytes).toBeLessThan(before);
  });
});

describe("other threads and kernels", () => {
  afterEach(() => init({}));

  it("a program follows init()", async () => {
    const big = rng(0).normal([600, 300]);
    const other = rng(1).normal([300, 300]);
    const f = (a: Tensor, b: Tensor) => a.matmul(b).tanh().add(1).sum({ axis: 1 });
    const fast = compile(f);
    for (const options of [
      { threads: 1 },
      { threads: 2 },
      { deterministic: true },
      { threads: 2 },
    ]) {
      await init(options);
      for (let i = 0; i < 2; i++) {
        expect(fast(big, other).dataSync()).toEqual(f(big, other).dataSync());
      }
    }
    expect(fast.stats()).toHaveLength(1);
  });
});
