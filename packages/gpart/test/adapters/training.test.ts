/**
 * @file Adapters with the tools of nn: fit with validation and patience, groups, EMA, checkpoints
 * of state.
 */
import { checkpoint, grad, vmap } from "@isograd/autograd";
import { adam, adamw, DataLoader, ema, fit, losses } from "@isograd/nn";
import { rng, type Tensor } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import { type Adapter, gpart, lora } from "../../src/index.js";
import { bits, makers, Small, scramble } from "./models.js";

installMatchers();

const data = { x: rng(1).normal([64, 6]), y: rng(2).normal([64, 3]) };
type Batch = { x: Tensor; y: Tensor };
const loss = (a: Adapter<Small>, { x, y }: Batch) => losses.mse(a.forward(x), y);

describe("an adapter", () => {
  it("is fitted like any module; the model stays the same", async () => {
    const model = new Small(1);
    const before = model.parameters().map((p) => bits(p.own));
    const adapter = gpart(model, { d: 30, seed: 2, modulesToSave: ["head"], dropout: 0.1 });
    const { history } = await fit({
      model: adapter,
      loss,
      optimizer: adamw(adapter, { lr: 0.02 }),
      data: new DataLoader(data, { batchSize: 16, shuffle: rng(3) }),
      epochs: 8,
      validation: { data: new DataLoader(data, { batchSize: 32 }) },
      progress: false,
    });
    expect(history[history.length - 1]!.loss).toBeLessThan(0.9 * history[0]!.loss);
    expect(model.parameters().map((p) => bits(p.own))).toEqual(before);
    expect(adapter.training).toBe(false);
    expect(model.training).toBe(false);
  });

  const some = ["gpart contiguous", "lora", "vera", "headOnly"];
  const chosen = makers.filter(([name]) => some.includes(name));
  it.each(chosen)("drops the same entries when a checkpoint runs again: %s", (name, make) => {
    const run = (wrap: typeof checkpoint) => {
      const adapter = make(
        new Small(1),
        name === "headOnly" ? { modulesToSave: ["head"] } : { dropout: 0.3 },
      );
      scramble(adapter);
      const f = wrap((a: Adapter<Small>, x: Tensor) => a.forward(x).square());
      const closed = wrap((x: Tensor) => adapter.forward(x));
      const forward = (a: Adapter<Small>) => f(a, data.x).mul(closed(data.x)).sum();
      const g = Object.values(grad(forward)(adapter)).map(bits);
      const y = forward(adapter);
      adapter.merge().eval().enabled = false; // the second run uses the earlier model and adapter
      y.backward();
      const collected = adapter.parameters().map((p) => bits(p.grad as Tensor));
      return [g, collected, adapter.dropoutRng.state(), adapter.enabled];
    };
    expect(run(checkpoint)).toEqual(run((f) => f));
  });

  it("drops entries for each member of an ensemble", () => {
    const adapter = gpart(new Small(1), { d: 2, dropout: 0.5 });
    const run = (theta: Tensor) =>
      adapter.runWith({ "trained.theta": theta }, (model) => model.forward(data.x).sum());
    const members = rng(3).normal([1, 2]).broadcastTo([2, 2]); // two equal ones
    const [a, b] = bits(vmap(run)(members));
    expect(a).not.toBe(b);
  });

  it("gives a head its own learning rate", () => {
    const adapter = gpart(new Small(1), { d: 30, modulesToSave: ["head"] });
    const theta = bits(adapter.trained.theta!.own);
    const head = bits(adapter.saved["head.weight"]!.own);
    const groups = [{ match: (name: string) => name.startsWith("saved."), lr: 0 }];
    const opt = adam(adapter, { lr: 0.1, groups });
    opt.step(grad(loss)(adapter, data));
    expect(bits(adapter.trained.theta!.own)).not.toEqual(theta);
    expect(bits(adapter.saved["head.weight"]!.own)).toEqual(head);
  });

  it("has averages and state dicts of its trained numbers only", () => {
    const adapter = lora(new Small(1), { rank: 1, targetModules: ["query"] });
    const average = ema(adapter, 0.5);
    const start = adapter.stateDict();
    expect(Object.keys(start)).toEqual([
      "trained.blocks.0.query.lora_A",
      "trained.blocks.0.query.lora_B",
      "trained.blocks.1.query.lora_A",
      "trained.blocks.1.query.lora_B",
    ]);
    const opt = adam(adapter, { lr: 0.1 });
    opt.step(grad(loss)(adapter, data));
    average.update();
    const moved = bits(adapter.forward(data.x));
    adapter.loadStateDict(start);
    expect(bits(adapter.forward(data.x))).toEqual(bits(adapter.model.forward(data.x)));
    expect(moved).not.toEqual(bits(adapter.forward(data.x)));
  });

  it("collects gradients by backward() too, and none in the model", () => {
    const model = new Small(1);
    const adapter = gpart(model, { d: 12 });
    loss(adapter, data).backward();
    const byTransform = grad(loss)(adapter, data);
    expect(bits(adapter.trained.theta!.grad!)).toEqual(bits(byTransform["trained.theta"]!));
    expect(model.parameters().every((p) => p.grad === null)).toBe(true);
  });

  it("is projected once for many micro-batches when the weights are made first", () => {
    const adapter = gpart(new Small(1), { d: 12, seed: 1 });
    const parts = [0, 1, 2, 3].map((i) => ({
      x: data.x.slice([[16 * i, 16 * i + 16]]),
      y: data.y.slice([[16 * i, 16 * i + 16]]),
    }));
    const whole = grad(loss)(adapter, data)["trained.theta"]!;
    const summed = grad((a: typeof adapter) =>
      a.run((model) =>
        parts
          .map(({ x, y }) => losses.mse(model.forward(x), y).div(parts.length))
          .reduce((p, q) => p.add(q)),
      ),
    )(adapter)["trained.theta"]!;
    expect(summed).toBeCloseToTensor(whole, { rtol: 1e-4, atol: 1e-5 });
  });
});
