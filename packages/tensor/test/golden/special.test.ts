/**
 * @file Signed zeros, subnormals, the largest numbers, infinities and NaN beside NumPy and SciPy, zeros and NaN to
 * the bit, on the reference and on both builds of the CPU's kernels.
 */
import * as library from "@isograd/tensor";
import * as engine from "@isograd/tensor/engine";
import {
  firstDifference,
  forEachBuild,
  type GoldenCase,
  type GoldenTensor,
  golden,
  goldenArgs,
  goldenFunctions,
  goldenResults,
  goldenTensor,
  goldenTitle,
  type Tolerance,
  valuesOf,
} from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import { EXCEPTIONS, type Exception } from "./exceptions.js";

type Tensor = library.Tensor;

/** float32 may be off by one step of the subnormals, which WebAssembly keeps: nothing is flushed to 0. */
const TOLERANCE: Record<"float64" | "float32", Tolerance> = {
  float64: { rtol: 1e-12, atol: 0, signedZeros: true },
  float32: { rtol: 1.3e-6, atol: 2 ** -149, signedZeros: true },
};

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** The element of `x`, stretched to a shape, that is at place k there. */
function elementAt(x: GoldenTensor, shape: readonly number[], k: number): number {
  const steps = engine.broadcastStrides(x.shape, shape);
  let [at, rest] = [0, k];
  for (let d = shape.length - 1; d >= 0; d--) {
    at += (rest % (shape[d] as number)) * (steps[d] as number);
    rest = Math.floor(rest / (shape[d] as number));
  }
  return x.data[at] as number;
}

function stretched(x: GoldenTensor, shape: readonly number[]): GoldenTensor {
  const data = Array.from({ length: sizeOf(shape) }, (_, k) => elementAt(x, shape, k));
  return { ...x, shape, data };
}

/** Whether a case goes over rows, and not element by element. */
const overRows = ({ args, fn }: GoldenCase) =>
  fn === "matmul" || args.some((a) => Object.hasOwn(a as object, "axis"));

/** What went into element k of a result. */
function inputsOf(test: GoldenCase, shape: readonly number[], k: number): number[] {
  if (!overRows(test)) return test.in.map((x) => elementAt(x, shape, k));
  const { data, shape: whole } = test.in[0] as GoldenTensor;
  const [n, each] = [whole[1] as number, sizeOf(shape.slice(1))];
  return [...data].slice(Math.floor(k / each) * n, (Math.floor(k / each) + 1) * n);
}

function exceptionAt(test: GoldenCase, device: string, shape: readonly number[], k: number) {
  const candidates = EXCEPTIONS.filter(
    (e) =>
      e.fn === test.fn &&
      (e.only?.includes(`${device} ${test.only}`) ?? true) &&
      (e.args === undefined || JSON.stringify(e.args) === JSON.stringify(test.args[1])),
  );
  if (candidates.length === 0) return undefined;
  const from = inputsOf(test, shape, k);
  const holds = (e: Exception) =>
    overRows(test)
      ? e.at.every((v) => from.some((w) => Object.is(v, w)))
      : e.at.every((v, i) => Object.is(v, from[i]));
  return candidates.find(holds);
}

/** Compares a result with NumPy's values, or with ours where they are an exception. */
function compare(test: GoldenCase, device: string, out: Tensor, wanted: GoldenTensor): void {
  const tolerance = TOLERANCE[out.dtype === "float32" ? "float32" : "float64"];
  const received = valuesOf(out).data;
  const [a, b] = [Array.from(received), [...wanted.data]];
  for (let k = 0; k < b.length; k++) {
    const exception = exceptionAt(test, device, wanted.shape, k);
    if (exception === undefined) continue;
    const { ours, atol = 0 } = exception;
    const off = firstDifference(scalar(a[k] as number), scalar(ours), {
      ...{ rtol: 0, atol, signedZeros: atol === 0 },
    });
    expect(off, `${test.fn} of ${exception.at}: ${exception.why}`).toBeNull();
    b[k] = a[k] as number;
  }
  const { shape } = wanted;
  expect(firstDifference({ shape: out.shape, data: a }, { shape, data: b }, tolerance)).toBeNull();
}

const scalar = (x: number) => ({ shape: [], data: [x] });

