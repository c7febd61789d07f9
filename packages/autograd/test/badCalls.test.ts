import * as e0 from "@isograd/autograd";
import * as e1 from "@isograd/autograd/check";
import * as e2 from "@isograd/autograd/viz";
import { square, sum, type Tensor, tensor } from "@isograd/tensor";
import { faultsOf, methodFaultsOf } from "@isograd/testkit";
import { describe, expect, it } from "vitest";

const { defineKernelOp, defineOp, linearize, requiresGrad, vjp } = e0;
// `@isograd/autograd/engine` trusts those who extend it, such as compile, which checks what users give
const entries = {
  "@isograd/autograd": e0,
  "@isograd/autograd/check": e1,
  "@isograd/autograd/viz": e2,
};
const goods = {
  "a tensor": () => tensor([1, 2]),
  "a leaf": () => requiresGrad(tensor([1, 2])).mul(2),
  "[a tensor]": () => [tensor([1])],
  square: () => square,
  sum: () => sum,
  "a function": () => (x: unknown) => x,
  "an async function": () => async (x: Tensor) => x,
  "a name": () => "name",
  "a definition": () => ({ name: "f", forward: ([x]: [Tensor]) => x.mul(2), vjp: () => [null] }),
};

describe.each(Object.entries(entries))("calls with bad arguments of %s", (_, exported) => {
  const functions = Object.entries(exported).filter(([, f]) => typeof f === "function");
  it.each(functions)("%s refuses them in words of the house", async (name, f) => {
    expect(await faultsOf(name, f, goods)).toEqual([]);
  });
});

describe("calls with bad arguments of what functions return", () => {
  const made: Record<string, () => object> = {
    vjp: () => vjp(square, tensor([1, 2])),
    linearize: () => linearize(square, tensor([1, 2])),
  };
  it.each(Object.entries(made))("%s refuses them in words of the house", async (name, make) => {
    expect(await methodFaultsOf(name, make, goods)).toEqual([]);
  });

  const ops = {
    forward: defineOp<readonly [Tensor]>({
      name: "twice",
      forward: ([x]) => x.mul(2),
      vjp: () => [(g) => g.mul(2)],
    }),
    scalar: defineOp<readonly [Tensor]>({ name: "twice", scalar: (x) => 2 * x, vjp: null }),
    kernel: defineKernelOp<readonly [Tensor]>({
      name: "twice",
      kernel: "function (a) { return 2 * a[this.thread.x]; }",
      vjp: null,
    }),
    customVjp: e0.customVjp(square, (_, g) => [g]),
    customJvp: e0.customJvp(square, (_, [v]) => v as Tensor),
  };
  it.each(Object.entries(ops))("an op by %s refuses them", async (name, f) => {
    expect(await faultsOf(name, f, goods)).toEqual([]);
  });
});
