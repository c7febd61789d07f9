/** @file Headers of .npy files: versions, limits, records, and the whole message of each refusal. */
import { describe, expect, test } from "vitest";
import { encodeNpy } from "../../src/io/npy.js";
import { isNpy, readNpyHeader, writeNpyHeader } from "../../src/io/npyHeader.js";
import { npyFile, refusal } from "./fixtures.js";

const dict = (descr: string, shape = "(2,)", order = "False") =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;
const read = (header: string) => readNpyHeader("load", npyFile(header, new Uint8Array(8)));
const refuse = (header: string) => refusal(() => read(header));
const refuseFile = (file: Uint8Array) => refusal(() => readNpyHeader("load", file));

describe("how a file begins", () => {
  test("what is a .npy file", () => {
    const file = npyFile(dict("'<f4'"));
    expect(isNpy(file)).toBe(true);
    for (let at = 0; at < 6; at++) {
      const other = file.slice();
      other[at] = 0;
      expect(isNpy(other)).toBe(false);
    }
    expect(isNpy(file.subarray(0, 5))).toBe(false);
  });

  test("other files", () => {
    const bytes = (...all: number[]) => Uint8Array.from(all);
    const NUMPY = "\n  help: write it with numpy.save or saveNpy";
    expect(refuseFile(bytes())).toBe("load: the file is empty");
    expect(refuseFile(bytes(1, 0xab))).toBe(
      `load: not a .npy file: it starts with the bytes 01 ab${NUMPY}`,
    );
    expect(refuseFile(bytes(1, 2, 3, 4, 5, 6, 7, 8, 9, 10))).toBe(
      `load: not a .npy file: it starts with the bytes 01 02 03 04 05 06 07 08${NUMPY}`,
    );
    const zip = "\n  help: this is a zip archive: read it with loadNpz";
    expect(refuseFile(bytes(0x50, 0x4b, 3, 4))).toBe(
      `load: not a .npy file: it starts with the bytes 50 4b 03 04${zip}`,
    );
    for (const other of [bytes(0x50, 3), bytes(3, 0x4b)]) {
      expect(refuseFile(other)).not.toContain("zip");
    }
    expect(refuseFile(npyFile("").subarray(0, 7))).toBe(
      `load: not a .npy file: it starts with the bytes 93 4e 55 4d 50 59 01${NUMPY}`,
    );
  });

  test("versions 1.0, 2.0 and 3.0", () => {
    for (const major of [1, 2, 3]) {
      const header = readNpyHeader("load", npyFile(dict("'<f4'"), [], major));
      expect(header).toMatchObject({ shape: [2], dataBytes: 8, fortranOrder: false });
      expect(header.dataStart).toBe((major === 1 ? 10 : 12) + dict("'<f4'").length);
    }
    for (const [major, minor] of [
      [0, 0],
      [4, 0],
      [1, 1],
      [3, 2],
    ] as const) {
      const file = npyFile(dict("'<f4'"), [], 1);
      file.set([major, minor], 6);
      expect(refuseFile(file)).toBe(
        `load: format version ${major}.${minor} is none of 1.0, 2.0 and 3.0`,
      );
    }
  });

  test("files that end in their header", () => {
    expect(refuseFile(npyFile("").subarray(0, 9))).toBe("load: the file ends inside its header");
    expect(refuseFile(npyFile("", [], 2).subarray(0, 11))).toBe(
      "load: the file ends inside its header",
    );
    const cut = npyFile(dict("'<f4'"));
    expect(refuseFile(cut.subarray(0, -1))).toBe(
      `load: header length ${cut.length - 10} exceeds the file's ${cut.length - 1} bytes`,
    );
  });

  test("10,000 characters and no more", () => {
    const FEWER = "\n  help: save the fields of large records as arrays of their own";
    const text = dict("'<f4'");
    const padded = (length: number, major: number) => npyFile(text.padEnd(length), [], major);
    for (const major of [1, 2, 3]) {
      expect(readNpyHeader("load", padded(10_000, major)).shape).toEqual([2]);
      expect(refuseFile(padded(10_001, major))).toBe(
        `load: header length 10001 is above 10000 characters${FEWER}`,
      );
    }
    expect(refuseFile(padded(40_001, 3))).toBe(
      `load: header length 40001 is above 10000 characters${FEWER}`,
    );
    // In version 3.0 a character may take several bytes.
    const euros = dict(`[('${"€".repeat(9000)}', '<f4')]`);
    expect(readNpyHeader("load", npyFile(euros, [], 3)).descr.bytes).toBe(4);
  });

  test("names are Latin-1 in versions 1.0 and 2.0, UTF-8 in 3.0", () => {
    const named = dict("[('é', '<f4')]");
    const field = (major: number) => {
      const { descr } = readNpyHeader("load", npyFile(named, [], major));
      return descr.kind === "record" ? descr.fields[0]?.name : undefined;
    };
    expect(field(3)).toBe("é");
    expect(field(2)).toBe("Ã©");
    const damaged = npyFile(named, [], 3);
    damaged[12 + named.indexOf("é")] = 0xff;
    expect(refuseFile(damaged)).toBe("load: the header is not valid UTF-8");
  });
});

