import * as nn from "@isograd/nn";
import { rng, type Tensor, tensor } from "@isograd/tensor";
import { faultsOf } from "@isograd/testkit";
import { describe, expect, it } from "vitest";

const { Linear, losses } = nn;
const make = { rng: rng(0) };
const goods = {
  "a tensor": () =>
    tensor([
      [1, 2],
      [3, 4],
    ]),
  "a module": () => new Linear(2, 2, { rng: rng(0) }),
  "2": () => 2,
  "[2, 2]": () => [2, 2],
  "a function": () => (x: unknown) => x,
  "an async function": () => async (x: unknown) => x,
  "a name": () => "name",
  "[a tensor]": () => [tensor([1])],
  "a rule": () => nn.sgdRule(),
};
/** Functions of an entry, with the name of the group in which they are. */
const exported: [name: string, f: unknown][] = [
  ...Object.entries(nn),
  ...Object.entries(nn.init).map(([name, f]): [string, unknown] => [`init.${name}`, f]),
  ...Object.entries(losses).map(([name, f]): [string, unknown] => [`losses.${name}`, f]),
  ...Object.entries(nn.schedules).map(([name, f]): [string, unknown] => [`schedules.${name}`, f]),
].filter(([, f]) => typeof f === "function");

tensor([1]).add(1).dispose(); // the first op starts the device, which takes longer

describe("calls with bad arguments", () => {
  it.each(exported)("%s refuses them in words of the house", async (name, f) => {
    expect(await faultsOf(name, f, goods)).toEqual([]);
  });
});

describe("fit and evaluate", () => {
  const model = new Linear(1, 1, make);
  const good = () => ({
    model,
    loss: (m: typeof model, x: Tensor) => m.forward(x).sum(),
    optimizer: nn.sgd(model, { lr: 1e-6 }),
    data: [tensor([[1]])],
    epochs: 1,
    maxSteps: 1,
    progress: false,
  });
  const run = (changes: unknown) => nn.fit({ ...good(), ...(changes as object) });
  it("name every option that is no good", async () => {
    expect(await faultsOf("fit", run, {})).toEqual([]);
    const names = Object.keys(good());
    for (const name of names) {
      const one = (value: unknown) => run({ [name]: value });
      expect(await faultsOf(`fit of ${name}`, one, {})).toEqual([]);
    }
  });
});
