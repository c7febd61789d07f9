/** @file int32 on a GPU, whose floats do not have every integer beyond ±2²⁴. */
import {
  add,
  argmax,
  cast,
  cumulativeSum,
  DTypeError,
  equal,
  indexAdd,
  logicalNot,
  matmul,
  mod,
  mul,
  pow,
  prod,
  segmentSum,
  sub,
  sum,
  type Tensor,
  take,
  tensor,
  where,
} from "@isograd/tensor";
import { describe, expect, test } from "vitest";

const MOST = 2 ** 24;
const int = (values: readonly number[]) =>
  tensor(Int32Array.from(values), { dtype: "int32", device: "gpu" });
const top = () => int([MOST, 3]);
const next = () => add(top(), 1);

/** Sums by the kernels of long rows. */
const many = (last: number) => {
  const values = new Int32Array(2 ** 15 + 1).fill(512);
  values[2 ** 15] = last;
  return tensor(values, { dtype: "int32", device: "gpu" });
};

/** The tests, for the device "gpu" that runs. */
export function integerTests(): void {
  describe("int32 beyond ±2^24 is refused when it is read", () => {
    const cases: Readonly<Record<string, () => Tensor>> = {
      add: next,
      sub: () => sub(int([-MOST]), 1),
      mul: () => mul(int([5001]), 5001),
      pow: () => pow(int([5001]), 2),
      "back in range": () => sub(next(), 1),
      "made by a cast": () => mod(cast(mul(tensor([MOST + 2], { device: "gpu" }), 1), "int32"), 7),
      sum: () => sum(int([MOST, 1])),
      "sum back in range": () => sum(int([MOST, 1, -1])),
      prod: () => prod(int([5001, 5001])),
      cumulativeSum: () => cumulativeSum(int([MOST, 1])),
      matmul: () => matmul(int([5001]).reshape([1, 1]), int([5001]).reshape([1, 1])),
      segmentSum: () => segmentSum(int([MOST, 1]), int([0, 0]), 1),
      indexAdd: () => indexAdd(int([MOST]), int([0]), int([1])),
      comparison: () => equal(next(), top()),
      "not a comparison": () => logicalNot(equal(next(), top())),
      any: () => equal(next(), top()).any(),
      all: () => equal(next(), add(top(), 1)).all(),
      "as a bool": () => cast(next(), "bool"),
      argmax: () => argmax(next()),
      "sum of many": () => sum(many(1)),
    };
    test.each(Object.entries(cases))("%s", async (_, run) => {
      await expect(run().data()).rejects.toThrow(DTypeError);
      await expect(run().data()).rejects.toThrow(/is not known: an integer reached ±2\^24, or an/);
    });

    test("floats that follow from it are NaN", async () => {
      const x = where(equal(next(), top()), 1.5, 2.5);
      expect([...(await x.data())]).toEqual([NaN, 2.5]);
      expect([...(await cast(next(), "float32").data())]).toEqual([NaN, 4]);
      expect([
        ...(await take(tensor([7, 8, 9, 10, 11], { device: "gpu" }), next()).data()),
      ]).toEqual([NaN, 11]);
    });

    test("up to there every op is exact", async () => {
      const values = async (x: Tensor) => [...(await x.data())];
      expect(await values(add(int([MOST - 2, 2 - MOST]), int([1, -1])))).toEqual([
        MOST - 1,
        1 - MOST,
      ]);
      expect(await values(mul(int([4095]), 4097))).toEqual([MOST - 1]);
      expect(await values(sum(int([MOST - 2, 1])))).toEqual([MOST - 1]);
      expect(await values(sum(many(-1)))).toEqual([MOST - 1]);
      expect(await values(equal(int([MOST]), int([MOST - 1])))).toEqual([0]);
      // floats of this size are whole numbers, and a cast takes them as they are
      const large = tensor([2 ** 30, -(2 ** 31)], { device: "gpu" });
      expect(await values(cast(large, "int32"))).toEqual([2 ** 30, -(2 ** 31)]);
    });
  });
}
