/**
 * @file Users may define ops with the names of others: values, derivatives, batches and costs are
 * those of the op itself.
 */
import { add, type Tensor, tensor } from "@isograd/tensor";
import {
  apply,
  defineOp as defineRawOp,
  fromInputs,
  registerDevice,
  unregisterDevice,
} from "@isograd/tensor/engine";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { GpuDevice } from "../../tensor/src/devices/gpu/device.js";
import { HostBackend } from "../../tensor/test/gpu/hostBackend.js";
import { defineKernelOp, defineOp, grad, gradcheck, summary, vmap } from "../src/index.js";
import { f64, numbers } from "./helpers.js";

const NAMES = ["tanh", "add", "matmul", "where", "cast", "contiguous", "indexAdd"];
const OBJECTS = ["constructor", "toString", "__proto__", "hasOwnProperty", ""];
const DEVICES = ["cpu", "reference", "gpu"];

/** x² as an op of the engine, with its own rule. */
function rawSquare(name: string, withRule = true) {
  const op = defineRawOp<readonly [Tensor]>({
    name,
    infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
    reference: ([x], _, out) => out.data.set(Array.from(x?.data ?? [], (v) => v * v)),
    ...(withRule && { rule: fromInputs(({ inputs: [x] }) => [(g) => g.mul(x).mul(2)]) }),
  });
  return (x: Tensor) => apply(op, [x], undefined);
}

/** Ops of one name that give f x + y; one of them also has a GPU formula. */
function lines(name: string, f: number) {
  const scalar = defineOp<readonly [Tensor, Tensor]>({
    name,
    scalar: (x, y) => f * x + y,
    gpu: `return ${f}.0 * x + y;`,
    vjp: () => [(g) => g.mul(f), (g) => g],
  });
  const kernel = defineKernelOp<readonly [Tensor, Tensor]>({
    name,
    kernel: "function (a, b) { return this.constants.f * a[this.thread.x] + b[this.thread.x]; }",
    constants: () => ({ f }),
    vjp: () => [(g) => g.mul(f), (g) => g],
  });
  const composed = defineOp<readonly [Tensor, Tensor]>({
    name,
    forward: ([x, y]) => x.mul(f).add(y),
    vjp: () => [(g) => g.mul(f), (g) => g],
  });
  return [scalar, kernel, composed];
}

const gpu = new GpuDevice(new HostBackend("webgpu"));
beforeAll(() => {
  registerDevice(gpu);
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterAll(async () => {
  await gpu.stop();
  unregisterDevice("gpu");
  vi.restoreAllMocks();
});

describe.each([...NAMES, ...OBJECTS])("an op named %j", (name) => {
  it.each(DEVICES)("runs its own forward, derivative and batches on %s", (device) => {
    const square = rawSquare(name);
    const x = tensor([[3, 1, 2]], { device });
    expect(numbers(square(x.mT))).toEqual([9, 1, 4]); // a kernel for strides would give something else
    expect(numbers(grad((y: Tensor) => square(y).sum())(x))).toEqual([6, 2, 4]);
    expect(numbers(vmap(square, { inAxes: 1 })(x))).toEqual([9, 1, 4]);
    expect(
      numbers(
        vmap(
          grad((y: Tensor) => square(y).sum()),
          { inAxes: 1 },
        )(x),
      ),
    ).toEqual([6, 2, 4]);
    expect(numbers(grad((y: Tensor) => vmap(square)(y).sum())(x))).toEqual([6, 2, 4]);
  });

  it.each(DEVICES)("is told from others of its name, in one program on %s", (device) => {
    const [x, y] = [tensor([1, 2], { device }), tensor([10, 20], { device })];
    const twice = lines(name, 2);
    const thrice = lines(name, 3);
    twice.forEach((two, i) => {
      const three = thrice[i] as typeof two;
      // 2 (3 x + y) + y, and 3 (2 x + y) + y
      expect(numbers(two(three(x, y), y))).toEqual([36, 72]);
      expect(numbers(three(two(x, y), y))).toEqual([46, 92]);
      const both = (a: Tensor) => two(three(a, y), a.add(a)).sum(); // 8 x + 2 y
      expect(numbers(grad(both)(x))).toEqual([8, 8]);
      expect(numbers(vmap(grad(both), { inAxes: 0 })(tensor([[1, 2]], { device })))).toEqual([
        8, 8,
      ]);
    });
  });

  it("has no derivative where it brings none, and says so", () => {
    const square = rawSquare(name, false);
    expect(numbers(square(f64([3])))).toEqual([9]);
    expect(() => grad((x: Tensor) => square(x).sum())(f64([3]))).toThrow(
      /this op has no derivative rule/,
    );
  });
});

it("an op named as one of several matrices costs what its shapes say", () => {
  const [scaled] = lines("matmul", 2) as [ReturnType<typeof lines>[0]];
  const [a, b] = [f64([[1, 2]]), f64([[3], [4]])];
  const table = summary([], () => [a.matmul(b), scaled(a, a)]);
  // 1 · 1 · 2 for the product, 2 elements for the other
  expect(table).toMatch(/^matmul {2}2 {6}4 /m);
  expect(gradcheck((x) => add(scaled(x, a), x), [a])).toBeLessThan(1e-8);
});
