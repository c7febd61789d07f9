/** @file Indices that count from the end, as NumPy has them, and where they are refused. */
import { forEachDevice } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import * as t from "../../src/api/index.js";

describe("negative indices", () => {
  forEachDevice(["cpu", "reference"], (device) => {
    const x = () => t.tensor([10, 20, 30, 40], { device });
    const at = (values: readonly number[]) => t.tensor([...values], { dtype: "int32", device });

    // np.take([10, 20, 30, 40], [-1, 0, -4, 2])
    it("count from the end", async () => {
      expect(await t.take(x(), at([-1, 0, -4, 2])).data()).toEqual(Float32Array.of(40, 10, 10, 30));
      const along = t.takeAlongAxis(x(), at([-2, -1]));
      expect(await along.data()).toEqual(Float32Array.of(30, 40));
    });

    // np.add.at(zeros(4), [-1, 3, 0], [1, 2, 4])
    it("add at the end", async () => {
      const [zeros, values] = [t.zeros([4], { device }), t.tensor([1, 2, 4], { device })];
      const sums = Float32Array.of(4, 0, 0, 3);
      expect(await t.indexAdd(zeros, at([-1, 3, 0]), values).data()).toEqual(sums);
      const put = t.putAlongAxis(zeros, at([-1, 3, 0]), values, { mode: "add" });
      expect(await put.data()).toEqual(sums);
      expect(await t.segmentSum(values, at([-1, 3, 0]), 4, { fromEnd: true }).data()).toEqual(sums);
    });

    it("of which the last write stays, wherever it came from", async () => {
      const values = t.tensor([1, 2, 4], { device });
      const put = t.putAlongAxis(t.zeros([4], { device }), at([3, -1, 0]), values);
      expect(await put.data()).toEqual(Float32Array.of(4, 0, 0, 2));
    });

    it("below −n, and below 0 where they have no meaning, are refused", () => {
      expect(() => t.take(x(), at([-5]))).toThrow(
        "index -5 (number 0 of the indices) is outside of [-4, 4)",
      );
      expect(() => t.take(x(), at([-1]), { fromEnd: false })).toThrow("is outside of [0, 4)");
      expect(() => t.segmentSum(x(), at([0, 0, 0, -1]), 2)).toThrow("is outside of [0, 2)");
      expect(() => t.segmentMax(x(), at([0, 0, 0, -1]), 2)).toThrow("is outside of [0, 2)");
      expect(() => t.oneHot(at([-1]), 2)).toThrow("is outside of [0, 2)");
    });

    it("are looked at again where another op or length refuses them", () => {
      const [indices, wide] = [at([-3, 2]), t.zeros([3, 2], { device })];
      expect(t.take(x(), indices).shape).toEqual([2]);
      expect(t.take(wide, indices).shape).toEqual([2, 2]);
      expect(() => t.take(x(), indices, { fromEnd: false })).toThrow("outside of [0, 4)");
      expect(() => t.take(wide, indices, { axis: 1 })).toThrow("outside of [-2, 2)");
    });
  });
});
