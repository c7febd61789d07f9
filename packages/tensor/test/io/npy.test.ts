/** @file The .npy codec against files that NumPy wrote, and against damaged ones. */
import { describe, expect, test } from "vitest";
import { decodeNpy, encodeNpy } from "../../src/io/npy.js";
import { fromBase64, npyFile, numpyCases, refusal } from "./fixtures.js";

/** Values as the fixtures write them: numbers, with what JSON cannot hold as strings. */
function shown(dtype: string, data: ArrayLike<number | bigint>): (number | boolean | string)[] {
  return Array.from(data, (v) => {
    if (dtype === "bool") return v === 1;
    if (typeof v === "bigint") return v > 2n ** 53n || v < -(2n ** 53n) ? String(v) : Number(v);
    if (Number.isNaN(v)) return "nan";
    return Number.isFinite(v) ? v : v > 0 ? "inf" : "-inf";
  });
}

describe("files that NumPy wrote", () => {
  test.each(numpyCases().npy)("$name", ({ bytes, dtype, shape, values, field, saved }) => {
    const file = fromBase64(bytes);
    const array = decodeNpy("loadNpy", file, field);
    expect(array.shape).toEqual(shape);
    if (dtype !== "float16" && array.dtype !== "float16") {
      expect(array.dtype).toBe(dtype);
      expect(shown(dtype, array.data)).toEqual(values);
    }
    if (saved) expect(encodeNpy("saveNpy", array)).toEqual(file);
  });

  test("bytes at an odd place in a larger buffer", () => {
    for (const { bytes, shape, field } of numpyCases().npy) {
      const file = fromBase64(bytes);
      const shifted = new Uint8Array(file.length + 3).subarray(3);
      shifted.set(file);
      expect(decodeNpy("loadNpy", shifted, field).shape).toEqual(shape);
    }
  });
});

