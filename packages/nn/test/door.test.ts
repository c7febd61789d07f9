/** Everything that gives a tensor memory passes one door, and whoever watches the door sees it. */
import { grad, valueAndGrad, vmap } from "@isograd/autograd";
import { arange, concat, ones, rng, scope, split, svd, Tensor } from "@isograd/tensor";
import {
  type Arrival,
  deviceOf,
  forEachTensor,
  type Storage,
  setWatcher,
  storageOf,
} from "@isograd/tensor/engine";
import { loadNpy, saveNpy } from "@isograd/tensor/io";
import { afterEach, describe, expect, it } from "vitest";
import { adam, Linear, losses, Module } from "../src/index.js";

afterEach(() => void setWatcher(null));

class Net extends Module {
  readonly first = new Linear(3, 8, { rng: rng(1) });
  readonly second = new Linear(8, 1, { rng: rng(2) });

  forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x).tanh());
  }
}

/** A bit of everything: ops, views, numbers, files, several results, training, vmap, devices. */
async function work(): Promise<unknown> {
  const x = rng(3).normal([6, 3]);
  const y = x.mul(2).sum({ axis: 1, keepdims: true });
  const model = new Net();
  const optimizer = adam(model, { lr: 0.01 });
  const slope = valueAndGrad((m: Net) => losses.mse(m.forward(x), y));
  for (let i = 0; i < 3; i++) scope(() => void optimizer.step(slope(model)[1]));
  const rows = vmap(grad((r: Tensor) => r.square().sum()))(x);
  const moved = await (await x.mT.to("reference")).to("cpu");
  const parts = split(arange(6, { dtype: "float32" }), 3);
  const copied = loadNpy(saveNpy(x.mT));
  copied.mT.exp().dataSync();
  return { model, rows, moved, parts, copied, factors: svd(x), joined: concat([x, ones([1, 3])]) };
}

describe("the door", () => {
  it("shows its watcher every storage that comes behind a handle", async () => {
    const arrived = new Set<Storage>();
    const ways = new Set<Arrival>();
    const strangers: string[] = [];
    const look = (name: string) => (x: Tensor) => {
      const storage = storageOf(x);
      if (!arrived.has(storage)) strangers.push(`${name} ${x}`);
      // a sample of vmap has the tensor of all samples for its memory
      if (storage.data instanceof Tensor) look(name)(storage.data);
    };
    setWatcher({
      stored(x, how) {
        arrived.add(storageOf(x));
        ways.add(how);
      },
      ran(op, inputs, _, outs) {
        for (const x of inputs) look(op.name)(x);
        for (const x of outs instanceof Tensor ? [outs] : outs) look(op.name)(x);
      },
    });
    const made = await work();
    setWatcher(null);
    forEachTensor(made, look("result"));
    expect(strangers).toEqual([]);
    expect([...ways].sort()).toEqual(
      ["alias", "create", "materialize", "move", "op", "share", "view"].sort(),
    );
  });

  it("is the only way: devices are asked for memory by nobody else", async () => {
    const device = deviceOf(ones([1]));
    const asked: unknown[] = [];
    const given = new Set<unknown>();
    const methods = ["run", "runOne", "materialize", "upload", "fromNumber"] as const;
    const plain = { ...device } as unknown as Record<string, (...args: unknown[]) => unknown>;
    const spied = device as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const name of methods) {
      spied[name] = (...args) => {
        const result = plain[name]?.(...args);
        asked.push(...[result].flat());
        return result;
      };
    }
    try {
      setWatcher({ stored: (x) => void given.add(storageOf(x)) });
      await work();
    } finally {
      for (const name of methods) spied[name] = plain[name] as (typeof spied)[string];
      setWatcher(null);
    }
    expect(asked.length).toBeGreaterThan(100);
    expect(asked.filter((storage) => !given.has(storage))).toEqual([]);
  });
});
