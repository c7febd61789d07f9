/** @file x.at(…) in compiled functions: the same bits, and places outside are refused in each call. */
import { grad } from "@isograd/autograd";
import { greater, rng, type Tensor, tensor } from "@isograd/tensor";
import { expect, it } from "vitest";
import { compile } from "../src/index.js";
import { expectSame, read } from "./same.js";

const places = (...values: number[]) => tensor(values, { dtype: "int32" });

it.each([
  ["get", (x: Tensor, i: Tensor) => x.at(i, [1, 3]).get()],
  ["get along another axis", (x: Tensor, i: Tensor) => x.at([], i).get()],
  ["set", (x: Tensor, i: Tensor) => x.at(i, 0).set(x.sum())],
  ["add", (x: Tensor, i: Tensor) => x.at("...", i).add(1)],
  ["set under a mask", (x: Tensor) => x.at(greater(x, 0)).set(0)],
  [
    "the gradient of set",
    (x: Tensor, i: Tensor) => grad((x: Tensor) => x.at(i).set(x.sum()).square().sum())(x),
  ],
])("%s", (_, f: (x: Tensor, i: Tensor) => Tensor) => {
  const compiled = compile(f);
  for (const [seed, i] of [places(0, -1), places(2, 2), places(-3, 1)].entries()) {
    const x = rng(seed).normal([3, 4]);
    expectSame(read(compiled(x, i)), read(f(x, i)));
  }
});

it("refuses a place outside in a later call, too", () => {
  const f = compile((x: Tensor, i: Tensor) => x.at(i).get());
  const x = rng(0).normal([3]);
  for (const i of [places(0), places(1), places(-3)]) f(x, i);
  expect(() => f(x, places(3))).toThrow("index 3 (number 0 of the indices) is outside of [-3, 3)");
  expect(f(x, places(-1)).item()).toBe(x.at(-1).get().item());
});
