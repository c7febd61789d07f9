/** @file Calls with arguments that make no sense end in errors of the house, and soon. */
import * as all from "@isograd/gpart";
import { AdapterSet, gpart, lora, partition } from "@isograd/gpart";
import { Linear, Module } from "@isograd/nn";
import { rng, type Tensor, tensor } from "@isograd/tensor";
import { expectTensor } from "@isograd/tensor/engine";
import { faultsOf, methodFaultsOf } from "@isograd/testkit";
import { describe, expect, it } from "vitest";

const goods = {
  "a tensor": () => tensor([1, 2]),
  "a module": () => new Linear(2, 2, { rng: rng(0) }),
  "2": () => 2,
  "a name": () => "name",
};

const functions = Object.entries(all).filter(([, f]) => typeof f === "function");

describe("functions and classes", () => {
  it.each(functions)("%s", async (name, f) => {
    expect(await faultsOf(name, f, goods)).toEqual([]);
  });
});

/** The methods that an object does not have of Module, which the tests of nn call. */
function own(object: object): object {
  const found: Record<string, unknown> = {};
  let at: object = object;
  while (at !== Object.prototype && at !== Module.prototype) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      const called = typeof value === "function" && name !== "constructor";
      if (called && name !== "train") found[name] = value.bind(object);
    }
    at = Object.getPrototypeOf(at) as object;
  }
  return found;
}

class Strict extends Linear {
  override forward(x: Tensor): Tensor {
    expectTensor("Strict", x);
    return x.shape.at(-1) === 2 ? super.forward(x) : x;
  }
}

const few = { "a tensor": goods["a tensor"], "a name": goods["a name"] };
const model = () => new Strict(2, 2, { rng: rng(0) });
const methods = {
  Adapter: () => gpart(model(), { d: 2 }),
  AdapterSet() {
    const base = model();
    return new AdapterSet(base).add("name", lora(base, { rank: 1 }));
  },
  "a partition": () => partition({ n: 10, d: 2 }),
};

describe("methods", () => {
  it.each(Object.entries(methods))("of %s", async (name, make) => {
    expect(await methodFaultsOf(name, () => own(make()), few)).toEqual([]);
  });
});
