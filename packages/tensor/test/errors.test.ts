/** @file What users meet when values and shapes do not fit, beside the bad calls of every op in badInputs. */
import { describe, expect, it } from "vitest";
import * as t from "../src/api/index.js";

const any = (x: unknown) => x as never;
const one = t.tensor([1]);

describe("values and shapes that do not fit", () => {
  it.each([
    ["tensor: cannot hold the value a", () => t.tensor(any("a"))],
    ["tensor: rows differ", () => t.tensor([[1], [1, 2]])],
    ["tensor: 2 values do not fill the shape [3]", () => t.tensor([1, 2], { shape: [3] })],
    ['einsum: "z" in the result', () => t.einsum("ij->iz", t.ones([1, 1]))],
    ['einsum: "j" is 2 and 3 long', () => t.einsum("ij,jk->ik", t.ones([1, 2]), t.ones([3, 1]))],
    [
      "matmul: inner dimensions differ: [1, 2] @ [3, 1] (2 vs 3)",
      () => t.matmul(t.ones([1, 2]), t.ones([3, 1])),
    ],
    ["add: shapes do not broadcast: [2] and [3] (2 vs 3)", () => t.ones([2]).add(t.ones([3]))],
    ["take: index 2 (number 0", () => one.take(t.tensor([2], { dtype: "int32" }))],
    ["take: indices are float32", () => one.take(one)],
    ["where: the condition is float32", () => t.where(one, 1, 2)],
    ['cast: unknown dtype "int64"', () => one.cast(any("int64"))],
    ["item: needs exactly one element", () => t.ones([2]).item()],
    ["max: nothing to reduce", () => t.zeros([0, 3]).max({ axis: 0 })],
    ["softmax: axis 3 is out of range", () => one.softmax({ axis: 3 })],
    ['setDefaultDevice: there is no device "tpu"', () => t.setDefaultDevice("tpu")],
    ['zeros: there is no device "tpu"', () => t.zeros([2], { device: "tpu" })],
    ["zeros: [1000000, 1000000]", () => t.zeros([1e6, 1e6])],
    ["reshape: cannot turn [2] (2 elements) into [3] (3)", () => t.ones([2]).reshape([3])],
  ])("%s", (text, call) => {
    expect(call).toThrow(t.IsogradError);
    expect(call).toThrow(text);
  });

  it("names both devices", () => {
    const there = t.ones([1], { device: "reference" });
    expect(() => one.add(there)).toThrow(
      /add: operands are on two devices: cpu and reference\n.*move/,
    );
  });

  it("refuses a tensor that was disposed", () => {
    const gone = t.ones([2]);
    gone.dispose();
    expect(() => gone.add(1)).toThrow(/add: a tensor of shape \[2\] is used after it was disposed/);
    expect(String(gone)).toContain("disposed");
  });
});
