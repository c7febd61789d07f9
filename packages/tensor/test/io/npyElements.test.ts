/** @file Elements of .npy files: column-major order, the other byte order, fields of records. */
import { describe, expect, test } from "vitest";
import { decodeNpy } from "../../src/io/npy.js";
import { npyFile, refusal } from "./fixtures.js";

const dict = (descr: string, shape: string, order = "False") =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;

describe("elements", () => {
  const bytes = (n: number) => Uint8Array.from({ length: n }, (_, i) => i + 1);
  const decode = (descr: string, shape: string, data: Uint8Array, order = "True") =>
    decodeNpy("load", npyFile(dict(descr, shape, order), data));

  /** Element i of the row-major order is at this place of the column-major one. */
  const columnMajor = ([a, b, c]: readonly [number, number, number]) =>
    Array.from({ length: a * b * c }, (_, i) => {
      const [x, y, z] = [Math.floor(i / (b * c)), Math.floor(i / c) % b, i % c];
      return x + a * (y + b * z);
    });

  test.each([
    ["'|u1'", 1],
    ["'<u2'", 2],
    ["'<u4'", 4],
    ["'<u8'", 8],
    ["'<c16'", 16],
    ["[('x', '|u1', 3)]", 3],
    ["[('x', '<u2', 3)]", 6],
  ] as const)("of %s from column-major to row-major order", (descr, size) => {
    const shape = [2, 3, 4] as const;
    const data = bytes(24 * size);
    const { data: read } = decode(descr, "(2, 3, 4)", data);
    const expected = columnMajor(shape).flatMap((at) => [
      ...data.subarray(at * size, (at + 1) * size),
    ]);
    expect([...new Uint8Array(read.buffer)]).toEqual(expected);
  });

  test("of one axis, and of none, have one order", () => {
    expect([...decode("'|u1'", "(4,)", bytes(4)).data]).toEqual([1, 2, 3, 4]);
    expect([...decode("'|u1'", "()", bytes(1)).data]).toEqual([1]);
    expect(decode("'|u1'", "(0, 3)", bytes(0)).data).toHaveLength(0);
  });

  test("that are not there", () => {
    const message = (rest: number) =>
      `load: shape [2, 3] takes 24 bytes, the file has ${rest} after its header`;
    expect(refusal(() => decode("'<f4'", "(2, 3)", bytes(23)))).toBe(message(23));
    expect(decode("'<f4'", "(2, 3)", bytes(24)).data).toHaveLength(6);
    expect(decode("'<f4'", "(2, 3)", bytes(30)).data).toHaveLength(6);
  });

  test("of records: one field is chosen", () => {
    const file = npyFile(
      dict("[('a', '>i2'), ('b', '<i2', (2,))]", "(2,)"),
      Uint8Array.of(0, 1, 2, 0, 3, 0, 0, 4, 5, 0, 6, 0),
    );
    expect(decodeNpy("load", file, "a")).toEqual({
      shape: [2],
      dtype: "int16",
      data: Int16Array.of(1, 4),
    });
    expect(decodeNpy("load", file, "b")).toEqual({
      shape: [2, 2],
      dtype: "int16",
      data: Int16Array.of(2, 3, 5, 6),
    });
    expect(refusal(() => decodeNpy("load", file))).toBe(
      "load: a structured array with the fields 'a', 'b'\n  help: name the one to load: { field: 'a' }",
    );
    expect(refusal(() => decodeNpy("load", file, "c"))).toBe(
      "load: no field 'c' among 'a', 'b'\n  help: give one of these as field",
    );
    const empty = npyFile(dict("[('a', '|u1', (0,))]", "(3,)"));
    expect(decodeNpy("load", empty)).toEqual({
      shape: [3, 0],
      dtype: "uint8",
      data: new Uint8Array(0),
    });
  });

  test("in the other byte order", () => {
    expect([...decode("'>u4'", "(1,)", bytes(4)).data]).toEqual([0x01020304]);
    expect([...decode("'>c8'", "(1,)", Uint8Array.of(63, 128, 0, 0, 64, 0, 0, 0)).data]).toEqual([
      1, 2,
    ]);
  });
});
