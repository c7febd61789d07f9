/**
 * @file Laws of the codecs: what is written is read, and no damage does more than a FormatError.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { FormatError } from "../../src/base/errors.js";
import { parseJson } from "../../src/io/json.js";
import { decodeNpy, encodeNpy } from "../../src/io/npy.js";
import { NPY_CODES } from "../../src/io/npyDescr.js";
import { decodeNpz, encodeNpz } from "../../src/io/npz.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/io/safetensors.js";
import { SAFETENSORS_DTYPES } from "../../src/io/safetensorsHeader.js";
import { bitsOf, elements, type FileArray, type FileDType } from "../../src/io/storage.js";
import { npyFile, safetensorsFile } from "./fixtures.js";

/** Arrays of the given element types, of 0 to 4 axes with 0 to 4 elements each, of random bits. */
function arrays(dtypes: readonly FileDType[]): fc.Arbitrary<FileArray> {
  return fc
    .record({
      dtype: fc.constantFrom(...dtypes),
      shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
    })
    .filter(({ dtype, shape }) => (shape.reduce((a, n) => a * n, 1) * bitsOf(dtype)) % 8 === 0)
    .chain(({ dtype, shape }) => {
      const bytes = (shape.reduce((a, n) => a * n, 1) * bitsOf(dtype)) / 8;
      return fc
        .uint8Array({ minLength: bytes, maxLength: bytes })
        .map((data) => ({ shape, dtype, data: elements(data, 0, bytes, dtype) }));
    });
}

const npyArrays = arrays(Object.values(NPY_CODES));
const tensorArrays = arrays(Object.values(SAFETENSORS_DTYPES));
const names = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("__proto__", "0", "a.b"),
);
const named = (array: fc.Arbitrary<FileArray>) =>
  fc.uniqueArray(fc.tuple(names, array), { maxLength: 5, selector: ([name]) => name });
const sorted = <T>(entries: Iterable<readonly [string, T]>) =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

/** Same shapes, element types and bits: NaN with their payloads included. */
function expectSame(actual: FileArray, expected: FileArray): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.dtype).toBe(expected.dtype);
  expect(Buffer.from(actual.data.buffer)).toEqual(Buffer.from(expected.data.buffer));
}

describe("round trips", () => {
  test.prop([npyArrays])(".npy", (array) => {
    expectSame(decodeNpy("loadNpy", encodeNpy("saveNpy", array)), array);
  });

  test.prop([named(npyArrays), fc.boolean()])(".npz", (entries, compress) => {
    const usable = entries.filter(([name]) => !name.includes("\0"));
    const read = decodeNpz("loadNpz", encodeNpz("saveNpz", usable, compress));
    expect(sorted(read).map(([name]) => name)).toEqual(sorted(usable).map(([name]) => name));
    for (const [name, array] of usable) expectSame(read.get(name)!, array);
  });

  test.prop([named(tensorArrays), fc.dictionary(names, fc.string({ unit: "binary" }))])(
    ".safetensors, in any order",
    (entries, metadata) => {
      const pairs = Object.entries(metadata);
      const file = encodeSafetensors("save", entries, pairs);
      const read = decodeSafetensors("load", file);
      expect(sorted(read.arrays).map(([name]) => name)).toEqual(
        sorted(entries).map(([name]) => name),
      );
      for (const [name, array] of entries) expectSame(read.arrays.get(name)!, array);
      expect(sorted(read.metadata)).toEqual(sorted(pairs));
      expect(encodeSafetensors("save", [...entries].reverse(), pairs.reverse())).toEqual(file);
      expect(new DataView(file.buffer).getUint32(0, true) % 8).toBe(0);
    },
  );

  test.prop([npyArrays, fc.boolean()])("column-major and big-endian .npy", (array, big) => {
    const little = decodeNpy("loadNpy", encodeNpy("saveNpy", array));
    const transposed = reorder(array, big);
    expectSame(decodeNpy("loadNpy", transposed), little);
  });

  test.prop([fc.json({ maxDepth: 4, noUnicodeString: false })])(
    "JSON as JSON.parse reads it",
    (text) => {
      const expected = JSON.parse(text);
      expect(plain(parseJson(text))).toEqual(expected);
    },
  );
});

/** A file with the same content, in column-major order and perhaps with every word reversed. */
function reorder({ shape, dtype, data }: FileArray, big: boolean): Uint8Array {
  const bytes = new Uint8Array(data.buffer);
  const size = bitsOf(dtype) / 8;
  const word = dtype.startsWith("complex") ? size / 2 : size;
  const count = bytes.length / size;
  const out = new Uint8Array(bytes.length);
  for (let k = 0; k < count; k++) {
    // The place of row-major element k in column-major order.
    let rest = k;
    let place = 0;
    let step = count;
    for (let d = shape.length - 1; d >= 0; d--) {
      step /= shape[d]!;
      place += (rest % shape[d]!) * step;
      rest = Math.floor(rest / shape[d]!);
    }
    for (let w = 0; w < size; w += word) {
      const part = bytes.slice(k * size + w, k * size + w + word);
      out.set(big ? part.reverse() : part, place * size + w);
    }
  }
  const code = Object.keys(NPY_CODES).find((key) => NPY_CODES[key] === dtype);
  const tuple = `(${shape.map((n) => `${n},`).join("")})`;
  return npyFile(
    `{'descr': '${big ? ">" : "<"}${code}', 'fortran_order': True, 'shape': ${tuple}}`,
    out,
    3,
  );
}