/** Element by element in all three layouts that kernels tell apart: broadcast, one beside the other, alone. */
function elementwise(test: GoldenCase, device: string): void {
  const dtype = test.only ?? "float64";
  const call = goldenFunctions[test.fn] as (...args: readonly unknown[]) => Tensor;
  const run = (inputs: readonly GoldenTensor[]) =>
    call(
      ...goldenArgs(
        test.args,
        inputs.map((x) => goldenTensor(x, dtype, device)),
      ),
    );
  const wanted = test.out[0] as GoldenTensor;
  const whole = run(test.in);
  expect(whole.dtype).toBe(wanted.dtype === "float" ? dtype : wanted.dtype);
  compare(test, device, whole, wanted);
  const full = test.in.map((x) => stretched(x, wanted.shape));
  compare(test, device, run(full), wanted);
  const alone = Array.from(wanted.data, (_, k) => {
    const one = full.map((x) => ({ ...x, shape: [1], data: [x.data[k] as number] }));
    return library.scope(() => run(one).dataSync()[0] as number);
  });
  expect(firstDifference({ shape: whole.shape, data: alone }, valuesOf(whole), EXACT)).toBeNull();
}

const EXACT = { rtol: 0, atol: 0, signedZeros: true };

/** Row by row, and column by column of the transpose. */
function rowwise(test: GoldenCase, device: string): void {
  const inputs = test.in.map((x) => goldenTensor(x, test.only ?? "float64", device));
  const call = goldenFunctions[test.fn] as (...args: readonly unknown[]) => Tensor | Tensor[];
  const outs = goldenResults(call(...goldenArgs(test.args, inputs)));
  for (const [i, wanted] of test.out.entries()) compare(test, device, outs[i] as Tensor, wanted);
  if (test.fn === "matmul") return;
  const turned = (inputs[0] as Tensor).mT;
  engine.realize("contiguous", turned);
  const args = test.args.map((a) =>
    Object.hasOwn(a as object, "axis") ? { ...(a as object), axis: 0 } : a,
  );
  for (const [i, y] of goldenResults(call(...goldenArgs(args, [turned]))).entries()) {
    compare(test, device, y.rank === 2 ? y.mT : y, test.out[i] as GoldenTensor);
  }
}

forEachBuild((device) => {
  for (const test of golden("special")) {
    it(goldenTitle(test), () => {
      library.scope(() => (overRows(test) ? rowwise : elementwise)(test, device));
    });
  }

  it("keeps subnormal float32", () => {
    const least = library.tensor([2 ** -126, -(2 ** -149)], { device });
    expect([...library.mul(least, 0.5).dataSync()]).toEqual([2 ** -127, -0]);
    expect([...library.add(least, 2 ** -149).dataSync()]).toEqual([2 ** -126 + 2 ** -149, 0]);
  });

  it("clips to NaN where a bound is NaN, as PyTorch does", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const x = library.tensor([-1, 0, 3, 5, 7], { device, dtype });
      for (const bounds of [{ min: NaN }, { max: NaN }, { min: NaN, max: 1 }]) {
        expect([...library.clip(x, bounds).dataSync()]).toEqual([NaN, NaN, NaN, NaN, NaN]);
      }
    }
  });

  it("casts what int32 cannot hold to the nearest number that it can", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const x = library.tensor([3e9, -3e9, Infinity, -Infinity, NaN, 2 ** 31, -(2 ** 31)], {
        device,
        dtype,
      });
      const [low, high] = [-(2 ** 31), 2 ** 31 - 1];
      const wanted = [high, low, high, low, 0, high, low];
      expect([...library.cast(x, "int32").dataSync()]).toEqual(wanted);
    }
  });
});

describe("exceptions", () => {
  it.each(EXCEPTIONS)("$fn of $at is one", (exception) => {
    const differs = golden("special").some((test) =>
      (test.out[0] as GoldenTensor).data.some((value, k) => {
        const { shape } = test.out[0] as GoldenTensor;
        const found = ["reference", "cpu"].some(
          (device) => exceptionAt(test, device, shape, k) === exception,
        );
        return found && !Object.is(value, exception.ours);
      }),
    );
    expect(differs).toBe(true);
  });

  it("covers every elementwise function, in both float dtypes", () => {
    const { unary, binary, compare: comparisons, bits, special } = engine.families;
    const { polygamma: _, ...own } = special;
    const names = [unary, binary, comparisons, bits, own].flatMap((family) => Object.keys(family));
    const cases = golden("special");
    for (const name of names) {
      const only = cases.filter((c) => c.fn === name).map((c) => c.only);
      const floats = !Object.hasOwn(bits, name);
      expect(only, name).toEqual(
        expect.arrayContaining(floats ? ["float64", "float32"] : [undefined]),
      );
    }
  });
});