describe("what a header says", () => {
  const KEYS = "not [descr, fortran_order, shape]";
  test.each([
    ["", "the header is no Python literal: not a literal at character 0"],
    [
      `${dict("'<f4'")} 1`,
      "the header is no Python literal: text after the end at character 58: 1",
    ],
    ["[]", "the header is not a dictionary"],
    ["{}", `the header has the keys [], ${KEYS}`],
    ["{'shape': (), 'descr': 1}", `the header has the keys [descr, shape], ${KEYS}`],
    [`{'${"k".repeat(200)}': 1}`, `the header has the keys [${"k".repeat(100)}], ${KEYS}`],
    [dict("'<f4'", "()", "0"), "fortran_order is neither True nor False"],
    [dict("'<f4'", "[2]"), "shape is not a tuple of integers"],
    [dict("'<f4'", "(2)"), "shape is not a tuple of integers"],
    [dict("'<f4'", "(2.0,)"), "shape is not a tuple of integers"],
    [dict("'<f4'", "(2, -3)"), "shape has the negative length -3"],
    [dict("'<f4'", `(${"1, ".repeat(65)})`), "shape has 65 axes, more than 64"],
    [dict("'<f4'", "(9007199254740992,)"), "shape has the length 9007199254740992, above 2^53"],
    [dict("'<f4'", `(${"9".repeat(60)},)`), `shape has the length ${"9".repeat(40)}, above 2^53`],
    [dict("'<f4'", "(9007199254740991,)"), "shape [9007199254740991] is too large"],
    [dict("'<f8'", "(4294967296, 4294967296)"), "shape [4294967296, 4294967296] is too large"],
  ])("%s", (header, message) => {
    expect(refuse(header)).toBe(`load: ${message}`);
  });

  test("shapes at the limits", () => {
    expect(read(dict("'|u1'", "(9007199254740991,)")).dataBytes).toBe(2 ** 53 - 1);
    expect(read(dict("'<f4'", `(${"1, ".repeat(64)})`)).shape).toHaveLength(64);
    expect(read(dict("'<f8'", "()"))).toMatchObject({ shape: [], dataBytes: 8 });
    expect(read(dict("'<f8'", "(0, 3)", "True"))).toMatchObject({
      fortranOrder: true,
      shape: [0, 3],
      dataBytes: 0,
    });
  });
});