/** JSON values as JSON.parse gives them. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [k, plain(v)]));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null)
    return JSON.parse((value as { text: string }).text);
  return typeof value === "bigint" ? Number(value) : value;
}

describe("damage", () => {
  const ones = (shape: number[], dtype: FileDType = "float32"): FileArray => {
    const bytes = (shape.reduce((a, n) => a * n, 1) * bitsOf(dtype)) / 8;
    return { shape, dtype, data: elements(new Uint8Array(bytes).fill(1), 0, bytes, dtype) };
  };
  const content: [string, FileArray][] = [
    ["weight", ones([3, 4])],
    ["bias", ones([4], "int64")],
    ["scale", ones([], "float16")],
    ["none", ones([0, 2], "bool")],
  ];
  const npy = (file: Uint8Array) => decodeNpy("loadNpy", file);
  const npz = (file: Uint8Array) => decodeNpz("loadNpz", file);
  const safetensors = (file: Uint8Array) => decodeSafetensors("loadSafetensors", file);
  const fields = "[('a', '<f4', (2,)), ('', '|V4'), ('b', '>i8')]";
  const record = `{'descr': ${fields}, 'fortran_order': False, 'shape': (2,), }`;
  const inner = "[('u', '>f8', (2,)), ('day', '<M8[D]')]";
  const columns = `[('name', '<U2'), ('p', ${inner}, (2,)), ('q', 'float32')]`;
  const table = `{'descr': ${columns}, 'fortran_order': True, 'shape': (2, 1), }`;
  const tableColumn = (file: Uint8Array) => decodeNpy("loadNpy", file, "p.u");
  const files: [string, Uint8Array, (file: Uint8Array) => unknown][] = [
    ["npy", encodeNpy("saveNpy", ones([3, 4])), npy],
    ["npy of records", npyFile(record, new Uint8Array(40)), (f) => decodeNpy("loadNpy", f, "a")],
    ["npy of a table", npyFile(table, new Uint8Array(120)), tableColumn],
    ["npz stored", encodeNpz("saveNpz", content, false), npz],
    ["npz deflated", encodeNpz("saveNpz", content, true), npz],
    ["safetensors", encodeSafetensors("saveSafetensors", content, [["k", "é"]]), safetensors],
  ];

  /** Loads, or throws a FormatError; in either case soon, at least at the third attempt on a busy machine. */
  function survives(load: () => unknown): void {
    let best = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 3 && best >= 500; attempt++) {
      const start = performance.now();
      try {
        load();
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
      best = Math.min(best, performance.now() - start);
    }
    expect(best).toBeLessThan(10_000);
  }

  const edits = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });

  for (const [name, file, load] of files) {
    test.prop([edits, fc.nat({ max: 9 })], { numRuns: 400 })(
      `changed bytes: ${name}`,
      (changes, cut) => {
        const copy = file.slice(
          0,
          cut === 0 ? file.length - (changes[0]![0] % file.length) : undefined,
        );
        for (const [at, value] of changes) copy[at % copy.length] = value;
        survives(() => load(copy));
      },
    );

    test.prop([fc.nat(), fc.nat({ max: 40 }), fc.uint8Array({ maxLength: 20 })], { numRuns: 200 })(
      `a part replaced by another: ${name}`,
      (place, length, insert) => {
        const at = place % file.length;
        survives(() =>
          load(Uint8Array.of(...file.subarray(0, at), ...insert, ...file.subarray(at + length))),
        );
      },
    );

    test(`cut at every byte: ${name}`, () => {
      load(file);
      for (let n = 0; n < file.length; n++) survives(() => load(file.subarray(0, n)));
    });

    test(`every single byte set to 0, to 255, and to a neighbour: ${name}`, () => {
      for (let at = 0; at < file.length; at++) {
        for (const value of [0, 255, file[at]! ^ 1]) {
          const copy = file.slice();
          copy[at] = value;
          survives(() => load(copy));
        }
      }
    });
  }

  const jsonLike = fc.stringMatching(/^[{}[\]",:0-9a\\u. -]{0,60}$/);
  test.prop([jsonLike])("text that resembles a safetensors header", (text) => {
    survives(() => safetensors(safetensorsFile(text, new Uint8Array(8))));
    const entry = `{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":${text}}}`;
    survives(() => safetensors(safetensorsFile(entry, new Uint8Array(8))));
  });

  const literalLike = fc.stringMatching(/^[{}()[\]'",:0-9aLTuef\\+. -]{0,60}$/);
  test.prop([literalLike])("text that resembles a .npy header", (text) => {
    survives(() => npy(npyFile(text, new Uint8Array(8))));
    const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${text}}`;
    survives(() => npy(npyFile(header, new Uint8Array(8))));
  });
});
