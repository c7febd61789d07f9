/** @file Arguments after the last are refused; what map and reduce pass on is let through. */
import * as t from "@isograd/tensor";
import { expect, it } from "vitest";

const x = t.tensor([1, 2]);
const m = t.tensor([
  [1, 2],
  [3, 4],
]);
const c = t.tensor([true, false]);
/** Calls as JavaScript makes them, without types. */
const call = (f: unknown, ...args: unknown[]) => (f as (...args: unknown[]) => unknown)(...args);
const method = (self: t.Tensor, name: keyof t.Tensor, ...args: unknown[]) =>
  (self[name] as (...args: unknown[]) => unknown).apply(self, args);

it.each<[string, string, () => unknown]>([
  ["matmul: takes no further argument: got false", "", () => call(t.matmul, m, m, false, true)],
  ["{ transposeB }", "write matmul(a, b.mT)", () => call(t.matmul, m, m, { transposeB: true })],
  [
    "gelu: takes no further argument: got { approximate }",
    "leave it out",
    () => call(t.gelu, x, { approximate: "tanh" }),
  ],
  ["{ decimals }", "leave it out", () => call(t.round, x, { decimals: 2 })],
  ["add: takes no further", "leave it out", () => call(t.add, x, x, { alpha: 2 })],
  ["softplus: takes no", "", () => call(t.softplus, x, { beta: 2 })],
  ["sigmoid: takes no", "", () => call(t.sigmoid, x, x)],
  ["where: takes no", "", () => call(t.where, c, x, x, { out: x })],
  ["pow: takes no", "", () => call(t.pow, x, 2, "mod")],
  ["less: takes no", "", () => call(t.less, x, x, true)],
  ["reshape: takes no", "", () => call(t.reshape, x, [1, 2], { order: "F" })],
  ["matmul: takes no", "", () => method(m, "matmul", m, { transposeB: true })],
  ["tanh: takes no", "", () => method(x, "tanh", { out: x })],
  ["nextInt: takes no", "", () => call((...args: []) => t.rng(0).nextInt(5, ...args), true)],
])("%s %s", (problem, help, run) => {
  let error: unknown;
  try {
    run();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(t.UsageError);
  expect(String(error)).toContain(problem);
  expect(String(error)).toContain(help);
});

it("map, reduce and Array.from pass a place and the list on", () => {
  expect([x, x].map(t.square).map(String)).toEqual(
    ["Tensor(float32, [2]) [1, 4]"].flatMap((s) => [s, s]),
  );
  expect(String([x, x, x].reduce(t.add))).toBe("Tensor(float32, [2]) [3, 6]");
  expect([c].map(t.logicalNot).map(String)).toEqual(["Tensor(bool, [2]) [false, true]"]);
  expect(Array.from([x], t.neg).map(String)).toEqual(["Tensor(float32, [2]) [-1, -2]"]);
  expect([m, m].reduce(t.matmul).toArray()).toEqual([
    [7, 10],
    [15, 22],
  ]);
});

it.each([
  ["normal", { loc: 1 }, "mean"],
  ["normal", { scale: 2 }, "std"],
  ["uniform", { minval: 0 }, "low"],
  ["integers", { maxval: 5 }, "high"],
] as const)("rng.%s names ours for %o", (name, options, ours) => {
  const r = t.rng(0);
  const run = () => call(r[name].bind(r), [2], options);
  expect(run).toThrow(`did you mean ${ours}?`);
});