describe("element types", () => {
  const scalar = (descr: string) => read(dict(descr)).descr;

  test("byte orders", () => {
    for (const [order, bigEndian] of [
      ["<", false],
      ["=", false],
      ["|", false],
      ["", false],
      [">", true],
    ] as const) {
      const expected = { kind: "scalar", scalar: { dtype: "int16", bigEndian }, bytes: 2 };
      expect(scalar(`'${order}i2'`)).toEqual(expected);
    }
  });

  test.each([
    ["b1", "bool", 1],
    ["u1", "uint8", 1],
    ["i1", "int8", 1],
    ["u2", "uint16", 2],
    ["u4", "uint32", 4],
    ["i4", "int32", 4],
    ["u8", "uint64", 8],
    ["i8", "int64", 8],
    ["f2", "float16", 2],
    ["f4", "float32", 4],
    ["f8", "float64", 8],
    ["c8", "complex64", 8],
    ["c16", "complex128", 16],
  ])("%s is %s", (code, dtype, bytes) => {
    expect(scalar(`'<${code}'`)).toMatchObject({ scalar: { dtype }, bytes });
    const written = writeNpyHeader("save", dtype as "bool", [3]);
    expect(readNpyHeader("load", written).dataBytes).toBe(3 * bytes);
  });

  const KNOWN = "known are b1, u1, i1, u2, i2, u4, i4, u8, i8, f2, f4, f8, c8, c16";
  test.each([
    ["7", "descr is no dtype descriptor"],
    ["()", "descr is no dtype descriptor"],
    [
      "'|O8'",
      "descr '|O8' is an array of pickled Python objects, which run code when they are loaded\n" +
        "  help: save it from NumPy with a numeric dtype: np.save(path, array.astype('float32'))",
    ],
    ["'<U4'", `descr '<U4' holds no numbers that a Tensor can hold\n  help: ${KNOWN}`],
    ["'c32'", `descr 'c32' holds no numbers that a Tensor can hold\n  help: ${KNOWN}`],
    ["'<f3'", `descr '<f3' is not a dtype descriptor\n  help: ${KNOWN}`],
    ["'xU4'", `descr 'xU4' is not a dtype descriptor\n  help: ${KNOWN}`],
    ["'<<f4'", `descr '<<f4' is not a dtype descriptor\n  help: ${KNOWN}`],
    ["'f4\\n'", `descr 'f4\n' is not a dtype descriptor\n  help: ${KNOWN}`],
    ["'toString'", `descr 'toString' is not a dtype descriptor\n  help: ${KNOWN}`],
    [
      `'${"z".repeat(60)}'`,
      `descr '${"z".repeat(40)}' is not a dtype descriptor\n  help: ${KNOWN}`,
    ],
  ])("%s is refused", (descr, message) => {
    expect(refuse(dict(descr))).toBe(`load: ${message}`);
  });
});

