/** @file Dtypes: the whole table of promotion, storage, limits, kinds, and the words of every refusal. */
import { describe, expect, it } from "vitest";
import "../../src/api/devices.js";
import {
  bytesOf,
  checkDType,
  type DType,
  dtypes,
  isFloat,
  makeArray,
  promoteTypes,
  viewArray,
} from "../../src/base/dtype.js";
import { DeviceError, DTypeError } from "../../src/base/errors.js";
import { tensor } from "../../src/ops/creation.js";
import { canCast, finfo, iinfo, isDType, resultType } from "../../src/ops/dtypeInfo.js";
import { refusalOf } from "./refusal.js";

const floats = tensor([1.5]);

describe("storage", () => {
  it.each<[DType, number, new (n: number) => unknown, boolean]>([
    ["bool", 1, Uint8Array, false],
    ["int32", 4, Int32Array, false],
    ["float32", 4, Float32Array, true],
    ["float64", 8, Float64Array, true],
  ])("of %s", (dtype, bytes, type, float) => {
    expect(bytesOf(dtype)).toBe(bytes);
    expect(isFloat(dtype)).toBe(float);
    const made = makeArray(dtype, 3);
    expect(made).toBeInstanceOf(type);
    expect(made.length).toBe(3);
    const buffer = new ArrayBuffer(32);
    const view = viewArray(dtype, buffer, 8, 2);
    expect(view).toBeInstanceOf(type);
    expect([view.buffer, view.byteOffset, view.length]).toEqual([buffer, 8, 2]);
  });

  it("that JavaScript cannot make is refused with its size", () => {
    expect(refusalOf(DeviceError, () => makeArray("float64", 2 ** 40))).toBe(
      "memory: JavaScript cannot make an array of 1099511627776 float64 (8192.0 GiB)\n" +
        "  help: work in smaller pieces",
    );
  });
});

describe("promotion", () => {
  it("takes the later of the four", () => {
    expect(dtypes).toEqual(["bool", "int32", "float32", "float64"]);
    dtypes.forEach((a, i) => {
      dtypes.forEach((b, j) => {
        expect(promoteTypes(a, b)).toBe(dtypes[Math.max(i, j)]);
        expect(canCast(a, b)).toBe(i <= j);
      });
    });
  });

  it("of tensors, dtypes and numbers", () => {
    expect(resultType("int32", "bool")).toBe("int32");
    expect(resultType("int32", 2)).toBe("int32");
    expect(resultType("int32", 2.5)).toBe("float32");
    expect(resultType("bool", 2)).toBe("int32");
    expect(resultType("bool", true)).toBe("bool");
    expect(resultType("float64", 2.5)).toBe("float64");
    expect(resultType(floats, 2)).toBe("float32");
    expect(resultType(floats, "float64", true)).toBe("float64");
    expect(canCast(floats, "float64")).toBe(true);
    expect(canCast(floats, "int32")).toBe(false);
    expect(refusalOf(DTypeError, () => resultType(1, true))).toBe(
      "resultType: no tensor and no dtype is given\n  help: numbers alone have none",
    );
  });
});

describe("limits", () => {
  it("of floats are those of IEEE 754", () => {
    expect(finfo("float64")).toEqual({
      dtype: "float64",
      bits: 64,
      eps: Number.EPSILON,
      max: Number.MAX_VALUE,
      min: -Number.MAX_VALUE,
      smallestNormal: 2.2250738585072014e-308,
    });
    expect(finfo(floats)).toEqual({
      dtype: "float32",
      bits: 32,
      eps: 1.1920928955078125e-7,
      max: 3.4028234663852886e38,
      min: -3.4028234663852886e38,
      smallestNormal: 1.1754943508222875e-38,
    });
    expect(refusalOf(DTypeError, () => finfo("int32"))).toBe(
      "finfo: int32 is no float\n  help: use float32 or float64",
    );
  });

  it("of integers", () => {
    const limits = { dtype: "int32", bits: 32, max: 2147483647, min: -2147483648 };
    expect(iinfo("int32")).toEqual(limits);
    expect(iinfo(tensor([1], { dtype: "int32" }))).toEqual(limits);
    expect(refusalOf(DTypeError, () => iinfo(floats))).toBe(
      "iinfo: float32 is no integer\n  help: use int32",
    );
  });
});

describe("kinds", () => {
  it.each([
    ["bool", ["bool"]],
    ["signed integer", ["int32"]],
    ["unsigned integer", []],
    ["integral", ["int32"]],
    ["real floating", ["float32", "float64"]],
    ["complex floating", []],
    ["numeric", ["int32", "float32", "float64"]],
    ["float32", ["float32"]],
  ] as const)("%s", (kind, members) => {
    expect(dtypes.filter((dtype) => isDType(dtype, kind))).toEqual(members);
  });

  it("several at once", () => {
    const either = ["bool", "real floating"] as const;
    expect(dtypes.filter((d) => isDType(d, either))).toEqual(["bool", "float32", "float64"]);
    expect(isDType("bool", [])).toBe(false);
    expect(() => isDType("bool", "no kind" as never)).toThrow(/there is no kind "no kind"/);
  });

  it.each([
    ["isDType", () => isDType("float16" as never, "numeric")],
    ["canCast", () => canCast("float16" as never, "int32")],
    ["canCast", () => canCast("int32", "float16" as never)],
    ["op", () => checkDType("op", "float16")],
  ])("%s refuses unknown dtypes", (op, call) => {
    expect(refusalOf(DTypeError, call)).toBe(
      `${op}: unknown dtype "float16"\n  help: choose one of bool, int32, float32, float64`,
    );
  });
});
