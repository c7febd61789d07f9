/** @file Checkpoints of layers with state: generators, running statistics, modes, weights. */
import { checkpoint, grad, requiresGrad } from "@isograd/autograd";
import { dispose, rng, scope, type Tensor, tensor } from "@isograd/tensor";
import { Changes, storageOf } from "@isograd/tensor/engine";
import { describe, expect, it } from "vitest";
import {
  BatchNorm,
  Buffer,
  Dropout,
  ema,
  GRU,
  Linear,
  LSTM,
  Module,
  MultiHeadAttention,
  Parameter,
  Sequential,
  sgd,
  TransformerBlock,
} from "../src/index.js";
import { alive, bits, collectGarbage } from "./helpers.js";

type Net = Module & { forward(x: Tensor): Tensor };

const normal = (shape: number[], seed: number) => rng(seed).normal(shape);
const states = (net: Module) => [...net.namedGenerators().values()].map((r) => r.state());
const same = <F>(f: F): F => f;

/** Divides by a running maximum, which is read, changed and read again. */
class RunningScale extends Module {
  readonly scale = new Buffer(tensor([1, 1, 1]));
  readonly gain = new Parameter(tensor([1, 2, 3]));

  forward(x: Tensor): Tensor {
    const before = x.div(this.scale.value);
    this.scale.value = x.abs().max({ axis: 0 }).maximum(this.scale.value);
    return before.mul(this.gain.value).add(x.mul(this.scale.value)).tanh();
  }
}

/** Applies a layer of sequences to the rows of x as one sequence. */
class OverRows extends Module {
  readonly layer: Module;
  readonly run: (x: Tensor) => Tensor;

  constructor(layer: Module, run: (x: Tensor) => Tensor) {
    super();
    this.layer = layer;
    this.run = run;
  }

  forward(x: Tensor): Tensor {
    const y = scope(() => this.run(x.reshape([1, ...x.shape])));
    return y.reshape([x.shape[0] as number, -1]);
  }
}

function recurrent(seed: number): Net {
  const random = rng(seed);
  const gru = new GRU(3, 4, { layers: 2, dropout: 0.4, rng: random });
  const lstm = new LSTM(4, 3, { rng: random });
  return new OverRows(new Holder([gru, lstm]), (x) => {
    const { output, c } = lstm.forward(gru.forward(x).output);
    return output.mul(c.sum());
  });
}

class Holder extends Module {
  readonly parts: Module[];

  constructor(parts: Module[]) {
    super();
    this.parts = parts;
  }
}

const layers: Record<string, (seed: number) => Net> = {
  Dropout: (seed) =>
    new Sequential(new Linear(3, 3, { rng: rng(seed) }), new Dropout(0.5, { rng: rng(seed) })),
  BatchNorm: () => new BatchNorm(3),
  "BatchNorm with the mean of all batches": () => new BatchNorm(3, { momentum: null }),
  "a running maximum": () => new RunningScale(),
  "a stack": (seed) =>
    new Sequential(
      new BatchNorm(3),
      new Dropout(0.3, { rng: rng(seed) }),
      new Linear(3, 3, { rng: rng(seed) }),
      new BatchNorm(3),
    ),
  "GRU and LSTM": recurrent,
  attention: (seed) => {
    const layer = new MultiHeadAttention(3, 1, { dropout: 0.5, rng: rng(seed) });
    return new OverRows(layer, (x) => layer.forward(x));
  },
  TransformerBlock: (seed) => {
    const layer = new TransformerBlock(3, 1, { dropout: 0.5, rng: rng(seed) });
    return new OverRows(layer, (x) => layer.forward(x));
  },
};

