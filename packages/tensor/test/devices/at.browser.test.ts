/** @file x.at(…) on the GPU: the same as on the reference; nothing is read for set and add. */
import { afterEach, expect, it } from "vitest";
import * as t from "../../src/api/index.js";

let stop = () => {};
afterEach(() => stop());

const ints = (values: number[], device: string) => t.tensor(values, { dtype: "int32", device });

const cases: readonly ((x: t.Tensor, on: string) => t.Tensor)[] = [
  (x) => x.at(-1).get(),
  (x) => x.at([0, 2], null, "...").get(),
  (x, on) => x.at(ints([0, -1, 1], on)).get(),
  (x, on) => x.at([], ints([-1, 0], on)).get(),
  (x, on) => x.at(ints([0, 2, 0], on), ints([1, -1, 1], on)).get(),
  (x) => x.at(1).set(7),
  (x, on) =>
    x
      .at(ints([0, -1, 0], on))
      .set(t.reshape(t.arange(12, { dtype: "float32", device: on }), [3, 4])),
  (x, on) => x.at(ints([0, -1, 0], on), 1).add(10),
  (x) => x.at(t.greater(x, 5)).set(0),
  (x) => x.at(t.greater(x, 5)).add(t.tensor([100], { device: x.device })),
  (x) => x.at([], t.greater(t.sum(x, { axis: 0 }), 15)).set(-1),
];

it.each(["webgpu", "webgl2"] as const)("as on the reference, %s", async (mode) => {
  const device = await t.init("gpu", { mode });
  stop = () => device.stop();
  const x = (on: string) => t.reshape(t.arange(12, { dtype: "float32", device: on }), [3, 4]);
  for (const [i, f] of cases.entries()) {
    const [wanted, got] = [f(x("reference"), "reference"), f(x("gpu"), "gpu")];
    expect(got.shape, `case ${i}`).toEqual(wanted.shape);
    expect([...(await got.data())], `case ${i}`).toEqual([...wanted.dataSync()]);
  }
});