describe("headers", () => {
  const load = (header: string, bytes = 8) =>
    decodeNpy("loadNpy", npyFile(header, new Uint8Array(bytes)));
  const refuse = (header: string, bytes = 8) => refusal(() => load(header, bytes));
  const dict = (descr: string, shape = "(2,)", order = "False") =>
    `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;

  test("what Python reads the same way", () => {
    expect(load('{"shape":(2L,),"descr":u"<f4","fortran_order":False}\n').shape).toEqual([2]);
    expect(load("  {'descr': 'f4',\n 'fortran_order': False, 'shape': (+2,)}").shape).toEqual([2]);
    expect(load("({'descr': '=f4', 'fortran_order': (False), 'shape': (1, 2)})").shape).toEqual([
      1, 2,
    ]);
  });

  test.each([
    ["a number alone", "(2)"],
    ["a list", "[2]"],
    ["a leading zero", "(02,)"],
    ["a boolean", "(True,)"],
    ["a product", "(2*1,)"],
    ["an infinite float", "(1e999,)"],
    ["no value between commas", "(2,,)"],
    ["an open bracket", "(2,"],
  ])("a shape with %s", (_, shape) => {
    refuse(dict("'<f4'", shape));
  });

  test("element types that are no numbers", () => {
    for (const code of ["<U4", "|S3", "<M8[ns]", "<m8", "|V8", "<f16", "<c32"]) {
      expect(refuse(dict(`'${code}'`))).toContain("holds no numbers that a Tensor can hold");
    }
    expect(refuse(dict("'|O'"))).toContain("pickled Python objects");
    for (const name of ["<float32", "float16 ", "bool8", "object0", "string", "<", "a4x", "c1"]) {
      expect(refuse(dict(`'${name}'`))).toContain("is not a dtype descriptor");
    }
    expect(refuse(dict("None"))).toContain("descr is no dtype descriptor");
  });

  test("records", () => {
    refuse(dict("[]"));
    refuse(dict("[('a',)]"));
    refuse(dict("['<f4']"));
    expect(refuse(dict("[('a', '<f4'), ('a', '<f4')]", "(1,)"))).toContain("occurs twice");
    expect(load(dict("[('a', [('b', '<f4')])]")).shape).toEqual([2]);
    const inner = "[('a', [('b', '<f4', 0), ('c', '|u1', 0)]), ('s', '<U0')]";
    const pick = (field: string) => () => decodeNpy("loadNpy", npyFile(dict(inner)), field);
    expect(pick("a.c")()).toMatchObject({ shape: [2, 0], dtype: "uint8" });
    expect(refusal(pick("a"))).toBe(
      "loadNpy: a structured array with the fields 'a.b', 'a.c'\n  help: name the one to load: { field: 'a.b' }",
    );
    expect(refusal(pick("a.d"))).toBe(
      "loadNpy: no field 'a.d' among 'a.b', 'a.c'\n  help: give one of these as field",
    );
    expect(refusal(pick("s"))).toContain("loadNpy: field 's': descr '<U0' holds no numbers");
    expect(refuse(dict("[('a', '<f4', (1000000000000,))]"))).toContain("too large");
    expect(refuse(dict("[('a', '<f4'), ('b', '<f4')]", "(1,)"))).toContain("fields 'a', 'b'");
    expect(load(dict("[(('title', 'a'), '<f4')]")).shape).toEqual([2]);
    expect(load(dict("[('a', '<f4', 2)]", "(1,)")).shape).toEqual([1, 2]);
  });

  test("hostile sizes are refused before memory is taken", () => {
    expect(refuse(dict("'<f8'", "(1099511627776,)"))).toContain("8796093022208 bytes");
    expect(refuse(dict("'<f8'", "(4294967296, 4294967296, 4294967296)"))).toContain("too large");
    expect(refuse(dict("'<f8'", `(${"1, ".repeat(65)})`))).toContain("65 axes");
    expect(refuse(dict("'<f8'", `(0, ${"9".repeat(4000)})`))).toContain("above 2^53");
    refuse(dict("'<f4'", "(".repeat(4000)));
    refuse(dict(`${"[".repeat(3000)}${"]".repeat(3000)}`));
    refuse(`{'descr': '${"\\x41".repeat(2000)}`);
    refuse("{".repeat(9000));
    refuse(" ".repeat(9999));
    refuse("9".repeat(9999));
  });

  test("the rest of a header", () => {
    refuse("");
    refuse("()");
    refuse(`${dict("'<f4'")} 1`);
    refuse("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}");
    refuse("{1: '<f4', 'fortran_order': False, 'shape': (2,)}");
    refuse("{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}");
    refuse("{'descr': '<f4\n', 'fortran_order': False, 'shape': (2,)}");
    refuse(`${dict("'<f4'")}\0`);
    refusal(() => decodeNpy("loadNpy", npyFile("\xff", [], 3).fill(0xff, 12)));
    expect(refusal(() => decodeNpy("loadNpy", new Uint8Array([0x50, 0x4b, 3, 4])))).toContain(
      "loadNpz",
    );
    expect(
      refusal(() => decodeNpy("loadNpy", npyFile(dict("'<f4'"), [], 2).subarray(0, 11))),
    ).toContain("ends");
  });

  test("what the message says", () => {
    expect(refuse(dict("'<f4'", "(70,)"))).toBe(
      "loadNpy: shape [70] takes 280 bytes, the file has 8 after its header",
    );
  });
});

describe("writing", () => {
  test("refuses what .npy files cannot hold", () => {
    const refuse = (array: Parameters<typeof encodeNpy>[1]) =>
      refusal(() => encodeNpy("saveNpy", array));
    expect(refuse({ shape: [1], dtype: "bfloat16", data: new Uint16Array(1) })).toContain(
      "bfloat16",
    );
    expect(refuse({ shape: [2], dtype: "float32", data: new Float32Array(1) })).toContain(
      "does not fit",
    );
    expect(refuse({ shape: [1], dtype: "float32", data: new Float64Array(1) })).toContain(
      "does not fit",
    );
    expect(refuse({ shape: [-1], dtype: "float32", data: new Float32Array(1) })).toContain(
      "lengths",
    );
    expect(
      refuse({ shape: new Array(65).fill(1), dtype: "bool", data: new Uint8Array(1) }),
    ).toContain("64");
  });
});
