/** @file Bad arguments of compile and of what it returns: all get errors of the house. */
import { compile } from "@isograd/compile";
import { add, ones, type Tensor } from "@isograd/tensor";
import { faultsOf } from "@isograd/testkit";
import { expect, it } from "vitest";

const goods = {
  "a tensor": () => ones([2]),
  "a function": () => (x: unknown) => x,
};

it("compile refuses them", async () => {
  expect(await faultsOf("compile", compile as never, goods)).toEqual([]);
});

it("compiled functions refuse them", async () => {
  const f = compile((x: Tensor) => add(x, 1));
  const fresh = (...xs: unknown[]) => {
    f.dispose();
    return (f as (...xs: unknown[]) => unknown)(...xs);
  };
  expect(await faultsOf("f", fresh, goods)).toEqual([]);
});
