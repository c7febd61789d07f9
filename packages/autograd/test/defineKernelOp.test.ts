/** @file Ops of one GPU.js kernel on cpu and reference: values, derivatives, and what is refused with what advice. */
import { matmul, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { defineKernelOp, gradcheck, gradgradcheck, vmap } from "../src/index.js";
import { blur, kernelCases, product } from "./devices/kernelOps.js";

const make = (kernel: unknown) =>
  defineKernelOp<readonly [Tensor]>({ name: "mine", kernel: kernel as string, vjp: null });

describe.each(["cpu", "reference"])("on %s", (device) => {
  it("is the kernel's text, element by element", () => {
    const [a, b] = kernelCases(device).product.inputs;
    const wanted = matmul(a, b).dataSync();
    product(a, b)
      .dataSync()
      .forEach((v, i) => void expect(v).toBeCloseTo(wanted[i] as number, 5));
    const x = tensor([[[1, 2, 4]]], { device });
    expect(blur(x, { weight: 0.5 }).toArray()).toEqual([[[2.5, 5.5, 7]]]);
  });

  it("has checked derivatives of both orders", () => {
    const cases = kernelCases(device, "float64");
    expect(gradcheck((a, b) => product(a, b), [...cases.product.inputs])).toBeLessThan(1e-6);
    const blurred = (x: Tensor) => blur(x, { weight: 0.3 }).square();
    expect(gradcheck(blurred, [...cases.blur.inputs])).toBeLessThan(1e-6);
    expect(gradgradcheck(blurred, [...cases.blur.inputs])).toBeLessThan(1e-5);
  });
});

it("reads flat, works on integers, keeps float64, and runs under vmap", () => {
  const twice = make("function (a) { return 2 * a[this.thread.x]; }");
  expect(twice(tensor([1, 2], { dtype: "int32" })).dtype).toBe("float32");
  expect(twice(tensor([0.1], { dtype: "float64" })).toArray()).toEqual([0.2]);
  expect(
    vmap((x: Tensor) => twice(x))(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    ).toArray(),
  ).toEqual([
    [2, 4],
    [6, 8],
  ]);
});

describe("a kernel that would not run everywhere is refused", () => {
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    [
      "an arrow",
      (a: number[]) => a[0],
      /arrow function, which has no this.thread\n {2}help: write function/,
    ],
    ["an arrow's text", "(a) => a[0]", /arrow function/],
    ["a number", 3, /the kernel is a number\n {2}help: write function/],
    ["a method", "run(a) { return a[0]; }", /not a plain function/],
    [
      "a closure",
      "function (a) { return a[0] * k; }",
      /reads k, which is not its own\n {2}help: hand it over: constants: \(\) => \(\{ k \}\)/,
    ],
    [
      "a loop to a variable",
      "function (a) { let n = a[0]; let s = 0; for (let i = 0; i < n; i++) { s = s + 1; } return s; }",
      /a loop of the kernel ends at n, .*\n {2}help: bound it by a number or this.constants.n/,
    ],
    [
      "a while loop",
      "function (a) { let s = 0; while (s < 3) { s = s + 1; } return s; }",
      /while loop\n {2}help: write for/,
    ],
    [
      "an arrow inside",
      "function (a) { const f = (x) => x; return f(a[0]); }",
      /arrow function inside/,
    ],
    ["no result", "function (a) { const b = a[0]; }", /returns nothing/],
    ["NaN", "function (a) { return NaN; }", /NaN or Infinity/],
    ["another this", "function (a) { return this.output.x; }", /reads this.output.x/],
    ["default values", "function (a = 1) { return a[0]; }", /parameter a = 1 is not a plain name/],
  ];
  it.each(cases)("%s", (_, kernel, message) => {
    expect(() => make(kernel)).toThrow(UsageError);
    expect(() => make(kernel)).toThrow(message);
  });

  it("at the call: numbers of tensors and subscripts, constants, shapes", () => {
    const x = tensor([[1, 2]]);
    const read = make("function (a) { return a[0][0][0]; }");
    expect(() => read(x)).toThrow(/reads a with 3 subscripts, its shape is \[1, 2\]/);
    const two = make("function (a, b) { return a[0] + b[0]; }");
    expect(() => two(x)).toThrow(/has 2 parameters, the call 1 tensors/);
    const missing = make("function (a) { return a[0] * this.constants.k; }");
    expect(() => missing(x)).toThrow(
      /this.constants.k is undefined\n {2}help: give a finite number/,
    );
    const odd = defineKernelOp<readonly [Tensor]>({
      name: "odd",
      kernel: "function (a) { return a[0]; }",
      shape: () => [1.5],
      vjp: null,
    });
    expect(() => odd(x)).toThrow(/the shape rule gives \[1.5\]/);
  });
});
