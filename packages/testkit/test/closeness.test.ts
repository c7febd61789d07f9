/** @file The comparisons that other tests rely on: what they let pass, and what they say. */
import { devices, ones, tensor } from "@isograd/tensor";
import { firstDifference, forEachDevice, installMatchers, valuesOf } from "@isograd/testkit";
import { describe, expect, it } from "vitest";

installMatchers();

const values = (...data: number[]) => ({ shape: [data.length], data });

describe("firstDifference", () => {
  it.each([
    [[1, Number.NaN, Infinity], [1, Number.NaN, Infinity], {}],
    [[0], [-0], {}],
    [[1 + 1e-7], [1], {}],
    [[1.05], [1], { rtol: 0.1 }],
    [[1e-9], [0], {}],
    [[], [], {}],
  ])("passes %j beside %j", (a, b, tolerance) => {
    expect(firstDifference(values(...a), values(...b), tolerance)).toBeNull();
  });

  it.each([
    [values(1), values(2), {}, "at [0]: received 1, expected 2 (off by -1)"],
    [
      values(1, 5, 7),
      values(1, 2, 3),
      {},
      "at [1]: received 5, expected 2 (off by 3, and 1 more of 3)",
    ],
    [values(0), values(-0), { signedZeros: true }, "at [0]: received 0, expected -0 (off by 0)"],
    [values(Infinity), values(1), {}, "at [0]: received Infinity, expected 1 (off by Infinity)"],
    [
      values(1),
      values(Infinity),
      { rtol: 1 },
      "at [0]: received 1, expected Infinity (off by -Infinity)",
    ],
    [values(Number.NaN), values(1), { atol: 9 }, "at [0]: received NaN, expected 1 (off by NaN)"],
    [values(1), { shape: [1, 1], data: [1] }, {}, "received shape [1], expected [1, 1]"],
    [
      { shape: [2, 3], data: [0, 0, 0, 0, 0, 4] },
      { shape: [2, 3], data: [0, 0, 0, 0, 0, 0] },
      {},
      "at [1, 2]: received 4, expected 0 (off by 4)",
    ],
  ])("says where %j and %j differ", (a, b, tolerance, message) => {
    expect(firstDifference(a, b, tolerance)).toBe(message);
  });
});

describe("valuesOf", () => {
  it("reads tensors, nested arrays, numbers and booleans", () => {
    expect(valuesOf([[1, 2]])).toEqual({ shape: [1, 2], data: [1, 2] });
    expect(valuesOf(3)).toEqual({ shape: [], data: [3] });
    expect(valuesOf([true, false])).toEqual({ shape: [2], data: [1, 0] });
    expect(Array.from(valuesOf(ones([2])).data)).toEqual([1, 1]);
  });
});

describe("matchers", () => {
  it("pass, fail with the place, and turn around under not", () => {
    expect(tensor([1, 2])).toBeCloseToTensor([1, 2.000001]);
    expect(tensor([1, 2])).toEqualTensor([1, 2]);
    expect(tensor([1, 2])).not.toEqualTensor([1, 2.000001]);
    expect(() => expect(tensor([1, 2])).toBeCloseToTensor([1, 3])).toThrow(
      "toBeCloseToTensor: at [1]: received 2, expected 3 (off by -1)",
    );
    expect(() => expect(tensor([1])).not.toEqualTensor([1])).toThrow("expected a difference");
  });
});

forEachDevice(["cpu", "reference"], (device) => {
  it("runs on the device named", () => {
    expect(devices()).toContain(device);
    expect(ones([1], { device }).device).toBe(device);
  });
});