describe("a checkpoint over a layer with state", () => {
  for (const [name, make] of Object.entries(layers)) {
    /** The gradients of a few steps, and all state afterwards. */
    const trained = (wrap: typeof checkpoint) => {
      const net = make(1);
      const [f, closed] = [
        wrap((m: Net, x: Tensor) => m.forward(x.mul(2)).square()),
        wrap((x: Tensor) => net.forward(x)),
      ];
      const loss = (m: Net, x: Tensor) =>
        f(m, x)
          .add(f(m, x.add(1)))
          .mul(closed(x))
          .sum();
      const optimizer = sgd(net, { lr: 0.1 });
      const seen: unknown[] = [];
      for (const seed of [2]) {
        const g = grad(loss)(net, normal([3, 3], seed));
        seen.push(bits(g));
        optimizer.step(g);
      }
      const y = loss(net, normal([3, 3], 4));
      y.backward();
      seen.push(net.parameters().map((p) => [...(p.grad as Tensor).dataSync()]));
      y.dispose();
      return [...seen, bits(net.stateDict()), states(net)];
    };

    it(`changes no bit and moves state once: ${name}`, () => {
      expect(trained(checkpoint)).toEqual(trained(same));
    });

    it(`sees what the first run saw, whatever came in between: ${name}`, () => {
      const run = (wrap: typeof checkpoint) => {
        const net = make(1);
        const f = wrap((m: Net, x: Tensor) => m.forward(x).square());
        const closed = wrap((x: Tensor) => net.forward(x));
        const x = normal([3, 3], 2);
        const y = f(net, x).mul(closed(x)).sum();
        net.forward(x);
        for (const p of net.parameters()) p.value = p.own.mul(3);
        net.freeze((key) => key.includes("weight"));
        net.eval();
        const [before, moved] = [bits(net.stateDict()), states(net)];
        y.backward();
        expect([bits(net.stateDict()), states(net), net.training]).toEqual([before, moved, false]);
        return net
          .unfreeze()
          .parameters()
          .map((p) => p.grad && [...p.grad.dataSync()]);
      };
      expect(run(checkpoint)).toEqual(run(same));
    });
  }

  it("leaks nothing, walked or not", async () => {
    const nets = Object.values(layers).map((make) => make(1));
    const f = checkpoint((m: Net, x: Tensor) => m.forward(x).square().sum());
    const x = normal([3, 3], 2);
    const step = (net: Net) => {
      for (const g of Object.values(grad(f)(net, x))) dispose(g);
      f(net, x).dispose();
    };
    nets.forEach(step);
    const before = alive();
    nets.forEach(step);
    expect(alive()).toEqual(before);
    let waiting = 0;
    const memory = { put() {}, free: () => void waiting-- };
    const probe = new Changes(() => {
      waiting++;
      return memory;
    });
    for (const net of nets) f(net, x); // without a backward pass or dispose()
    probe.soon();
    expect(waiting).toBe(1);
    await collectGarbage();
    expect(waiting).toBe(0); // the last waiting checkpoint has been collected, with its record
  });

  it("serves modules that are disposed, cast or loaded before the backward pass", () => {
    const make = layers["a stack"] as (seed: number) => Net;
    const between: ((net: Net) => void)[] = [
      (net) => net.dispose(),
      (net) => void net.cast("float64"),
      (net) => void net.loadStateDict(make(5).stateDict()),
    ];
    const run = (wrap: typeof checkpoint, meddle: (net: Net) => void) => {
      const net = make(1);
      const f = wrap((m: Net, x: Tensor) => m.forward(x).square());
      const loss = (x: Tensor) => {
        const y = f(net, x).sum();
        meddle(net);
        return y;
      };
      return grad(loss)(normal([3, 3], 2)).toArray();
    };
    for (const meddle of between) expect(run(checkpoint, meddle)).toEqual(run(same, meddle));
  });

  it("sees the weights before a step, its own and those of a tensor that a step moves", () => {
    const run = (wrap: typeof checkpoint) => {
      const [w, own] = [requiresGrad(tensor([2, 3])), new Parameter(tensor([0.5, 1])).own];
      const layer = new Linear(2, 2, { rng: rng(1) });
      const optimizer = sgd({ w, own, layer }, { lr: 0.5, momentum: 0.9 });
      const mean = ema([layer, w], 0.5);
      const f = wrap((x: Tensor) => layer.forward(x.mul(w).exp()).mul(w).mul(own).tanh());
      const forward = () => f(tensor([0.1, 0.2])).sum();
      forward().backward();
      const [late, moving] = [forward(), mean.use(forward)];
      optimizer.step();
      mean.update();
      optimizer.zeroGrad();
      late.backward();
      moving.backward();
      return [w, own, ...layer.parameters().map((p) => p.own)].map((x) => [
        ...(x.grad as Tensor).dataSync(),
      ]);
    };
    expect(run(checkpoint)).toEqual(run(same));
  });

  it("sees a plain tensor of the closure before a step", () => {
    const run = (wrap: typeof checkpoint) => {
      const w = requiresGrad(tensor([2, 3]));
      const y = wrap((x: Tensor) => x.mul(w).exp().mul(w))(tensor([0.1, 0.2])).sum();
      sgd([w], { lr: 0.5 }).step([tensor([1, 1])]);
      y.backward();
      return [w.toArray(), w.grad?.toArray()];
    };
    expect(run(checkpoint)).toEqual(run(same));
  });

  it("refuses what would be done twice: a step, or an update of averages", () => {
    const w = new Parameter(tensor([2, 3]));
    const [optimizer, mean] = [sgd(w, { lr: 0.1 }), ema(w, 0.5)];
    const stepping = checkpoint((x: Tensor) => {
      optimizer.step({ "": x });
      return x.exp();
    });
    const averaging = checkpoint((x: Tensor) => {
      mean.update();
      return x.exp();
    });
    expect(() => stepping(tensor([1, 1]))).toThrow(
      /^sgd: a step inside of a function that runs more than once/,
    );
    expect(() => averaging(tensor([1, 1]))).toThrow(/^ema: update\(\) inside of a function that/);
    expect([w.value.toArray(), optimizer.steps, mean.state().count]).toEqual([[2, 3], 0, 0]);
    const inner = checkpoint((x: Tensor) => {
      const own = new Parameter(tensor([1, 1]));
      sgd(own, { lr: 1 }).step({ "": tensor([1, 0]) }); // each run makes a new optimiser
      return x.mul(own.value).exp();
    });
    expect(grad((x: Tensor) => inner(x).sum())(tensor([3, 0])).toArray()).toEqual([0, 1]);
  });

  it("keeps nothing of a step where no backward pass is to come", () => {
    const layer = new Linear(8, 8, { rng: rng(1) });
    const optimizer = sgd(layer, { lr: 0.5 });
    const f = checkpoint((m: Linear, x: Tensor) => m.forward(x).square().sum());
    const step = () => optimizer.step(grad(f)(layer, normal([2, 8], 1)));
    scope(step);
    const storage = storageOf(layer.weight.own);
    scope(step); // in place: nothing else uses the weights
    expect(storageOf(layer.weight.own)).toBe(storage);
  });
});
