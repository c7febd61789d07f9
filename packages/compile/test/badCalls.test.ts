/** @file Bad arguments of compile and of what it returns: all get errors of the house. */
import { compile } from "@isograd/compile";
import { add, ones, type Tensor, UsageError } from "@isograd/tensor";
import { faultsOf } from "@isograd/testkit";
import { expect, it } from "vitest";

const goods = {
  "a tensor": () => ones([2]),
  "a function": () => (x: unknown) => x,
};

it("compile refuses them", async () => {
  expect(await faultsOf("compile", compile as never, goods)).toEqual([]);
});

it.each([
  [() => compile((x) => x, { passes: 1 as never }), "compile: option passes must be a boolean"],
  [() => compile((x) => x, { passes: [] as never }), "compile: option passes must be a boolean"],
  [() => compile((x) => x, { pass: true } as never), 'compile: has no option "pass"'],
  [() => compile((x) => x).toString({ wat: "yes" as never }), "toString: option wat must be a"],
  [() => compile((x) => x).toString("wat" as never), "toString: "],
  [() => compile((x) => x).toDot({ passes: 0 as never }), "toDot: option passes must be a boolean"],
  [() => compile((x) => x).toMermaid({ wat: true } as never), 'toMermaid: has no option "wat"'],
])("options: %s", (call, message) => {
  expect(call).toThrow(UsageError);
  expect(call).toThrow(message);
});

it("compiled functions refuse them", async () => {
  const f = compile((x: Tensor) => add(x, 1));
  const fresh = (...xs: unknown[]) => {
    f.dispose();
    return (f as (...xs: unknown[]) => unknown)(...xs);
  };
  expect(await faultsOf("f", fresh, goods)).toEqual([]);
  for (const name of ["toString", "toDot", "toMermaid"] as const) {
    expect(await faultsOf(name, f[name] as never, goods)).toEqual([]);
  }
});
