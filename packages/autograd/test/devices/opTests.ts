/**
 * @file Every op of the registry on the GPU, forward and backward, against the reference device.
 */
import { type Tensor, tensor } from "@isograd/tensor";
import { allOps } from "@isograd/tensor/engine";
import { expect, test, vi } from "vitest";
import { lookUp } from "../../../tensor/src/devices/gpu/kernels/lookup.js";
import { ALLOWED, worstOf } from "./errors.js";
import { kernelResults, OPERAND, SHAPES, TEXTS, textOp } from "./kernelOps.js";
import { differences, EXCEPTIONS, elementwiseOps } from "./special.js";

/**
 * Results for one mode of GPU.js; golden/gpuErrors.json keeps them, docs/guide/ops.md shows them.
 */
export interface Measured {
  /** The largest `|a − b| / (|b| + 0.1)` of each op, forward and backward, rounded up. */
  readonly errors: Record<string, number>;
  /** At how many special numbers, or pairs of them, an elementwise op differs in kind. */
  readonly special: Record<string, number>;
}

/** One significant digit, rounded up: more would not be reproducible. */
function roundedUp(error: number): number {
  if (error === 0) return 0;
  const unit = 10 ** Math.floor(Math.log10(error));
  return Number((Math.ceil(error / unit) * unit).toPrecision(1));
}

/** Compilers may reorder sums, which rounds differently. */
const slack = (known: number): number => 2 * known + 2 ** -22;

/**
 * One test for each op, with the known errors of a driver as limits if there are any; returns the
 * errors found.
 */
export function opTests(known: Measured | null = null): Measured {
  const found: Measured = { errors: {}, special: {} };
  kernelOpTests();
  const elementwise = elementwiseOps().map((op) => [op.name, op] as const);
  test.each(elementwise)("%s at special values", async (name, op) => {
    const off = await differences(op, "gpu");
    if (EXCEPTIONS[name] === undefined) expect(off).toEqual([]);
    else found.special[name] = off.length;
    expect(off.length).toBeLessThanOrEqual(known?.special[name] ?? off.length);
  });
  const warned = new Set<string>();
  test.each([...allOps().values()].map((op) => [op.name, op] as const))("%s", async (name, op) => {
    const warn = vi.spyOn(console, "warn").mockImplementation((text: string) => {
      expect(warned.has(text), "a warning comes once").toBe(false);
      warned.add(text);
    });
    const { error, where, left } = await worstOf(op, "gpu");
    warn.mockRestore();
    found.errors[name] = roundedUp(error);
    expect(error, where).toBeLessThanOrEqual(ALLOWED);
    if (known !== null) expect(error, where).toBeLessThan(slack(known.errors[name] ?? Infinity));
    expect(left).toBeLessThanOrEqual(0); // the garbage collector may free tensors of earlier tests
  });
  test("ops without a kernel have warned, each by its name, and no others", () => {
    const host = [...allOps().values()].filter((op) => {
      const { formula, kernel, many } = lookUp(op);
      return op.view === undefined && !(formula || kernel || many);
    });
    const names = [...host.map((op) => op.name), "cofactors"]; // the derivative of det uses it
    const texts = names.map((name) => `isograd: ${name} has no GPU kernel`);
    expect([...warned].map((text) => text.split(":", 2).join(":")).sort()).toEqual(texts.sort());
  });
  return found;
}

/** Ops of one GPU.js kernel: values and gradients as on the reference. */
function kernelOpTests(): void {
  test.each(SHAPES.map((shape) => [shape] as const))("kernel ops, shape %j", async (shape) => {
    const wanted = kernelResults(shape, "reference");
    for (const [i, got] of kernelResults(shape, "gpu").entries()) {
      await expectSame(got, wanted[i] as Tensor);
    }
  });

  test.each(Object.keys(TEXTS))("a kernel with %s", async (name) => {
    const op = textOp(name);
    await expectSame(
      op(tensor(OPERAND, { device: "gpu" })),
      op(tensor(OPERAND, { device: "reference" })),
    );
  });
}

async function expectSame(got: Tensor, wanted: Tensor): Promise<void> {
  const values = await got.data();
  wanted.dataSync().forEach((v, k) => {
    if (Number.isNaN(v)) expect(values[k]).toBeNaN();
    else expect(Math.abs((values[k] as number) - v)).toBeLessThan(1e-5 + 1e-4 * Math.abs(v));
  });
}
