/**
 * @file Running statistics under an adapter: the base keeps its own, those of the adapter are saved
 * with it; and the mode of loaded and cloned adapters.
 */
import { grad } from "@isograd/autograd";
import { BatchNorm, functionalCall, Linear, Module } from "@isograd/nn";
import { memory, rng, scope, type Tensor } from "@isograd/tensor";
import { saveSafetensors } from "@isograd/tensor/io";
import { describe, expect, it } from "vitest";
import {
  type Adapter,
  AdapterSet,
  combineAdapters,
  gpart,
  loadAdapter,
  lora,
  microBatches,
  saveAdapter,
} from "../../src/index.js";
import { bits, Small, scramble } from "./models.js";

class Normed extends Module {
  readonly first = new Linear(4, 3, { rng: rng(0) });
  readonly norm = new BatchNorm(3);
  readonly last = new Linear(3, 2, { rng: rng(1) });

  forward(x: Tensor): Tensor {
    return this.last.forward(this.norm.forward(this.first.forward(x)));
  }
}

const inputs = (seed = 2) => rng(seed).normal([8, 4]);
const state = (model: Module) => [...model.namedBuffers()].map(([name, b]) => [name, bits(b.own)]);

function trained(): { model: Normed; adapter: Adapter<Normed> } {
  const model = new Normed();
  const adapter = gpart(model, { d: 5, seed: 1 });
  scramble(adapter);
  for (let i = 0; i < 3; i++) adapter.forward(inputs(i));
  return { model, adapter };
}