describe("records", () => {
  const of = (dtype: string, bytes: number, bigEndian = false) => ({
    kind: "scalar",
    scalar: { dtype, bigEndian },
    bytes,
  });

  test("fields one after the other, with padding, titles and shapes", () => {
    const { descr } = read(
      dict("[('a', '<i2'), ('', '|V3'), (('title', 'b'), '>f4', (2, 3)), ('c', '|u1', 5)]", "(1,)"),
    );
    expect(descr).toEqual({
      kind: "record",
      bytes: 2 + 3 + 24 + 5,
      fields: [
        { name: "a", type: of("int16", 2), shape: [], offset: 0, bytes: 2 },
        { name: "b", type: of("float32", 4, true), shape: [2, 3], offset: 5, bytes: 24 },
        { name: "c", type: of("uint8", 1), shape: [5], offset: 29, bytes: 5 },
      ],
    });
  });

  test("records in records, text, and types with a shape of their own", () => {
    const nested = "[('a', [('n', '<U3'), ('x', '<f8')], (2,)), ('y', ('<f4', (2,)), 3)]";
    const { descr } = read(dict(nested, "(0,)"));
    const inner = {
      kind: "record",
      bytes: 20,
      fields: [
        {
          name: "n",
          type: { kind: "other", shown: "descr '<U3'", bytes: 12 },
          shape: [],
          offset: 0,
          bytes: 12,
        },
        { name: "x", type: of("float64", 8), shape: [], offset: 12, bytes: 8 },
      ],
    };
    expect(descr).toEqual({
      kind: "record",
      bytes: 64,
      fields: [
        { name: "a", type: inner, shape: [2], offset: 0, bytes: 40 },
        { name: "y", type: of("float32", 4), shape: [3, 2], offset: 40, bytes: 24 },
      ],
    });
  });

  const OBJECTS =
    "field 'a': field 'b': descr '|O' is an array of pickled Python objects, which run code when " +
    "they are loaded\n  help: save it from NumPy with a numeric dtype: " +
    "np.save(path, array.astype('float32'))";
  const NO_FIELD = "descr is no dtype descriptor: a field is (name, dtype)";
  test.each([
    ["[]", "descr has no fields"],
    ["[('', '|V4')]", "descr has no fields"],
    ["['<f4']", NO_FIELD],
    ["[(1, '<f4')]", NO_FIELD],
    ["[(('title',), '<f4')]", NO_FIELD],
    ["[('a', '<f4', (1,), 2)]", NO_FIELD],
    ["[('a', '<f4'), ('a', '<f4')]", "field 'a' occurs twice"],
    ["[('a', [('b', '|O')])]", OBJECTS],
    ["[(('t', 'a'), '<f4'), ('t', '<f4')]", "field 't' occurs twice"],
    ["[('a', ('<f4', 2, 3))]", "field 'a' has no valid dtype"],
    ["[('a', ('<f4', -2))]", "field 'a' has no valid shape"],
    ["[('a',)]", "field 'a': descr is no dtype descriptor"],
    ["[('a', '<f4', (-1,))]", "field 'a' has no valid shape"],
    ["[('a', '<f4', (1.0,))]", "field 'a' has no valid shape"],
    ["[('a', '<f4', 'x')]", "field 'a' has no valid shape"],
    ["[('a', '|u1', (2147483649,))]", "field 'a' is too large"],
    ["[('a', '<f4', (536870913,))]", "field 'a' is too large"],
    ["[('a', '<f4', (0, 2147483649))]", "field 'a' is too large"],
    ["[('a', '<f4', (4294967296, 4294967296))]", "field 'a' is too large"],
  ])("%s is refused", (descr, message) => {
    expect(refuse(dict(descr))).toBe(`load: ${message}`);
  });

  test.each(["[('', 'xV4')]", "[('', '|V4x')]", "[('', '|V1234567890')]"])(
    "%s is no padding",
    (descr) => {
      expect(refuse(dict(descr))).toMatch(/^load: field '(x|)': descr '/);
    },
  );

  test("a field at the limit", () => {
    const { descr } = read(dict("[('a', '|u1', (2147483648,))]", "(0,)"));
    expect(descr.bytes).toBe(2 ** 31);
  });
});

describe("writing", () => {
  test("headers as long as NumPy's, which leaves room for the first length to grow", () => {
    // len(header) of np.save(f, np.zeros((first,) + (1,) * ones, "u1")), NumPy 1.24
    for (const first of [3, 12345]) {
      for (let ones = 0; ones < 30; ones++) {
        const shape = [first, ...new Array<number>(ones).fill(1)];
        expect(writeNpyHeader("save", "uint8", shape).length).toBe(ones < 14 ? 128 : 192);
      }
    }
  });

  test("headers of more than 255 bytes", () => {
    const shape = new Array<number>(64).fill(1000);
    const header = writeNpyHeader("save", "uint8", [0, ...shape.slice(1)]);
    expect(readNpyHeader("load", header).shape).toEqual([0, ...shape.slice(1)]);
    expect(header.length % 64).toBe(0);
    expect(header.at(-1)).toBe(10);
  });

  const ELEMENTS = "\n  help: give a Float32Array with the elements of that shape";
  test.each([
    [
      { shape: [1], dtype: "bfloat16", data: new Uint16Array(1) },
      ".npy files have no dtype bfloat16\n  help: widen it to float32, or use saveSafetensors",
    ],
    [
      { shape: new Array<number>(65).fill(1), dtype: "bool", data: new Uint8Array(1) },
      "65 axes are more than NumPy's 64\n  help: reshape it first",
    ],
    [
      { shape: [2, 2], dtype: "float32", data: new Float32Array(3) },
      `shape [2, 2] of float32 does not fit a Float32Array of 3 elements${ELEMENTS}`,
    ],
    [
      { shape: [2], dtype: "float32", data: new Int32Array(2) },
      `shape [2] of float32 does not fit a Int32Array of 2 elements${ELEMENTS}`,
    ],
    [
      { shape: [1, -1], dtype: "float32", data: new Float32Array(1) },
      "shape [1, -1] is not a list of lengths\n  help: write shape: [2, 3]",
    ],
    [
      { shape: [0.5], dtype: "float32", data: new Float32Array(1) },
      "shape [0.5] is not a list of lengths\n  help: write shape: [2, 3]",
    ],
    [
      { shape: [1], dtype: "float99", data: new Float32Array(1) },
      'unknown dtype "float99"\n  help: known are bool, uint8, int8, …',
    ],
  ])("%# is refused", (array, message) => {
    const found = refusal(() => encodeNpy("save", array as never));
    expect(found.replace(/, uint16, .*6_e3m2$/, ", …")).toBe(`save: ${message}`);
  });
});
