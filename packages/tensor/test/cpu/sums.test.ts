/** @file Many numbers added at few places keep their digits in float32. */
import { expect, it } from "vitest";
import { segmentSum, tensor } from "../../src/api/index.js";

it("sums a hundred thousand float32 numbers per place as float64 would", () => {
  const count = 200_000;
  const values = Float32Array.from({ length: count }, (_, i) => 0.1 + ((i * 7919) % 1000) / 1e5);
  const ids = Int32Array.from({ length: count }, (_, i) => (i * 31) % 2);
  const exact = [0, 0];
  values.forEach((v, i) => {
    exact[ids[i] as number] = (exact[ids[i] as number] as number) + v;
  });
  const sums = segmentSum(tensor(values), tensor(ids), 2).dataSync();
  expect(Array.from(sums)).toEqual(exact.map(Math.fround));
});
