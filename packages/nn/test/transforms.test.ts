/** @file State inside vmap, derivatives and scopes: never of one sample only, and never lost. */
import {
  checkpoint,
  grad,
  gradcheck,
  hessian,
  isTracked,
  jacobian,
  requiresGrad,
  vmap,
} from "@isograd/autograd";
import { memory, ones, rng, scope, stack, type Tensor, tensor, zeros } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  BatchNorm,
  Buffer,
  Dropout,
  ema,
  functionalCall,
  GroupNorm,
  Linear,
  Module,
  Parameter,
  Sequential,
  sgd,
} from "../src/index.js";
import { bits, double, f64 } from "./helpers.js";

const normal = (shape: number[], seed = 1) => rng(seed).normal(shape, double);
const rows = (f: (x: Tensor) => Tensor, xs: Tensor) =>
  stack(Array.from({ length: xs.shape[0] as number }, (_, i) => f(xs.slice([i])))).toArray();

class Counting extends Module {
  readonly seen = new Buffer(zeros([2], double));

  forward(x: Tensor): Tensor {
    this.seen.value = this.seen.value.add(x);
    return x.mul(2);
  }
}

describe("vmap over layers with state", () => {
  it("refuses BatchNorm in training and leaves its buffers as they are", () => {
    const norm = new BatchNorm(2, double);
    const model = new Sequential(new Linear(2, 2, { rng: rng(0), ...double }), norm);
    norm.forward(normal([4, 2]));
    const before = bits(model.stateDict());
    const xs = normal([3, 4, 2]);
    const ways = [
      () => vmap((x: Tensor) => model.forward(x))(xs),
      () => vmap(grad((x: Tensor) => model.forward(x).sum()))(xs),
      () => vmap((x: Tensor) => vmap((y: Tensor) => model.forward(y))(x))(normal([2, 3, 4, 2])),
      () => grad((x: Tensor) => vmap((y: Tensor) => model.forward(y).sum())(x).sum())(xs),
      () => vmap(checkpoint((x: Tensor) => model.forward(x)))(xs),
    ];
    for (const way of ways) {
      expect(way).toThrow(
        /^BatchNorm: in training under vmap each sample .*\n {2}help: call eval\(\)/,
      );
    }
    expect(bits(model.stateDict())).toEqual(before);
    model.forward(xs.slice([0]));
    expect(norm.num_batches_tracked.value.item()).toBe(2);
    model.eval();
    expect(vmap((x: Tensor) => model.forward(x))(xs).toArray()).toEqual(
      rows((x) => model.forward(x), xs),
    );
    const group = new GroupNorm(1, 2, double);
    expect(vmap((x: Tensor) => group.forward(x))(xs).shape).toEqual([3, 4, 2]);
  });

  it("lets BatchNorm see what is the same for every sample", () => {
    const [norm, x] = [new BatchNorm(2, double), normal([4, 2])];
    const other = new BatchNorm(2, double);
    const y = vmap((z: Tensor) => norm.forward(x).mul(z))(f64([1, 2]));
    expect(y.slice([0]).toArray()).toEqual(other.forward(x).toArray());
    expect(bits(norm.stateDict())).toEqual(bits(other.stateDict()));
  });

  it("refuses every other way to give state a value for each sample", () => {
    const [counting, w] = [new Counting(), new Parameter(f64([1, 2]))];
    const [optimizer, mean] = [sgd(w, { lr: 0.5, momentum: 0.9 }), ema(w, 0.5)];
    const all = () => [bits(counting.stateDict()), [...w.value.dataSync()], optimizer.steps];
    const before = all();
    const xs = normal([3, 2]);
    const ways: ((x: Tensor) => unknown)[] = [
      (x) => counting.forward(x),
      (x) => {
        w.value = x;
      },
      (x) => counting.loadStateDict({ seen: x }),
      (x) => optimizer.step({ "": x }),
      (x) => mean.loadState({ count: 1, tensors: { "": x } }),
    ];
    for (const way of ways) {
      const f = (x: Tensor) => (way(x) as Tensor | undefined) ?? x;
      const message = /has one value, and vmap gives it one for each sample\n {2}help: return/;
      expect(() => vmap(f)(xs)).toThrow(message);
      expect(() => vmap(grad((x: Tensor) => [f(x), x.sum()][1] as Tensor))(xs)).toThrow(message);
    }
    expect(all()).toEqual(before);
    const backwards = (x: Tensor) => {
      w.value.mul(x).sum().backward();
      return x;
    };
    expect(() => vmap(backwards)(xs)).toThrow(/^backward: inside of vmap a leaf from outside/);
    expect(w.grad).toBe(null);
    const within = vmap((x: Tensor) => {
      const leaf = requiresGrad(x.mul(1));
      leaf.square().sum().backward();
      return leaf.grad as Tensor;
    })(xs);
    expect(within.toArray()).toEqual(xs.mul(2).toArray());
    const lent = vmap((v: Tensor) => functionalCall(counting, { seen: v }, (m) => m.seen.value));
    expect(lent(xs).toArray()).toEqual(xs.toArray());
  });

  it("gives each sample a dropout mask of its own: those of the batch", () => {
    const drop = (seed: number) => new Dropout(0.5, { rng: rng(seed) });
    const xs = normal([4, 6]);
    const batch = drop(3).forward(xs).toArray();
    expect(
      vmap((x: Tensor) => scope(() => new Sequential(drop(3)).forward(x)))(xs).toArray(),
    ).toEqual(batch);
    const loss = (x: Tensor) => drop(3).forward(x).square().sum();
    expect(vmap(grad(loss))(xs).toArray()).toEqual(grad(loss)(xs).toArray());
    const nested = vmap(vmap((x: Tensor) => drop(5).forward(x.reshape([3, 2]))));
    const deep = normal([2, 4, 6]);
    expect(nested(deep).toArray()).toEqual(
      drop(5)
        .forward(deep.reshape([2, 4, 3, 2]))
        .toArray(),
    );
    const shared = vmap((x: Tensor) => rng(5).uniform([2], double).add(x.mul(0)))(normal([2, 2]));
    expect(shared.slice([0]).toArray()).toEqual(shared.slice([1]).toArray());
  });
});

