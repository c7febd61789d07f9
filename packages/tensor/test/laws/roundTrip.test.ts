/** @file Values in, the same values out: nested arrays, dtypes, devices, text. */
import { fc, test } from "@fast-check/vitest";
import {
  cast,
  type DType,
  dtypes,
  promoteTypes,
  type Shape,
  type Tensor,
  tensor,
} from "@isograd/tensor";
import { anyTensor, forEachDevice, installMatchers } from "@isograd/testkit";
import { expect } from "vitest";

installMatchers();

const anyDtype = fc.constantFrom<DType>(...dtypes);
const isFull = (shape: Shape): boolean => shape.every((n) => n > 0);

forEachDevice(["cpu", "reference"], (device) => {
  const any = anyDtype.chain((dtype) => anyTensor({}, { dtype, device }));

  test.prop([any])("tensor(x.toArray()) is x", (x) => {
    const again = tensor(x.toArray(), { dtype: x.dtype, device });
    // Nested arrays cannot tell the lengths behind an empty axis.
    if (isFull(x.shape)) expect(again).toEqualTensor(x);
    expect(again.dtype).toBe(x.dtype);
    expect(tensor(x.dataSync(), { shape: x.shape, dtype: x.dtype, device })).toEqualTensor(x);
    expect(tensor(x, { device })).toEqualTensor(x);
  });

  test.prop([any])("data() is dataSync(), and a copy", async (x) => {
    const [now, later] = [x.dataSync(), await x.data()];
    expect(later).toEqual(now);
    now.fill(1);
    expect(await x.data()).toEqual(later);
  });

  test.prop([any])("there and back to another device", async (x) => {
    const other = device === "cpu" ? "reference" : "cpu";
    const moved = await x.to(other);
    expect(moved.device).toBe(other);
    expect(await moved.to(device)).toEqualTensor(x);
  });

  test.prop([any, anyDtype])("wider dtypes keep every value", (x, dtype) => {
    const wide = promoteTypes(x.dtype, dtype);
    expect(cast(cast(x, wide), x.dtype)).toEqualTensor(x);
    expect(cast(x, wide).dtype).toBe(wide);
  });

  test.prop([any])("text starts with dtype and shape and never throws", (x) => {
    const text = x.toString();
    expect(text.startsWith(`Tensor(${x.dtype}, [${x.shape.join(", ")}])`)).toBe(true);
    expect(text.split("\n").every((line) => line.length <= 80)).toBe(true);
    x.dispose();
    expect(x.toString()).toContain("disposed");
  });

  const numbers = fc.array(fc.double(), { maxLength: 12 });
  test.prop([numbers])("any double survives float64, and float32 rounds as Math.fround", (list) => {
    const same = (x: Tensor, y: readonly number[]) => expect(Array.from(x.dataSync())).toEqual(y);
    same(tensor(list, { dtype: "float64", device }), list);
    same(tensor(list, { dtype: "float32", device }), list.map(Math.fround));
  });
});

test.prop([anyDtype, anyDtype, anyDtype])("promotion is a lattice", (a, b, c) => {
  expect(promoteTypes(a, b)).toBe(promoteTypes(b, a));
  expect(promoteTypes(promoteTypes(a, b), c)).toBe(promoteTypes(a, promoteTypes(b, c)));
  expect(promoteTypes(a, a)).toBe(a);
});
