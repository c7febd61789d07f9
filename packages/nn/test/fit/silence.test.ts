/** @file Options and data that would train nothing throw an error first. */
import { grad } from "@isograd/autograd";
import { ones, rng, type Tensor, tensor, UsageError, zeros } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  adam,
  adamRule,
  adamw,
  DataLoader,
  ema,
  fit,
  functionalCall,
  Linear,
  losses,
  MLP,
  pure,
  schedules,
  sgd,
} from "../../src/index.js";
import { bits } from "../helpers.js";
import { type Batch, loss, sine, xor } from "./problems.js";

const refused = async (more: object, message: string): Promise<void> => {
  const run = { ...xor(), maxSteps: 3, ...more };
  const before = bits(run.model.stateDict());
  const outcome = fit(run);
  await expect(outcome).rejects.toThrow(message);
  await expect(outcome).rejects.toThrow(UsageError);
  expect(bits(run.model.stateDict())).toEqual(before);
};

const like = (seed = 0) => new MLP([2, 8, 1], { activation: "tanh", rng: rng(seed) });

describe("fit", () => {
  it("refuses an optimiser of another model, of its very shape or not", async () => {
    const start = "the optimiser does not hold these parameters of the model: layers.0.weight";
    await refused({ optimizer: adam(like(1), { lr: 0.1 }) }, start);
    await refused({ optimizer: sgd(new Linear(2, 1, { rng: rng(0) }), { lr: 0.1 }) }, start);
    const { model } = xor();
    await refused({ model, optimizer: adam({ model }, { lr: 0.1 }) }, start);
    await refused({ model, optimizer: adam([...model.parameters()], { lr: 0.1 }) }, start);
    const w = tensor([1]);
    const run = { loss: (x: Tensor) => x.square().sum(), data: () => 0, maxSteps: 1 };
    const other = fit({
      ...run,
      model: w,
      optimizer: sgd(tensor([1]), { lr: 1 }),
      progress: false,
    });
    await expect(other).rejects.toThrow("parameters of the model: the tensor itself");
  });

  it("refuses a part that was replaced, or that the optimiser does not hold", async () => {
    const net = () => ({
      body: new Linear(2, 4, { rng: rng(0) }),
      head: new Linear(4, 1, { rng: rng(1) }),
    });
    const model = net();
    const optimizer = adam(model, { lr: 0.1 });
    model.head = new Linear(4, 1, { rng: rng(2) });
    const run = {
      model,
      loss: (m: typeof model, b: Batch) => losses.mse(m.head.forward(m.body.forward(b.x)), b.y),
      data: xor().data,
      maxSteps: 2,
      progress: false,
    } as const;
    await expect(fit({ ...run, optimizer })).rejects.toThrow(
      "these parameters of the model: head.weight, head.bias\n  help: make it over the same model",
    );
    const part = adam({ body: model.body }, { lr: 0.1 });
    await expect(fit({ ...run, optimizer: part })).rejects.toThrow("head.weight, head.bias");
    model.head.freeze();
    const before = bits(model.body.stateDict());
    await fit({ ...run, optimizer: part });
    expect(bits(model.body.stateDict())).not.toEqual(before);
  });

  it("takes an optimiser of more, of a model cast since, and of computed weights", async () => {
    const both = { a: tensor([1, 2]), b: tensor([3]) };
    const optimizer = sgd(both, { lr: 0.1 });
    const run = { data: () => 0, maxSteps: 3, progress: false } as const;
    await fit({ ...run, model: { a: both.a }, loss: (m) => m.a.square().sum(), optimizer });
    expect(both.a.slice([0]).item()).toBeCloseTo(0.8 ** 3, 6);
    const model = like();
    const adams = adam(model, { lr: 0.1 });
    model.cast("float64");
    const doubles = {
      x: ones([4, 2], { dtype: "float64" }),
      y: zeros([4, 1], { dtype: "float64" }),
    };
    await fit({ model, loss, optimizer: adams, data: [doubles], epochs: 1, progress: false });
    const theta = { z: zeros([1, 2]) };
    const base = new Linear(2, 1, { rng: rng(0) }).freeze();
    const before = bits(base.stateDict());
    await fit({
      ...run,
      model: theta,
      loss: (t) => functionalCall(base, { weight: t.z }, (m) => m.forward(ones([2])).sum()),
      optimizer: sgd(theta, { lr: 1 }),
    });
    expect(theta.z.toArray()).toEqual([[-3, -3]]);
    expect(bits(base.stateDict())).toEqual(before);
  });

  it("refuses a model that is frozen, or that the loss does not depend on", async () => {
    const { model } = xor();
    await refused({ model: model.freeze() }, "all parameters of the model are frozen");
    const empty = fit({ ...xor(), model: {} as MLP, loss: () => ones([]), maxSteps: 1 });
    await expect(empty).rejects.toThrow("fit: there is nothing to train");
    await refused({ loss: () => tensor(1) }, "the loss does not depend on the model");
    const host = (m: MLP, b: Batch) => tensor(m.forward(b.x).dataSync()).square().sum();
    await refused({ loss: host }, "the loss does not depend on the model");
  });

  it("refuses options that would do nothing", async () => {
    for (const name of ["patience", "minDelta", "onValidation"] as const) {
      await refused(
        { [name]: name === "onValidation" ? () => true : 1 },
        `${name} needs validation`,
      );
    }
    await refused({ restoreBest: true }, "restoreBest needs validation");
    await refused({ checkpointEvery: 10 }, "checkpointEvery needs onCheckpoint");
    const data = new DataLoader(sine());
    const metrics = { accuracy: undefined };
    await refused(
      { validation: { data, metrics } },
      "the metric accuracy is undefined, not a function",
    );
  });

  it("refuses numbers that end no run, or are never reached", async () => {
    const validation = { data: [sine()] };
    for (const n of [Number.NaN, -1, 0.5]) {
      await refused({ maxSteps: n }, `maxSteps is a whole number from 0: got ${n}`);
      await refused({ epochs: n }, `epochs is a whole number from 0: got ${n}`);
      await refused({ readEvery: n }, `readEvery is a whole number from 1: got ${n}`);
      await refused({ patience: n, validation }, `patience is a whole number from 1: got ${n}`);
      await refused({ checkpointEvery: n, onCheckpoint: () => 0 }, "checkpointEvery is a whole");
      await refused({ validation: { ...validation, every: n } }, "validation.every is a whole");
    }
    await refused({ minutes: Number.NaN }, "minutes must be 0 or more: got NaN");
    await refused({ minDelta: Number.NaN, validation }, "minDelta must be 0 or more");
    expect((await fit({ ...xor(), epochs: 0 })).steps).toBe(0);
    expect((await fit({ ...xor(), epochs: Number.POSITIVE_INFINITY, maxSteps: 2 })).steps).toBe(2);
  });

  it("refuses rates that are no numbers, and schedules of an unknown progress", async () => {
    await refused({ schedule: () => Number.NaN }, "adam: lr must be a number from 0, got NaN");
    await refused({ schedule: () => -1 }, "adam: lr must be a number from 0, got -0.05");
    function* batches() {
      yield { x: ones([1, 2]), y: ones([1, 1]) };
    }
    const once = { maxSteps: undefined, epochs: 1, schedule: schedules.cosine() };
    await refused({ ...once, data: batches() }, "the progress of the run is NaN");
    const given = await fit({
      ...xor(),
      ...once,
      data: batches(),
      schedule: schedules.linear({ total: 2 }),
    });
    expect(given.steps).toBe(1);
  });

  it("says that there are no data, no whole batch, or none to validate", async () => {
    const none = { x: zeros([0, 2]), y: zeros([0, 1]) };
    for (const shuffle of [rng(0), false as const]) {
      const data = new DataLoader(none, { shuffle });
      expect([data.size, data.length, [...data].length]).toEqual([0, 0, 0]);
      await refused({ data }, "the data gave no batches");
    }
    expect([...new DataLoader([], { shuffle: rng(0) })]).toEqual([]);
    await refused(
      { data: new DataLoader(sine(), { batchSize: 64, dropLast: true }) },
      "no batches",
    );
    const validation = { data: new DataLoader(none) };
    await expect(fit({ ...xor(), epochs: 1, validation })).rejects.toThrow(
      "the data gave no batches",
    );
  });
});

