/**
 * @file Ops of one GPU.js kernel on cpu and reference: values, derivatives, and errors with their
 * help.
 */
import { fc, it as test } from "@fast-check/vitest";
import { matmul, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import type { Mode } from "../../tensor/src/devices/gpu/gpujs/backend.js";
import { loadGpuJs } from "../../tensor/src/devices/gpu/gpujs/library.js";
import {
  defineKernelOp,
  grad,
  gradcheck,
  gradgradcheck,
  type KernelFunction,
  vmap,
} from "../src/index.js";
import {
  blur,
  CONSTANTS,
  factors,
  kernelCases,
  OPERAND,
  product,
  TEXTS,
  textOp,
} from "./devices/kernelOps.js";

type CpuKernel = (a: readonly (readonly number[])[]) => Float32Array[];
/** Functions that GPU.js lacks in its cpu mode. */
const OURS = ["hypot", "the largest of four", "a flat place"];
const length = fc.integer({ min: 1, max: 9 });

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
    ["a number", 3, /not a plain function\n {2}help: write function/],
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
    ["an arrow inside", "function (a) { const f = (x) => x; return f(a[0]); }", /function inside/],
    ["no result", "function (a) { const b = a[0]; }", /may end without a result/],
    [
      "a result under a condition",
      "function (a) { if (a[0] > 0) { return 1; } }",
      /may end without a result\n {2}help: end with return/,
    ],
    [
      "a random number",
      "function (a) { return Math.random(); }",
      /GPUs lack\n {2}help: .*random numbers come as a tensor/,
    ],
    [
      "another function",
      "function (a) { return Math.imul(a[0], 2); }",
      /arithmetic that GPUs lack\n {2}help: there are Math.abs/,
    ],
    [
      "a power by **",
      "function (a) { return a[0] ** 3; }",
      /GPUs lack\n {2}help: there are Math.abs, sqrt, pow/,
    ],
    [
      "a length",
      "function (a) { return a.length; }",
      /reads all of a\n {2}help: .*lengths come as constants/,
    ],
    [
      "a row's length",
      "function (a) { return a[0].length; }",
      /more than numbers\n {2}help: .*lengths come as constants/,
    ],
    ["a whole array", "function (a) { const b = a; return b; }", /reads all of a/],
    [
      "an array made",
      "function (a) { const v = [1, 2]; return 1; }",
      /more than numbers\n {2}help: name one number/,
    ],
    ["a string", "function (a) { return 'b'; }", /more than numbers/],
    [
      "a late value",
      "function (a) { let s; s = 1; return s; }",
      /without a value\n {2}help: write let s = 0/,
    ],
    ["a count in a place", "function (a) { let i = 0; return a[i++]; }", /counts inside/],
    [
      "a count in a sum",
      "function (a) { let i = 0; const b = 1 + --i; return b; }",
      /counts inside/,
    ],
    [
      "a counter from outside",
      "function (a) { let i = 0; for (i = 0; i < 3; i++) { } return i; }",
      /starts with i = 0\n {2}help: write for \(let/,
    ],
    ["this, handed on", "function (a) { const t = this; return a[0]; }", /hands this on/],
    [
      "a closure among arguments",
      "function (a) { const b = Math.max(1, k); return b; }",
      /reads k/,
    ],
    ["NaN", "function (a) { return NaN; }", /NaN or Infinity/],
    ["another this", "function (a) { return this.output.x; }", /reads this.output.x/],
    ["default values", "function (a = 1) { return a[0]; }", /not a plain function/],
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
    expect(() => odd(x)).toThrow(
      /odd: shape \[1.5\] has the length 1.5\n {2}help: lengths are integers/,
    );
    const written = make("function (a) { a[0][0] = 1; return a[0][0]; }");
    expect(() => written(x)).toThrow(/writes to a\n {2}help: return the element/);
    const truth = make("function (a) { return a[0] > 0; }");
    expect(() => truth(x)).toThrow(/gives true\n {2}help: return a number/);
  });

  it("definitions without what they need", () => {
    const kernel = "function (a, b) { return a[this.thread.x] * b[this.thread.x]; }";
    const define = (more: object) =>
      defineKernelOp<readonly [Tensor, Tensor]>({ name: "mine", kernel, vjp: null, ...more });
    expect(() => define({ vjp: undefined })).toThrow(
      /mine: the vjp is no function\n {2}help: give an array/,
    );
    expect(() => define({ vjp: [] })).toThrow(/mine: the vjp is no function/);
    const pair = [tensor([1]), tensor([2])] as const;
    expect(() => define({ shape: [3] })).toThrow(/shape must be a function, got \[3\]/);
    const shaped = define({ shape: () => undefined });
    expect(() => shaped(...pair)).toThrow(
      /mine: a shape is a list of lengths, got undefined\n {2}help: write \[2, 3\]/,
    );
    const text = "function (a, b) { return a[0] * b[0] * this.constants.n; }";
    expect(() => define({ constants: { n: 3 } })).toThrow(/constants must be a function, got an/);
    const constant = define({ kernel: text, constants: () => ({}) });
    expect(() => constant(...pair)).toThrow(/this.constants.n is undefined\n {2}help: .*\(\) =>/);
    const back = (vjp: unknown) => () => {
      const op = define({ vjp });
      return grad(([a, b]: [Tensor, Tensor]) => op(a, b).sum())([tensor([1, 2]), tensor([3, 4])]);
    };
    const send = (g: Tensor): Tensor => g;
    expect(back(() => [send])).toThrow(
      /mine: the vjp gives 1 functions for 2 inputs\n {2}help: give an array/,
    );
    expect(back(() => [send, send, null])).toThrow(/gives 3 functions/);
    expect(back(() => [send, 3])).toThrow(/gives 3 for input 1/);
    expect(back(() => undefined)).toThrow(/gives 1 functions for 2 inputs/);
    expect(back(() => [send, () => 3])).toThrow(/sends 3 to input 1\n {2}help: .*tensor/);
    expect(back(() => [send, (g: Tensor) => g.sum()])).toThrow(
      /cotangent of shape \[\] for .*\[2\]/,
    );
    expect(back(() => [send, null])()[1].toArray()).toEqual([0, 0]);
  });
});

