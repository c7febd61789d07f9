/**
 * @file From file element types to Tensor dtypes: exact values, or a refusal that names the value.
 */
import { describe, expect, test } from "vitest";
import { decodeNpy } from "../../src/io/npy.js";
import { widenFloats } from "../../src/io/smallFloats.js";
import { widen } from "../../src/io/widen.js";
import { fromBase64, numpyCases, refusal } from "./fixtures.js";

describe("floats below 32 bits", () => {
  test("float16 as NumPy reads it", () => {
    const cases = numpyCases().npy.filter(({ name }) => name.includes("float16"));
    expect(cases.length).toBeGreaterThan(6);
    for (const { bytes, values: expected } of cases) {
      const { dtype, data } = widen("loadNpy", decodeNpy("loadNpy", fromBase64(bytes)));
      expect(dtype).toBe("float32");
      const special: Record<string, number> = { nan: Number.NaN, inf: Infinity, "-inf": -Infinity };
      expect(Array.from(data)).toEqual(expected.map((v) => special[String(v)] ?? Number(v)));
    }
  });

  test("bfloat16 is the upper half of float32", () => {
    const floats = Float32Array.of(1, -2.5, 0, -0, Infinity, -Infinity, 2 ** -133, 255 * 2 ** 120);
    const upper = Uint16Array.from(new Uint32Array(floats.buffer), (bits) => bits >>> 16);
    expect([...widenFloats("bfloat16", upper)]).toEqual([
      1,
      -2.5,
      0,
      -0,
      Infinity,
      -Infinity,
      2 ** -133,
      255 * 2 ** 120,
    ]);
    expect(widenFloats("bfloat16", Uint16Array.of(0x7fc0))[0]).toBeNaN();
  });

  // Largest and smallest values, and what is special, as in the OCP 8-bit formats and in PyTorch.
  test.each([
    [
      "float8_e4m3fn",
      { 126: 448, 254: -448, 1: 2 ** -9, 8: 2 ** -6, 56: 1, 128: -0, 127: NaN, 255: NaN },
    ],
    ["float8_e4m3fnuz", { 127: 240, 255: -240, 1: 2 ** -10, 8: 2 ** -7, 64: 1, 128: NaN }],
    [
      "float8_e5m2",
      {
        123: 57344,
        1: 2 ** -16,
        4: 2 ** -14,
        60: 1,
        124: Infinity,
        252: -Infinity,
        125: NaN,
        128: -0,
      },
    ],
    ["float8_e5m2fnuz", { 127: 57344, 1: 2 ** -17, 4: 2 ** -15, 64: 1, 128: NaN }],
    ["float8_e8m0fnu", { 0: 2 ** -127, 127: 1, 254: 2 ** 127, 255: NaN }],
  ] as const)("%s", (name, expected) => {
    for (const [bits, value] of Object.entries(expected)) {
      expect(widenFloats(name, Uint8Array.of(Number(bits)))[0]).toBe(value);
    }
  });

  test("every float8 that is a number is a distinct one", () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const count = (name: Parameters<typeof widenFloats>[0]) =>
      new Set([...widenFloats(name, all)].map((v) => (Object.is(v, -0) ? "-0" : v))).size;
    expect(count("float8_e4m3fn")).toBe(255); // two NaN
    expect(count("float8_e4m3fnuz")).toBe(256);
    expect(count("float8_e5m2")).toBe(251); // six NaN
  });
});

describe("integers", () => {
  test.each([
    ["uint8", Uint8Array.of(0, 255)],
    ["int8", Int8Array.of(-128, 127)],
    ["uint16", Uint16Array.of(0, 65535)],
    ["int16", Int16Array.of(-32768, 32767)],
    ["uint32", Uint32Array.of(0, 2 ** 31 - 1)],
  ] as const)("%s, from its lowest to its highest in int32", (dtype, data) => {
    expect(widen("load", { shape: [2], dtype, data })).toEqual({
      shape: [2],
      dtype: "int32",
      data: Int32Array.from(data),
    });
  });

  test("int64 at the ends of int32", () => {
    const data = BigInt64Array.of(-(2n ** 31n), 2n ** 31n - 1n, 0n, -1n, 1n);
    const expected = [-(2 ** 31), 2 ** 31 - 1, 0, -1, 1];
    expect([...widen("load", { shape: [5], dtype: "int64", data }).data]).toEqual(expected);
    expect(widen("load", { shape: [5], dtype: "int64", data }, "float64")).toMatchObject({
      dtype: "float64",
      data: Float64Array.from(expected),
    });
  });

  test.each([
    ["int64", BigInt64Array.of(0n, 2n ** 31n), "2147483648"],
    ["int64", BigInt64Array.of(0n, -(2n ** 31n) - 1n), "-2147483649"],
    ["int64", BigInt64Array.of(0n, 2n ** 32n), "4294967296"],
    ["uint64", BigUint64Array.of(0n, 2n ** 64n - 1n), "18446744073709551615"],
    ["uint64", BigUint64Array.of(0n, 2n ** 32n - 1n), "4294967295"],
    ["uint32", Uint32Array.of(0, 2 ** 31), "2147483648"],
  ] as const)("%s beyond int32: %s", (dtype, data, value) => {
    expect(refusal(() => widen("load", { shape: [2], dtype, data }))).toBe(
      `load: ${dtype} value ${value} (element 1) does not fit int32\n` +
        '  help: pass { int64As: "float64" } to read such integers as float64, exact to ±2^53',
    );
  });

  test("as float64, exact or refused", () => {
    const exact = BigInt64Array.of(2n ** 53n, -(2n ** 62n), 2n ** 31n);
    expect([...widen("load", { shape: [3], dtype: "int64", data: exact }, "float64").data]).toEqual(
      [2 ** 53, -(2 ** 62), 2 ** 31],
    );
    const data = BigInt64Array.of(2n ** 53n + 1n);
    const text = refusal(() => widen("load", { shape: [1], dtype: "int64", data }, "float64"));
    expect(text).toBe(
      "load: int64 value 9007199254740993 (element 0) does not fit float64\n" +
        "  help: float64 is exact to ±2^53",
    );
    const small = Uint32Array.of(2 ** 32 - 1);
    expect(widen("load", { shape: [1], dtype: "uint32", data: small }, "float64").data[0]).toBe(
      2 ** 32 - 1,
    );
  });
});

test("booleans are 0 and 1", () => {
  const data = Uint8Array.of(0, 1, 2, 255);
  expect([...widen("load", { shape: [4], dtype: "bool", data }).data]).toEqual([0, 1, 1, 1]);
});

test("complex numbers get a last axis", () => {
  const data = Float32Array.of(1, 2, 3, 4);
  expect(widen("load", { shape: [2], dtype: "complex64", data })).toEqual({
    shape: [2, 2],
    dtype: "float32",
    data,
  });
  expect(
    widen("load", { shape: [], dtype: "complex128", data: Float64Array.of(1, 2) }),
  ).toMatchObject({
    shape: [2],
    dtype: "float64",
  });
});

test.each(["float4_e2m1", "float6_e2m3", "float6_e3m2"] as const)(
  "packed %s are refused",
  (dtype) => {
    expect(refusal(() => widen("load", { shape: [4], dtype, data: new Uint8Array(3) }))).toBe(
      `load: elements of ${dtype} are packed; no Tensor dtype holds them\n  help: load the others by { names }`,
    );
  },
);
