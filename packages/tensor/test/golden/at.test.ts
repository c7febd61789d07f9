/** @file x.at(…): what NumPy reads and writes at an index, and what it refuses. */
import { readFileSync } from "node:fs";
import { forEachDevice } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import * as t from "../../src/api/index.js";

type Part =
  | number
  | null
  | "..."
  | (number | null)[]
  | { ints: number[]; shape: number[] }
  | { mask: boolean[]; shape: number[] };
interface Case {
  readonly shape: number[];
  readonly index: Part[];
  readonly get: number[];
  readonly gotShape: number[];
  readonly values?: number[];
  readonly set?: number[];
  readonly add?: number[];
}

const url = new URL("../../../testkit/golden/at.json", import.meta.url);
const cases = JSON.parse(readFileSync(url, "utf8")) as Case[];

function partOf(part: Part, device: string): t.AtIndex {
  if (part === null || typeof part !== "object" || Array.isArray(part)) return part;
  const { shape } = part;
  if ("ints" in part) return t.tensor(part.ints, { shape, dtype: "int32", device });
  return t.tensor(part.mask, { shape, dtype: "bool", device });
}

const masked = ({ index }: Case) =>
  index.some((p) => p !== null && typeof p === "object" && "mask" in p);

describe("x.at(…) against NumPy", () => {
  forEachDevice(["cpu", "reference"], (device) => {
    for (const dtype of ["float64", "float32", "int32"] as const) {
      const rounded = (values: readonly number[]) => [
        ...t.tensor([...values], { dtype, device }).dataSync(),
      ];
      it.each(
        cases.map((c) => [`${JSON.stringify(c.shape)} at ${JSON.stringify(c.index)}`, c] as const),
      )(`${dtype} %s`, (_, c) => {
        const size = c.shape.reduce((a, b) => a * b, 1);
        const x = t.tensor(
          Array.from({ length: size }, (_, i) => i + 1),
          { shape: c.shape, dtype, device },
        );
        const place = x.at(...c.index.map((part) => partOf(part, device)));
        const got = place.get();
        expect(got.shape).toEqual(c.gotShape);
        expect([...got.dataSync()]).toEqual(rounded(c.get));
        if (c.values === undefined) return;
        const [value = 0] = c.values;
        const shape = c.gotShape;
        const given = masked(c) ? value : t.tensor(c.values, { shape, dtype: "float64", device });
        const values =
          given instanceof t.Tensor
            ? t.cast(given, dtype)
            : dtype === "int32"
              ? Math.trunc(given)
              : given;
        const whole = (x: number[]) => (dtype === "int32" ? x.map(Math.trunc) : x);
        expect([...place.set(values).dataSync()]).toEqual(rounded(whole(c.set as number[])));
        if (dtype === "int32") return; // NumPy's sums are of the fractions
        const sums = [...place.add(values).dataSync()];
        const eps = dtype === "float64" ? 1e-13 : 1e-6;
        for (const [i, v] of (c.add as number[]).entries()) {
          expect(Math.abs((sums[i] as number) - v)).toBeLessThanOrEqual(eps * (1 + Math.abs(v)));
        }
        expect([...x.dataSync()]).toEqual(rounded(Array.from({ length: size }, (_, i) => i + 1)));
      });
    }
  });
});