describe("running statistics", () => {
  it("change in the adapter as they would in the model, which keeps its own", () => {
    const { model, adapter } = trained();
    expect(state(model)).toEqual(state(new Normed()));
    const alone = new Normed();
    functionalCall(alone, adapter.weights(), (m) => {
      for (let i = 0; i < 3; i++) m.forward(inputs(i));
    });
    expect(bits(adapter.buffers["norm.running_mean"]!.own)).toEqual(
      bits(alone.norm.running_mean.own),
    );
    expect(bits(adapter.buffers["norm.running_var"]!.own)).toEqual(
      bits(alone.norm.running_var.own),
    );
    adapter.eval();
    const before = bits(adapter.forward(inputs()));
    model.eval();
    expect(
      bits(functionalCall(alone.eval(), adapter.weights(), (m) => m.forward(inputs()))),
    ).toEqual(before);
  });

  it("are saved with the adapter, and only when they changed", () => {
    const { model, adapter } = trained();
    adapter.eval();
    const files = saveAdapter(adapter);
    const other = new Normed().eval();
    const loaded = loadAdapter(other, files);
    expect(bits(loaded.forward(inputs()))).toEqual(bits(adapter.forward(inputs())));
    expect(state(other)).toEqual(state(new Normed()));
    expect(saveAdapter(loaded)).toEqual(files);
    const fresh = gpart(model, { d: 5, seed: 1 });
    expect(saveAdapter(fresh.eval()).weights.length).toBeLessThan(files.weights.length - 50);
  });

  it("are merged, unmerged and cloned", () => {
    const { model, adapter } = trained();
    adapter.eval();
    const base = state(model);
    const expected = bits(adapter.forward(inputs()));
    expect(bits(adapter.clone().forward(inputs()))).toEqual(expected);
    adapter.merge();
    expect(bits(model.forward(inputs()))).toEqual(expected);
    expect(bits(adapter.forward(inputs()))).toEqual(expected);
    adapter.disabled(() => {
      expect(bits(adapter.forward(inputs()))).toEqual(bits(new Normed().eval().forward(inputs())));
    });
    const copy = adapter.clone().buffers["norm.running_mean"]!;
    expect(bits(copy.own)).toEqual(bits(adapter.buffers["norm.running_mean"]!.own));
    adapter.train();
    model.forward(inputs(7)); // while merged, the model's are the adapter's
    const mean = bits(model.norm.running_mean.own);
    adapter.unmerge();
    expect(state(model)).toEqual(base);
    expect(bits(adapter.buffers["norm.running_mean"]!.own)).toEqual(mean);
    adapter.eval();
    const last = bits(adapter.forward(inputs()));
    expect(bits(adapter.mergeAndUnload().forward(inputs()))).toEqual(last);
  });

  it("change in training with gradients, in parts, and not when the run fails to count", () => {
    const { model, adapter } = trained();
    const base = state(model);
    const before = bits(adapter.buffers["norm.running_mean"]!.own);
    grad((a: typeof adapter) => a.forward(inputs()).square().sum())(adapter);
    const after = bits(adapter.buffers["norm.running_mean"]!.own);
    expect(after).not.toEqual(before);
    microBatches(adapter, (m, x: Tensor) => m.forward(x).square().mean(), [inputs(3), inputs(4)]);
    expect(adapter.buffers["norm.num_batches_tracked"]!.own.item()).toBe(6);
    expect(() =>
      adapter.run((m) => {
        m.forward(inputs());
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(state(model)).toEqual(base);
    expect(Object.keys(adapter.trainable())).toEqual(["trained.theta"]);
    expect(adapter.parameterCount).toBe(5);
  });

  it("are part of the state dict, so that training can go on", () => {
    const { adapter } = trained();
    const again = gpart(new Normed(), { d: 5, seed: 1 });
    again.loadStateDict(adapter.stateDict());
    adapter.eval();
    again.eval();
    expect(bits(again.forward(inputs()))).toEqual(bits(adapter.forward(inputs())));
  });

  it("stay those of the base in a set without an active adapter", () => {
    const { model, adapter } = trained();
    const base = state(model);
    const all = new AdapterSet(model).add("a", adapter);
    all.disabled(() => all.forward(inputs()));
    all.forwardMixed(["a", "a", null, null], rng(1).normal([4, 4]));
    expect(state(model)).toEqual(base);
  });

  it("do not add", () => {
    const { model, adapter } = trained();
    const other = gpart(model, { d: 5, seed: 1 });
    expect(() => combineAdapters([adapter, other])).toThrow("running statistics of their own");
    expect(
      bits(combineAdapters([adapter, adapter.clone()]).buffers["norm.running_mean"]!.own),
    ).toEqual(bits(adapter.buffers["norm.running_mean"]!.own));
  });

  it("of a module that PEFT saved in full are loaded", () => {
    const mean = rng(3).normal([3]);
    const config = {
      ...{ peft_type: "GPART", d: 5, proj_seed: 1, assignment_backend: "stateless" },
      ...{ target_modules: ["first"], modules_to_save: ["norm"] },
    };
    const inFile = "base_model.model.norm";
    const weights = saveSafetensors({
      "base_model.gpart_theta_d": rng(0).normal([5]),
      [`${inFile}.weight`]: rng(1).normal([3]),
      [`${inFile}.bias`]: rng(2).normal([3]),
      [`${inFile}.running_mean`]: mean,
      [`${inFile}.running_var`]: rng(4).uniform([3]),
      [`${inFile}.num_batches_tracked`]: { shape: [], dtype: "int64", data: BigInt64Array.of(7n) },
    });
    const adapter = loadAdapter(new Normed(), { config: JSON.stringify(config), weights });
    expect(bits(adapter.buffers["norm.running_mean"]!.own)).toEqual(bits(mean));
    expect(adapter.buffers["norm.num_batches_tracked"]!.own.item()).toBe(7);
  });

  it("keep no memory", () => {
    const before = memory().tensors;
    scope(() => {
      const { model, adapter } = trained();
      adapter.merge();
      adapter.dispose();
      model.dispose();
      return null;
    });
    expect(memory().tensors).toBe(before);
  });
});

describe("the mode", () => {
  const model = new Small(1);
  const x = rng(3).normal([4, 6]);

  it.each([true, false])("of a loaded and of a cloned adapter is the one of before: %s", (on) => {
    const adapter = lora(model, { rank: 2, dropout: 0.5, seed: 3 });
    scramble(adapter);
    adapter.train(on);
    const loaded = loadAdapter(model, saveAdapter(adapter));
    expect(loaded.training).toBe(on);
    expect(bits(loaded.forward(x))).toEqual(bits(adapter.forward(x)));
    const clone = adapter.clone();
    expect(clone.training).toBe(on);
    expect(bits(clone.forward(x))).toEqual(bits(adapter.forward(x)));
    model.train();
  });

  it("groups of a clone are those of the adapter, also while another base is in the model", () => {
    const adapter = gpart(model, { d: 9, scheme: "signed-magnitude" });
    scramble(adapter);
    const delta = bits(adapter.delta());
    adapter.merge();
    expect(bits(adapter.clone().delta())).toEqual(delta);
    adapter.unmerge();
  });
});

describe("a set with an adapter that is merged", () => {
  it("refuses to run another, to add, and to combine", () => {
    const model = new Small(1);
    const make = (seed: number) => gpart(model, { d: 5, seed, modulesToSave: ["head"] });
    const all = new AdapterSet(model).add("a", make(1)).add("b", make(2)).add("c", make(2));
    all.get("b").merge(); // not the active one
    const x = rng(3).normal([4, 6]);
    const problem = '"b" is merged into the model';
    expect(() => all.forward(x)).toThrow(problem);
    expect(() => all.run((m) => m.forward(x))).toThrow(problem);
    expect(() => all.add("d", make(3))).toThrow(problem);
    expect(() => all.combine("d", ["a", "c"])).toThrow(problem);
    expect(() => all.merge()).toThrow(problem);
    expect(() => all.mergeAndUnload()).toThrow(problem);
    expect(all.names).toEqual(["a", "b", "c"]);
    all.get("b").unmerge();
    all.merge();
    expect(bits(all.forward(x))).toEqual(bits(model.forward(x)));
    const own = make(4);
    all.unmerge();
    own.merge();
    expect(() => all.add("own", own)).toThrow('"own" is merged');
  });

  it("takes any name, and frees its adapters", () => {
    const model = new Small(1);
    const all = new AdapterSet(model);
    const names = ["__proto__", "constructor", "toString"];
    for (const [i, name] of names.entries()) all.add(name, gpart(model, { d: 3 + i }));
    expect([all.names, all.active]).toEqual([names, "__proto__"]);
    expect(all.get("__proto__").parameterCount).toBe(3);
    expect(all.set("constructor").parameterCount).toBe(4);
    expect([...all.namedParameters().keys()][0]).toBe("adapters.__proto__.trained.theta");
    expect(all.delete("__proto__").names).toEqual(["constructor", "toString"]);
    const adapter = all.get("toString");
    all.dispose();
    expect(() => adapter.delta()).toThrow("was disposed");
  });
});