describe("as GPU.js's own cpu mode has it", () => {
  it.each(Object.keys(TEXTS).filter((name) => !OURS.includes(name)))("%s", async (name) => {
    const { GPU } = await loadGpuJs();
    const gpu = new GPU({ mode: "cpu" as Mode });
    const settings = { output: [4, 2], constants: CONSTANTS, loopMaxIterations: 2 ** 30 };
    const source = `function (a) { ${TEXTS[name]} }`;
    const kernel = gpu.createKernel(source, settings as never) as unknown as CpuKernel;
    const theirs = [...kernel(OPERAND)].flatMap((row) => [...row]);
    await gpu.destroy();
    for (const device of ["cpu", "reference"]) {
      const ours = textOp(name)(tensor(OPERAND, { device })).dataSync();
      theirs.forEach((v, k) => void expect(ours[k]).toBeCloseTo(v, 4));
    }
  });
});

test.prop([fc.tuple(length, length, length), fc.constantFrom("cpu", "reference")])(
  "of any shape, values and gradients are those of matmul",
  (shape, device) => {
    const [a, b] = factors(shape, { device });
    const both = (f: typeof matmul) => (pair: readonly [Tensor, Tensor]) =>
      f(...pair)
        .sin()
        .sum();
    const pairs = [
      [product(a, b), matmul(a, b)],
      ...grad(both(product as typeof matmul))([a, b]).map((g, i) => [
        g,
        grad(both(matmul))([a, b])[i] as Tensor,
      ]),
    ] as [Tensor, Tensor][];
    for (const [got, wanted] of pairs) {
      expect(got.shape).toEqual(wanted.shape);
      expect(got.sub(wanted).abs().max().item()).toBeLessThan(1e-5);
    }
  },
);

it("has types that say what it takes", () => {
  expectTypeOf(product).parameters.toEqualTypeOf<[Tensor, Tensor]>();
  expectTypeOf(product).returns.toEqualTypeOf<Tensor>();
  expectTypeOf(blur).parameters.toEqualTypeOf<[Tensor, attrs: { weight: number }]>();
  const kernel = "function (a) { return a[0]; }";
  // @ts-expect-error an op has a rule or says that it has none
  expect(() => defineKernelOp<readonly [Tensor]>({ name: "mine", kernel })).toThrow(
    "is no function",
  );
  // @ts-expect-error a kernel is a function or its text
  expect(() => defineKernelOp({ name: "mine", kernel: 3, vjp: null })).toThrow(UsageError);
  // @ts-expect-error the second tensor is missing
  expect(() => product(tensor([[1]]))).toThrow(UsageError);
  // @ts-expect-error the attributes are missing
  expect(() => blur(tensor([[[1]]]))).toThrow(TypeError);
  // the body can read its thread
  const place: KernelFunction = function () {
    expectTypeOf(this.thread.x).toBeNumber();
    return this.thread.x;
  };
  expect(() => make(place)).toThrow(UsageError);
});

it("runs functions where a page forbids Function, and says what to do about texts", () => {
  const rows = defineKernelOp<readonly [Tensor, Tensor], { scale: number }>({
    name: "rows",
    kernel: function (a, s) {
      return this.constants.scale! * a[this.thread.y][this.thread.x] * s[this.thread.y];
    },
    constants: (_, { scale }) => ({ scale }),
    vjp: null,
  });
  const flat = make(function (a) {
    return a[this.thread.y * 2 + this.thread.x] + 1;
  } satisfies KernelFunction);
  const deep = make("function (a) { return a[this.thread.y][this.thread.x]; }");
  const mixed = make(function (a) {
    return a[0] + a[this.thread.y][this.thread.x];
  } satisfies KernelFunction);
  const [a, s] = [
    tensor([
      [1, 2],
      [3, 4],
    ]),
    tensor([10, 100]),
  ];
  class Refusing {
    constructor() {
      throw new EvalError("unsafe-eval is not an allowed source of script");
    }
  }
  vi.stubGlobal("Function", Refusing);
  try {
    expect(rows(a, s, { scale: 2 }).toArray()).toEqual([
      [20, 40],
      [600, 800],
    ]);
    expect(flat(a).toArray()).toEqual([
      [2, 3],
      [4, 5],
    ]);
    for (const op of [deep, mixed]) {
      expect(() => op(a)).toThrow(UsageError);
      expect(() => op(a)).toThrow("mine: this page's Content-Security-Policy forbids");
    }
  } finally {
    vi.unstubAllGlobals();
  }
});
