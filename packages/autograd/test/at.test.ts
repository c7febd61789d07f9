/** @file x.at(…) under gradients, vmap and checks: get, set and add are linear in x and in the values. */
import {
  type AtIndex,
  arange,
  greater,
  ones,
  reshape,
  rng,
  type Tensor,
  tensor,
} from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { grad, gradcheck, gradgradcheck, vmap } from "../src/index.js";

const F = { dtype: "float64" } as const;
const ints = (...values: number[]) => tensor(values, { dtype: "int32" });
const x = () => rng(3).normal([3, 4], F);

const indices: readonly (readonly [
  name: string,
  index: readonly AtIndex[],
  shape: readonly number[],
])[] = [
  ["a place", [1], [4]],
  [
    "ranges",
    [
      [0, 2],
      [null, null, -2],
    ],
    [2, 2],
  ],
  ["a new axis", [null, 0], [1, 4]],
  ["rows, one twice", [ints(2, 0, 2)], [3, 4]],
  ["columns", [[], ints(-1, 0)], [3, 2]],
  ["pairs, one twice", [ints(0, 2, 0), ints(1, -1, 1)], [3]],
];

describe("x.at(…)", () => {
  it.each(indices)("%s: gradients of first and second order", (_, index, shape) => {
    const values = rng(5).normal(shape, F);
    gradcheck(
      (x) =>
        x
          .at(...index)
          .get()
          .square()
          .sum(),
      [x()],
    );
    gradgradcheck(
      (x) =>
        x
          .at(...index)
          .get()
          .square()
          .sum(),
      [x()],
    );
    for (const mode of ["set", "add"] as const) {
      const f = (x: Tensor, v: Tensor) =>
        x
          .at(...index)
          [mode](v)
          .square()
          .sum();
      gradcheck(f, [x(), values]);
      gradgradcheck(f, [x(), values]);
    }
  });

  it("gives gradients to the values that stayed, and to nothing under them", () => {
    const place = ints(1, 1);
    const sum = ({ x, v }: { x: Tensor; v: Tensor }) => x.at(place).set(v).sum();
    const { x: dx, v: dv } = grad(sum)({ x: ones([3]), v: tensor([5, 7]) });
    expect(dx.toArray()).toEqual([1, 0, 1]);
    expect(dv.toArray()).toEqual([0, 1]); // the last of two stays
  });

  it("under a mask: the gradients of where", () => {
    const mask = greater(x(), 0);
    const f = (x: Tensor, v: Tensor) => x.at(mask).set(v).square().sum();
    gradcheck(f, [x(), tensor(2, F)]);
    gradcheck((x: Tensor, v: Tensor) => x.at(mask).add(v).square().sum(), [x(), tensor(2, F)]);
    gradcheck((x) => x.at(mask).get().square().sum(), [x()]);
  });

  it("runs on batches: of tensors, of places, of values and of masks", () => {
    const all = reshape(arange(24, F), [2, 3, 4]);
    const places = tensor(
      [
        [2, 0],
        [1, -1],
      ],
      { dtype: "int32" },
    );
    const values = tensor(
      [
        [10, 20],
        [30, 40],
      ],
      F,
    );
    const each = (k: number) => [all.at(k).get(), places.at(k).get(), values.at(k).get()] as const;
    const get = vmap((x: Tensor, i: Tensor) => x.at(i, 1).get())(all, places);
    const set = vmap((x: Tensor, i: Tensor, v: Tensor) => x.at(i, 1).set(v))(all, places, values);
    const put = vmap((x: Tensor, v: Tensor) => x.at(greater(x, 5)).set(v.at(0).get()))(all, values);
    for (const k of [0, 1]) {
      const [x, i, v] = each(k);
      expect(get.at(k).get().toArray()).toEqual(x.at(i, 1).get().toArray());
      expect(set.at(k).get().toArray()).toEqual(x.at(i, 1).set(v).toArray());
      expect(put.at(k).get().toArray()).toEqual(x.at(greater(x, 5)).set(v.at(0).get()).toArray());
    }
  });
});