describe("optimisers and averages", () => {
  it("refuse a part replaced since they were made", () => {
    const model = { head: new Linear(2, 1, { rng: rng(0) }) };
    const optimizer = adam(model, { lr: 0.1 });
    const average = ema(model, 0.9);
    model.head = new Linear(2, 1, { rng: rng(1) });
    const slope = grad((m: typeof model) => m.head.forward(ones([1, 2])).sum());
    expect(() => optimizer.step(slope(model))).toThrow("does not hold these parameters");
    expect(() => average.update()).toThrow("the average does not hold");
    model.head
      .forward(ones([1, 2]))
      .sum()
      .backward();
    expect(() => optimizer.step()).toThrow(UsageError);
  });

  it("refuse rates, decays and states that are not theirs", () => {
    const w = { a: tensor([1]) };
    for (const bad of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      const optimizer = adam(w, { lr: 0.1 });
      optimizer.lr = bad;
      expect(() => optimizer.step({ a: ones([1]) })).toThrow("lr must be a number from 0");
      expect(() => adamw(w, { lr: 1, weightDecay: bad })).toThrow("weightDecay must be a number");
      const groups = [{ match: () => true, lr: bad }];
      expect(() => sgd(w, { lr: 1, groups })).toThrow("lr of a group must be a number from 0");
    }
    expect(() => adam(w, { lr: 1, eps: Number.NaN })).toThrow("eps must be 0 or more");
    const state = ema({ a: tensor([1]), b: tensor([1]) }, 0.9).state();
    expect(() => ema(w, 0.9).loadState(state)).toThrow("the state has tensors of others: b");
  });

  it("as pure functions refuse gradients of other names, or none", () => {
    const { init, update } = pure(adamRule(), { lr: 0.1 });
    const w = { a: tensor([1]) };
    expect(() => update(w, { b: ones([1]) }, init(w))).toThrow("not trained here: b");
    expect(() => update(w, {}, init(w))).toThrow("no parameter has a gradient");
    expect(() => update(w, { a: ones([1]) }, init({ b: w.a }))).toThrow("not trained here: a");
    const model = new Linear(2, 1, { rng: rng(0) });
    const slope = grad((m: Linear) => m.forward(ones([1, 2])).sum())(model);
    expect(() => update(model, slope, init(model))).toThrow("not trained here: weight, bias");
  });

  it("say when a model was cast under them", () => {
    const model = new Linear(2, 1, { rng: rng(0) });
    const optimizer = adam(model, { lr: 0.1 });
    const average = ema(model, 0.5);
    const step = (dtype: "float32" | "float64") =>
      optimizer.step(grad((m: Linear) => m.forward(ones([1, 2], { dtype })).sum())(model));
    step("float32");
    model.cast("float64");
    expect(() => step("float64")).toThrow("parameter, gradient and state must agree");
    expect(() => average.update()).toThrow("lerpUpdate: parameter float32 [1, 2] with float64");
  });
});
