/** @file Training steps, compiled: the same losses, parameters, statistics and counts as eager ones. */
import { grad, noGrad, valueAndGrad } from "@isograd/autograd";
import { type Compiled, compile } from "@isograd/compile";
import {
  adam,
  adamw,
  BatchNorm,
  clipByGlobalNorm,
  DataLoader,
  Dropout,
  type Ema,
  ema,
  evaluate,
  fit,
  Linear,
  losses,
  MLP,
  Module,
  type Optimizer,
  schedules,
  sgd,
} from "@isograd/nn";
import { memory, type Rng, rng, scope, type Tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";

class Net extends Module {
  readonly first: Linear;
  readonly norm: BatchNorm;
  readonly drop: Dropout;
  readonly last: MLP;

  constructor(random: Rng) {
    super();
    this.first = new Linear(4, 12, { rng: random });
    this.norm = new BatchNorm(12);
    this.drop = new Dropout(0.3, { rng: random.split() });
    this.last = new MLP([12, 16, 3], { rng: random });
  }

  forward(x: Tensor): Tensor {
    return this.last.forward(this.drop.forward(this.norm.forward(this.first.forward(x))));
  }
}

interface Setup {
  readonly net: Net;
  readonly optimizer: Optimizer;
  readonly mean: Ema;
  readonly noise: Rng;
}

const optimizers: Readonly<Record<string, (net: Net) => Optimizer>> = {
  sgd: (net) => sgd(net, { lr: 0.1 }),
  "sgd with momentum": (net) => sgd(net, { lr: 0.05, momentum: 0.9, weightDecay: 0.01 }),
  "sgd by Nesterov": (net) => sgd(net, { lr: 0.05, momentum: 0.9, nesterov: true }),
  adam: (net) => adam(net, { lr: 0.02 }),
  "adam with decay": (net) => adam(net, { lr: 0.02, weightDecay: 0.1 }),
  adamw: (net) => adamw(net, { lr: 0.02, decay: (_, w) => w.rank > 1 }),
};

function setup(make: (net: Net) => Optimizer): Setup {
  const net = new Net(rng(3));
  return { net, optimizer: make(net), mean: ema(net, 0.9, { warmup: true }), noise: rng(8) };
}

function step({ net, optimizer, mean, noise }: Setup) {
  return (x: Tensor, y: Tensor): { loss: Tensor; norm: Tensor } => {
    const input = x.add(noise.normal(x.shape, { std: 0.1 }));
    const [loss, grads] = valueAndGrad((m: Net) => losses.mse(m.forward(input), y))(net);
    const { grads: clipped, norm } = clipByGlobalNorm(grads, 0.5);
    optimizer.step(clipped);
    mean.update();
    return { loss, norm };
  };
}

function all({ net, mean, optimizer }: Setup): unknown {
  const read = (record: Readonly<Record<string, Tensor>>) =>
    Object.entries(record).map(([name, x]) => [name, x.dataSync()]);
  const { tensors, ...numbers } = optimizer.state();
  return scope(() => [read(net.stateDict()), read(mean.state().tensors), read(tensors), numbers]);
}

describe("a training step gives the same bits", () => {
  it.each(Object.entries(optimizers))("with %s", (_, make) => {
    const [a, b] = [setup(make), setup(make)];
    const eager = step(a);
    const fast = compile(step(b), { state: [b.net, b.optimizer, b.mean, b.noise] });
    const random = rng(1);
    for (let i = 0; i < 20; i++) {
      scope(() => {
        const n = i % 5 === 4 ? 3 : 8; // a last, smaller batch is a second signature
        const [x, y] = [random.normal([n, 4]), random.normal([n, 3])];
        if (i % 3 === 0) a.optimizer.lr = b.optimizer.lr = 0.1 / (i + 1);
        const [p, q] = [eager(x, y), fast(x, y)];
        expect(q.loss.item(), `loss ${i}`).toBe(p.loss.item());
        expect(q.norm.item(), `norm ${i}`).toBe(p.norm.item());
        expect(all(b), `state ${i}`).toEqual(all(a));
      });
    }
    expect(b.noise.state()).toEqual(a.noise.state());
    expect(fast.stats()).toHaveLength(2);
  });

  it("with backward() and step() inside", () => {
    const make = () => setup((net) => adam(net, { lr: 0.01 }));
    const [a, b] = [make(), make()];
    const by =
      ({ net, optimizer }: Setup) =>
      (x: Tensor, y: Tensor) => {
        const loss = losses.mse(net.forward(x), y);
        loss.backward();
        optimizer.step();
        optimizer.zeroGrad();
        return loss;
      };
    const [eager, fast] = [by(a), compile(by(b), { state: [b.net, b.optimizer] })];
    const random = rng(1);
    for (let i = 0; i < 6; i++) {
      const [x, y] = [random.normal([8, 4]), random.normal([8, 3])];
      expect(fast(x, y).item()).toBe(eager(x, y).item());
    }
    expect(all(b)).toEqual(all(a));
  });
});

describe("state that others hold too", () => {
  it("keeps what it was in snapshots", () => {
    const b = setup((net) => adam(net, { lr: 0.1 }));
    const fast = compile(step(b), { state: [b.net, b.optimizer, b.mean, b.noise] });
    const random = rng(1);
    const go = () => scope(() => void fast(random.normal([8, 4]), random.normal([8, 3])));
    go();
    const before = b.net.stateDict();
    const copies = Object.values(before).map((x) => x.dataSync());
    go();
    go();
    expect(Object.values(before).map((x) => x.dataSync())).toEqual(copies);
    expect(b.net.first.weight.value.dataSync()).not.toEqual(copies[0]);
  });

  it("is no argument; an argument that shares its memory has the values of before", () => {
    const w = rng(1).normal([4]);
    const opt = sgd(w, { lr: 0.25 });
    const fast = compile(
      (x: Tensor) => {
        opt.step(grad((p: Tensor) => p.square().sum())(w));
        return x.mul(2);
      },
      { state: [w, opt] },
    );
    expect(() => fast(w)).toThrow("compile: an argument of shape [4] is a tensor of the state");
    for (let i = 0; i < 4; i++) {
      const before = w.dataSync();
      const own = noGrad(() => w.alias());
      expect(fast(own).dataSync()).toEqual(before.map((v) => 2 * v));
      expect(own.dataSync()).toEqual(before);
      expect(w.dataSync()).toEqual(before.map((v) => v / 2));
      own.dispose();
    }
  });

  it("has modes: a program is of the mode that it was captured in", () => {
    const b = setup((net) => sgd(net, { lr: 1 }));
    const fast = compile((x: Tensor) => noGrad(() => b.net.forward(x)), { state: b.net });
    const x = rng(5).normal([8, 4]);
    for (let i = 0; i < 3; i++) fast(x);
    b.net.eval();
    for (let i = 0; i < 3; i++) {
      expect(fast(x).dataSync()).toEqual(noGrad(() => b.net.forward(x)).dataSync());
    }
    expect(fast.stats()).toHaveLength(2);
    b.net.first.freeze();
    const slopes = compile((q: Tensor) => valueAndGrad((m: Net) => m.forward(q).sum())(b.net)[1], {
      state: b.net,
    });
    expect(Object.keys(slopes(x))).not.toContain("first.weight");
    b.net.unfreeze();
    expect(Object.keys(slopes(x))).toContain("first.weight");
  });

  it("is followed where somebody assigns another value", () => {
    const b = setup((net) => sgd(net, { lr: 1 }));
    const net = b.net.eval();
    const fast = compile((x: Tensor) => noGrad(() => net.forward(x)), { state: net });
    const x = rng(5).normal([2, 4]);
    for (let i = 0; i < 4; i++) {
      const { bias } = net.first;
      if (bias !== null) bias.value = noGrad(() => bias.value.add(1));
      expect(fast(x).dataSync()).toEqual(net.forward(x).dataSync());
    }
  });
});

it("memory stays flat over 2,000 replays", () => {
  const b = setup((net) => adam(net, { lr: 0.01 }));
  const fast = compile(step(b), { state: [b.net, b.optimizer, b.mean, b.noise] });
  const random = rng(1);
  const [x, y] = [random.normal([8, 4]), random.normal([8, 3])];
  const go = () => scope(() => void fast(x, y));
  for (let i = 0; i < 3; i++) go();
  const { bytes, tensors } = memory();
  for (let i = 0; i < 2000; i++) go();
  expect(memory()).toMatchObject({ bytes, tensors });
  fast.dispose();
  expect(memory().bytes).toBeLessThan(bytes);
});

describe("fit", () => {
  const train = async (compiled: boolean, validation: object = {}) => {
    const random = rng(2);
    const net = new Net(random);
    const x = random.normal([50, 4]);
    const y = random.normal([50, 3]);
    const made: Compiled<never, unknown>[] = [];
    const own = ((f: never, options: never) => {
      const g = compile(f, options);
      made.push(g as never);
      return Object.assign(g, { dispose: () => {} });
    }) as typeof compile;
    const found = await fit({
      model: net,
      loss: (m, batch) => losses.mse(m.forward(batch.x), batch.y),
      optimizer: adamw(net, { lr: 0.02 }),
      data: new DataLoader({ x, y }, { batchSize: 16, shuffle: random.split() }),
      epochs: 6,
      schedule: schedules.cosine({ warmup: 3, total: 24 }),
      clipNorm: 1,
      ema: 0.9,
      validation: {
        data: new DataLoader({ x, y }, { batchSize: 20 }),
        metrics: { l1: (m, batch) => losses.l1(m.forward(batch.x), batch.y) },
        ...validation,
      },
      progress: false,
      ...(compiled ? { compile: own } : {}),
    });
    const history = found.history.map(({ loss, valLoss, metrics, lr }) => {
      return { loss, valLoss, metrics, lr };
    });
    const programs = made.map((f) => f.stats().length);
    return { history, weights: Object.values(net.stateDict()).map((w) => w.dataSync()), programs };
  };

  const withoutPrograms = ({ programs: _, ...rest }: Awaited<ReturnType<typeof train>>) => rest;

  it("gives the same bits with { compile }, of steps and validations", async () => {
    const { programs, ...results } = await train(true);
    expect(results).toEqual(withoutPrograms(await train(false)));
    expect(programs).toEqual([2, 2]); // whole batches, and a last, smaller one
  });

  it("leaves validations alone with validation: { compile: false }", async () => {
    const reading = (m: Net, { x }: { readonly x: Tensor }) =>
      m.forward(x).mean().add(x.sum().item());
    const validation = { metrics: { reading } };
    await expect(train(true, validation)).rejects.toThrow(/a value is read while/);
    const { programs, ...results } = await train(true, { ...validation, compile: false });
    expect(results).toEqual(withoutPrograms(await train(false, validation)));
    expect(programs).toEqual([2]);
    await expect(train(false, { compile: false })).rejects.toThrow(/validation.compile is for fit/);
  });

  it("evaluate gives the same means with { compile }, and frees the program", async () => {
    const random = rng(2);
    const net = new Net(random);
    const data = new DataLoader({ x: random.normal([50, 4]) }, { batchSize: 20 });
    const functions = { top: (m: Net, { x }: { readonly x: Tensor }) => m.forward(x).max() };
    const plain = await evaluate(net, data, functions);
    const before = memory().bytes;
    expect(await evaluate(net, data, functions, { compile })).toEqual(plain);
    expect(memory().bytes).toBe(before);
  });
});