describe("x.at(…)", () => {
  const x = () =>
    t.tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  const ints = (...values: number[]) => t.tensor(values, { dtype: "int32" });

  it("broadcasts values", () => {
    expect(
      x()
        .at([], [1])
        .set(t.tensor([[7], [8]]))
        .toArray(),
    ).toEqual([
      [1, 7, 7],
      [4, 8, 8],
    ]);
    expect(
      x()
        .at(0)
        .add(t.tensor([10]))
        .toArray(),
    ).toEqual([
      [11, 12, 13],
      [4, 5, 6],
    ]);
    expect(x().at().set(0).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it("takes values of a narrower dtype, and refuses wider ones", () => {
    expect(
      x()
        .at(0, 0)
        .set(t.tensor(9, { dtype: "int32" }))
        .toArray(),
    ).toEqual([
      [9, 2, 3],
      [4, 5, 6],
    ]);
    expect(() => ints(1, 2).at(0).set(t.tensor(1.5))).toThrow(
      "at: values are float32, the tensor int32",
    );
  });

  // np.where([[F, T, F], [T, F, T]], rows or columns, x)
  it("writes values that broadcast under a mask, and reads nothing", () => {
    const mask = t.tensor([
      [false, true, false],
      [true, false, true],
    ]);
    expect(
      x()
        .at(mask)
        .set(t.tensor([0]))
        .toArray(),
    ).toEqual([
      [1, 0, 3],
      [0, 5, 0],
    ]);
    const rows = t.tensor([true, false]);
    expect(
      x()
        .at(rows)
        .set(t.tensor([7, 8, 9]))
        .toArray(),
    ).toEqual([
      [7, 8, 9],
      [4, 5, 6],
    ]);
    expect(
      x()
        .at(rows)
        .add(t.tensor([[1, 2, 3]]))
        .toArray(),
    ).toEqual([
      [2, 4, 6],
      [4, 5, 6],
    ]);
    expect(
      x()
        .at([], t.tensor([true, false, true]))
        .set(t.tensor([[7], [8]]))
        .toArray(),
    ).toEqual([
      [7, 2, 7],
      [8, 5, 8],
    ]);
  });

  it.each([
    ["too many parts", () => x().at(0, 0, 0), "at: an index of 3 axes for [2, 3]"],
    [
      "two ellipses",
      () => x().at("...", "..."),
      'at: an index of 0 axes with two "..." for [2, 3]',
    ],
    ["a place outside", () => x().at(2).get(), "index 2 is out of range for axis 0 of [2, 3]"],
    [
      "a place of a tensor outside",
      () => x().at([], ints(3)).get(),
      "index 3 (number 0 of the indices) is outside of [-3, 3)",
    ],
    [
      "second places outside",
      () => x().at(ints(0), ints(-4)).set(1),
      "index -4 (number 0 of the indices) is outside of [-3, 3)",
    ],
    ["floats", () => x().at(t.tensor([0])), "at: a part of the index is float32"],
    ["text", () => x().at("all" as never), 'at: a part of the index is "all"'],
    ["undefined", () => x().at(undefined as never), "at: a part of the index is undefined"],
    ["half a place", () => x().at(0.5).get(), "index 0.5 is out of range for axis 0 of [2, 3]"],
    [
      "a range with no step",
      () => x().at([0, 2, 0]).get(),
      "[0, 2, 0] is no range on axis 0 of [2, 3]",
    ],
    [
      "a range of four",
      () => x().at([0, 2, 1, 1]).set(1),
      "[0, 2, 1, 1] is no range on axis 0 of [2, 3]",
    ],
    [
      "a mask of another shape",
      () => x().at(t.tensor([true])),
      "at: a mask [1] over axes [2] of [2, 3]",
    ],
    ["a 0-d mask", () => x().at(t.tensor(true)), "at: a mask []"],
    [
      "places that do not broadcast",
      () =>
        x()
          .at(ints(0, 1), ints(0, 1, 2))
          .get(),
      "at: shapes do not broadcast: [2] and [3]",
    ],
    [
      "values that do not fit",
      () =>
        x()
          .at(0)
          .set(t.ones([2])),
      "at: shapes do not broadcast: [2] and [3]",
    ],
    [
      "values of more axes",
      () =>
        x()
          .at(0)
          .set(t.ones([2, 3])),
      "at: values [2, 3] at an index of shape [3]",
    ],
    [
      "values for each place of a mask",
      () =>
        x()
          .at(t.tensor([true, true]))
          .set(t.ones([2, 3])),
      "at: values [2, 3] at an index with a mask [2]",
    ],
    [
      "a mask beside places",
      () =>
        x()
          .at(t.tensor([true, true]), ints(0, 1))
          .set(1),
      "at: values [] at an index with a mask [2]",
    ],
    [
      "values that are none",
      () =>
        x()
          .at(0)
          .set("1" as never),
      "set: needs a tensor",
    ],
    ["arguments of get", () => (x().at(0).get as (x: number) => unknown)(1), "get: takes"],
  ])("refuses %s", (_, call, message) => {
    expect(call).toThrow(message);
  });

  it("frees what it makes on the way", () => {
    const y = x();
    const before = t.memory().tensors;
    const made = [
      y.at(0).get(),
      y.at(ints(1)).get(),
      y.at([], ints(1, 1)).set(2),
      y.at(y.greater(2)).add(1),
    ];
    expect(t.memory().tensors - before).toBeLessThanOrEqual(made.length + 3); // and the indices
  });
});

describe("slice", () => {
  const x = () => t.reshape(t.arange(24), [2, 3, 4]);

  it("has an ellipsis and new axes", () => {
    expect(t.slice(x(), ["...", 1]).toArray()).toEqual(x().at("...", 1).get().toArray());
    expect(t.slice(x(), ["newaxis", 0, "...", "newaxis", [1, 3]]).shape).toEqual([1, 3, 1, 2]);
    expect(t.slice(x(), ["..."]).shape).toEqual([2, 3, 4]);
    expect(t.slice(x(), [[], "..."]).shape).toEqual([2, 3, 4]);
    expect(t.slice(x(), [null, "...", null, 0]).shape).toEqual([2, 3]);
  });

  it("refuses two of them, and other text", () => {
    expect(() => t.slice(x(), ["...", "..."])).toThrow("slice: 0 ranges");
    expect(() => t.slice(x(), ["all" as never])).toThrow("slice: ");
  });
});
