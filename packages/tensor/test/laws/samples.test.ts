/** @file Every sample of every op, in every dtype: the CPU gives what the reference gives, or refuses as it does. */
import { type DType, dtypes, IsogradError, scope, type Tensor, tensor } from "@isograd/tensor";
import { allOps, apply, families, type Op } from "@isograd/tensor/engine";
import {
  firstDifference,
  forEachCpuBuild,
  runSample,
  type Sample,
  samplesOf,
  type Tolerance,
  valuesOf,
} from "@isograd/testkit";
import { describe, expect, it } from "vitest";

const TOLERANCE: Record<DType, Tolerance> = {
  float32: { rtol: 2e-6, atol: 2e-7, signedZeros: true },
  float64: { rtol: 1e-13, atol: 1e-14, signedZeros: true },
  int32: { rtol: 0, atol: 0 },
  bool: { rtol: 0, atol: 0 },
};

/** The results of a sample, or the text of its error. */
function outcome(sample: Sample): Tensor[] | string {
  try {
    return runSample(sample);
  } catch (error) {
    expect(error).toBeInstanceOf(IsogradError);
    return String(error);
  }
}

function agree(got: readonly Tensor[], wanted: readonly Tensor[], title: string): void {
  expect(got.length, title).toBe(wanted.length);
  for (const [i, x] of got.entries()) {
    const y = wanted[i] as Tensor;
    expect(x.dtype, title).toBe(y.dtype);
    expect(firstDifference(valuesOf(x), valuesOf(y), TOLERANCE[x.dtype]), title).toBeNull();
  }
}

function check(op: Op, dtype: DType): void {
  const here = samplesOf(op, "cpu", dtype);
  for (const [i, sample] of samplesOf(op, "reference", dtype).entries()) {
    scope(() => {
      const [got, wanted] = [outcome(here[i] as Sample), outcome(sample)];
      if (typeof got === "string" || typeof wanted === "string") expect(got).toBe(wanted);
      else agree(got, wanted, sample.title);
    });
  }
}

const EDGES = [0, -0, 2 ** -149, 2 ** -126, 1, 2 ** 127, Infinity].flatMap((x) => [x, -x]);
/** Slopes of elementwise functions; those of rows have no formula of one element. */
const slopes = Object.values(families.slopes).flatMap(({ op }) => (op.scalar ? [op] : []));

forEachCpuBuild(() => {
  describe.each([...allOps().values()])("$name", (op) => {
    it.each(dtypes)("%s", (dtype) => check(op, dtype));
  });

  it.each(slopes)("$name at special values", (op) => {
    const points = [...EDGES, NaN];
    const pairs = points.flatMap((x) => points.map((g) => [x, g] as const));
    const [cpu, reference] = ["cpu", "reference"].map((device) => {
      const [at, g] = [0, 1].map((k) =>
        tensor(
          pairs.map((p) => p[k] as number),
          { device },
        ),
      );
      return apply(op, [at as Tensor, g as Tensor], undefined);
    }) as [Tensor, Tensor];
    const [a, b] = [valuesOf(cpu).data, valuesOf(reference).data];
    const off = pairs.flatMap(([x, g], i) => {
      const one = (v: number | undefined) => ({ shape: [], data: [v as number] });
      const tolerance = { rtol: 2e-6, atol: 2 ** -149, signedZeros: true };
      return firstDifference(one(a[i]), one(b[i]), tolerance) === null ? [] : [[x, g, a[i], b[i]]];
    });
    expect(off).toEqual([]);
  });
});
