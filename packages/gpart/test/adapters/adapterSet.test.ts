/**
 * @file Several adapters on one model: names, the active and trained one, mixed batches, merging.
 */
import { grad } from "@isograd/autograd";
import { adam } from "@isograd/nn";
import { concat, memory, rng, ShapeError, scope, type Tensor, UsageError } from "@isograd/tensor";
import { installMatchers } from "@isograd/testkit";
import { describe, expect, it, vi } from "vitest";
import { AdapterSet, gpart, lora } from "../../src/index.js";
import { bits, Small, scramble } from "./models.js";

installMatchers();

const inputs = () => rng(11).normal([5, 6]);

/** Three adapters of two methods, with random numbers. */
function three(model = new Small(1)) {
  const all = new AdapterSet(model);
  const made = {
    a: gpart(model, { d: 9 }),
    b: gpart(model, { d: 9 }),
    c: lora(model, { rank: 1 }),
  };
  Object.entries(made).forEach(([name, adapter], i) => {
    scramble(adapter, i);
    all.add(name, adapter);
  });
  return { model, all, ...made };
}

describe("a set of adapters", () => {
  it("runs with the active one, trains it alone, and leaves the others their bits", () => {
    const { all, a, b } = three();
    expect([all.active, all.names, all.parameterCount]).toEqual(["a", ["a", "b", "c"], 9]);
    expect(bits(all.forward(inputs()))).toEqual(bits(a.forward(inputs())));
    all.set("b");
    expect(bits(all.forward(inputs()))).toEqual(bits(b.forward(inputs())));
    const before = [a, b].map((x) => bits(x.trained.theta!.own));
    const loss = (s: typeof all) => s.forward(inputs()).square().sum();
    const grads = grad(loss)(all);
    expect(Object.keys(grads)).toEqual(["adapters.b.trained.theta"]);
    adam(all, { lr: 0.1 }).step(grads);
    expect(bits(a.trained.theta!.own)).toEqual(before[0]);
    expect(bits(b.trained.theta!.own)).not.toEqual(before[1]);
  });

  it("runs the plain model with none, and in disabled()", () => {
    const { all, model, a } = three();
    const plain = bits(model.forward(inputs()));
    expect(bits(all.disabled(() => all.forward(inputs())))).toEqual(plain);
    expect(all.active).toBe("a");
    expect(a.parameterCount).toBe(9);
    expect(() =>
      all.disabled(() => {
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(all.active).toBe("a");
    expect(bits(all.set(null).forward(inputs()))).toEqual(plain);
    expect(all.parameterCount).toBe(0);
  });

  it("gives each sample of a batch its own adapter", () => {
    const { all, model, a, c } = three();
    const x = inputs();
    const row = (i: number) => x.slice([[i, i + 1]]);
    const mixed = all.forwardMixed(["a", null, "c", "a", null], x);
    const expected = concat([
      a.forward(row(0)),
      model.forward(row(1)),
      c.forward(row(2)),
      a.forward(row(3)),
      model.forward(row(4)),
    ]);
    expect(mixed).toBeCloseToTensor(expected, { rtol: 1e-5, atol: 1e-6 });
  });

  it("walks through lists and objects of a mixed batch, and is differentiable", () => {
    class Pair extends Small {
      override forward(x: Tensor, more?: { readonly shift: Tensor }): Tensor {
        return super.forward(more === undefined ? x : x.add(more.shift));
      }
      both(x: Tensor): { readonly y: Tensor; readonly list: readonly Tensor[] } {
        return { y: this.forward(x), list: [x.square()] };
      }
    }
    const model = new Pair(1);
    const all = new AdapterSet<Pair>(model).add("a", gpart(model, { d: 9 }));
    scramble(all.get("a"));
    const [x, shift] = [inputs(), rng(3).normal([5, 6])];
    const names = [null, "a", "a", null, "a"];
    const mixed = all.forwardMixed(names, x, { shift });
    const expected = all.forwardMixed(names, x.add(shift));
    expect(mixed).toBeCloseToTensor(expected, { rtol: 1e-5, atol: 1e-6 });
    const loss = (s: typeof all) => s.forwardMixed(names, x).sum();
    const alone = (s: typeof all) => {
      const rows = [1, 2, 4].map((i) => s.forward(x.slice([[i, i + 1]])).sum());
      return rows.reduce((p, q) => p.add(q));
    };
    const key = "adapters.a.trained.theta";
    const [got, want] = [grad(loss)(all)[key]!, grad(alone)(all)[key]!];
    expect(got).toBeCloseToTensor(want, { rtol: 1e-4, atol: 1e-4 });
  });

  it("merges and unmerges the active one, to the last bit", () => {
    const { all, model, a, b } = three();
    const before = model.parameters().map((p) => bits(p.own));
    const adapted = bits(a.forward(inputs()));
    all.merge();
    expect(bits(model.forward(inputs()))).toEqual(adapted);
    expect(() => all.set("b")).toThrow('"a" is merged into the model');
    expect(() => all.delete("b")).toThrow("unmerge() it first");
    expect(() => all.unload()).toThrow('"a" is merged');
    b.merge();
    expect(() => a.unmerge()).toThrow("was changed after the merge");
    b.unmerge();
    all.unmerge();
    expect(model.parameters().map((p) => bits(p.own))).toEqual(before);
    all.set("c");
    const other = bits(all.forward(inputs()));
    expect(all.mergeAndUnload()).toBe(model);
    expect(bits(model.forward(inputs()))).toEqual(other);
    expect(all.names).toEqual([]);
  });

  it("forgets what is deleted, with its memory", () => {
    const model = new Small(1);
    const before = memory().tensors;
    scope(() => {
      const { all, a } = three(model);
      all.delete("a");
      expect([all.active, all.names]).toEqual([null, ["b", "c"]]);
      expect(() => a.forward(inputs())).toThrow("disposed");
      expect(all.unload()).toBe(model);
      return null;
    });
    expect(memory().tensors).toBe(before);
  });

  it("adds adapters under a new name", () => {
    const { all, a, b } = three();
    all.combine("both", ["a", "b"], { weights: [0.5, 2] });
    const expected = a.delta().mul(0.5).add(b.delta().mul(2));
    expect(all.get("both").delta()).toBeCloseToTensor(expected, { rtol: 1e-5, atol: 1e-6 });
    expect(all.active).toBe("a");
    expect(all.parameterCount).toBe(9);
  });

  it("prints what is trained, and trains and evaluates with its model", () => {
    const { all, model } = three();
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    expect(all.printTrainableParameters()).toContain("trainable params: 9 ||");
    log.mockRestore();
    all.eval();
    expect([model.training, all.get("c").training]).toEqual([false, false]);
  });

  it.each<[string, (s: ReturnType<typeof three>) => unknown, string]>([
    [
      "an unknown name",
      ({ all }) => all.set("x"),
      'there is no adapter "x"\n  help: there are: a, b, c',
    ],
    ["an unknown name of delete", ({ all }) => all.delete("x"), "delete: there is no"],
    ["an unknown name of get", ({ all }) => all.get("toString"), "get: there is no"],
    ["an unknown name in a batch", ({ all }) => all.forwardMixed(["x"], inputs()), '"x"'],
    ["no batch", ({ all }) => all.forwardMixed([], inputs()), "no samples"],
    ["an unknown name to combine", ({ all }) => all.combine("n", ["a", "x"]), '"x"'],
    ["a name in use", ({ all, a }) => all.add("a", a), "already"],
    ["a name with dots", ({ all, a }) => all.add("a.b", a), "without dots"],
    ["another model", ({ all }) => all.add("n", gpart(new Small(1), { d: 1 })), "another model"],
    ["merging nothing", ({ all }) => all.set(null).merge(), "no adapter is active"],
  ])("refuses %s", (_, run, message) => {
    const made = three();
    expect(() => run(made)).toThrow(UsageError);
    expect(() => run(made)).toThrow(message);
  });

  it("refuses a batch of another size", () => {
    const { all } = three();
    expect(() => all.forwardMixed(["a"], inputs())).toThrow(ShapeError);
    expect(() => all.forwardMixed(["a"], inputs())).toThrow("does not have 1 rows");
  });
});