describe("state in derivatives and scopes", () => {
  it("is constant and outlives the graph and the scope that made it", () => {
    const counting = new Counting();
    const loss = (x: Tensor) => counting.forward(x.mul(3)).square().sum();
    const x = f64([1, 2]);
    const step = () => scope(() => void grad(loss)(x));
    step();
    const before = memory();
    step();
    expect(memory()).toEqual(before);
    expect(isTracked(counting.seen.own)).toBe(false);
    expect(counting.seen.value.toArray()).toEqual([6, 12]);
    jacobian((y: Tensor) => counting.forward(y))(x);
    jacobian((y: Tensor) => counting.forward(y), { mode: "forward" })(x);
    expect(counting.seen.value.toArray()).toEqual([8, 16]);
    const buffer = grad((y: Tensor) => {
      const made = new Buffer(y.exp());
      return isTracked(made.value) ? made.value.sum() : made.value.mul(y).sum();
    });
    expect(buffer(f64([0, 0])).toArray()).toEqual([1, 1]);
  });

  it("moves once where a Hessian runs the function several times, with the same masks", () => {
    const make = () =>
      new Sequential(
        new Linear(2, 2, { rng: rng(1), ...double }),
        new BatchNorm(2, double),
        new Dropout(0.5, { rng: rng(2) }),
      );
    const x = normal([4, 2]);
    const tree = { a: f64([[1, 2]]), b: f64([[0.5]]) };
    const [model, other] = [make(), make()];
    const loss = (m: typeof model) => (p: typeof tree) =>
      m.forward(x.mul(p.a).mul(p.b)).pow(3).sum();
    const h = hessian(loss(model))(tree);
    grad(loss(other))(tree);
    expect(bits(model.stateDict())).toEqual(bits(other.stateDict()));
    expect(model.namedGenerators().get("layers.2.rng")?.state()).toEqual(
      other.namedGenerators().get("layers.2.rng")?.state(),
    );
    // mixed derivatives agree only if both rows had the same mask
    const [ab, ba] = [[...h.a.b.dataSync()], [...h.b.a.dataSync()]];
    ab.forEach((v, i) => void expect(v).toBeCloseTo(ba[i] as number, 9));
  });

  it("stands still while a gradient is checked, so that layers can be checked in training", () => {
    const [drop, norm] = [new Dropout(0.5, { rng: rng(2) }), new BatchNorm(2, double)];
    const before = [drop.rng.state(), bits(norm.stateDict())];
    const f = (x: Tensor) => drop.forward(norm.forward(x)).sin();
    expect(gradcheck(f, [normal([4, 2])])).toBeLessThan(1e-7);
    expect([drop.rng.state(), bits(norm.stateDict())]).toEqual(before);
  });

  it("takes a value whose memory the parameter has in another order", () => {
    const w = tensor([
      [1, 2],
      [3, 4],
    ]);
    const p = new Parameter(w.permuteDims([1, 0]));
    p.value = w;
    expect(p.value.add(ones([2, 2]).mul(0)).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});
