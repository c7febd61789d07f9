/** @file summary and the costs in pictures: counted by hand. */
import { ones, type Tensor, tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { defineOp, parameterBoxes, requiresGrad, summary, toDot, toMermaid } from "../src/index.js";
import { short } from "../src/viz/cost.js";

describe("summary", () => {
  it("lists tensors by their paths, and modules by their parameters", () => {
    const tree = { layers: [{ w: ones([2, 500]) }], model: model() };
    expect(summary(tree).split("\n")).toEqual([
      "name        shape     count",
      "layers.0.w  [2, 500]  1 k",
      "model.gain  [3]       3",
      "total                 1 k, 4.01 kB",
    ]);
    expect(summary({}).split("\n")).toEqual(["name   shape  count", "total         0, 0 B"]);
  });

  it("counts multiply-adds, and compositions by their parts", () => {
    const twice = defineOp<readonly [Tensor]>({
      name: "twice",
      forward: ([x]) => x.add(x),
      vjp: null,
    });
    const run = () =>
      twice(
        ones([4, 3])
          .matmul(ones([3, 5]))
          .reshape([20]),
      );
    const text = summary({}, run);
    expect(text).toContain("matmul   1      60    188 B");
    expect(text).toContain("add      1      20    240 B");
    expect(text).toContain("reshape  1      0     0 B");
    expect(text).not.toContain("twice");
  });

  it("takes the watcher away after an error", () => {
    expect(() => summary({}, () => ones([2]).add(ones([3])))).toThrow(/broadcast/);
    expect(summary({}, () => 0)).toContain("total  0");
  });
});

describe("pictures with costs", () => {
  it("show work and bytes", () => {
    const loss = requiresGrad(tensor([[1, 2]])).matmul(ones([2, 3]));
    expect(toDot(loss, { costs: true })).toContain('label="matmul [1, 3], 6 work, 44 B"');
    expect(toMermaid(loss, { costs: true })).toContain('(["leaf [1, 2]"])');
  });

  it("are short", () => {
    expect([0, 999, 1000, 1234567, 5e9].map(short)).toEqual(["0 ", "999 ", "1 k", "1.23 M", "5 G"]);
  });
});

function model() {
  const box = { value: ones([3]) };
  return { [parameterBoxes]: () => new Map([["gain", box]]) };
}
