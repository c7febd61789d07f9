/**
 * @file Tensors to bytes and back: dtypes, options, names, and what is left in memory after an
 * error.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  loadNpy,
  loadNpz,
  loadSafetensors,
  saveNpy,
  saveNpz,
  saveSafetensors,
} from "../../src/api/io.js";
import { type DType, dtypes, makeArray } from "../../src/base/dtype.js";
import { UsageError } from "../../src/base/errors.js";
import { liveHandles } from "../../src/core/scope.js";
import type { Tensor } from "../../src/core/tensor.js";
import { tensor, zeros } from "../../src/ops/creation.js";
import { npyFile, refusal } from "./fixtures.js";

/** Tensors of every dtype, of 0 to 3 axes with 0 to 3 elements each. */
const anyTensor: fc.Arbitrary<Tensor> = fc
  .record({
    dtype: fc.constantFrom<DType>(...dtypes),
    shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
  })
  .chain(({ dtype, shape }) => {
    const size = shape.reduce((a, n) => a * n, 1);
    const value = dtype.startsWith("float")
      ? fc.double()
      : fc.integer(dtype === "bool" ? { min: 0, max: 1 } : {});
    return fc.array(value, { minLength: size, maxLength: size }).map((values) => {
      const data = makeArray(dtype, size);
      data.set(values);
      return tensor(data, { shape, dtype });
    });
  });

function expectSame(actual: Tensor | undefined, expected: Tensor): void {
  expect(actual?.shape).toEqual(expected.shape);
  expect(actual?.dtype).toBe(expected.dtype);
  expect(actual?.dataSync()).toEqual(expected.dataSync());
}

describe("round trips", () => {
  test.prop([anyTensor])("of one tensor", (x) => {
    expectSame(loadNpy(saveNpy(x)), x);
  });

  test.prop([fc.dictionary(fc.string(), anyTensor, { maxKeys: 4 }), fc.boolean()])(
    "of several tensors",
    (tensors, compress) => {
      const usable = Object.fromEntries(Object.entries(tensors).filter(([k]) => !k.includes("\0")));
      const npz = loadNpz(saveNpz(usable, { compress }));
      expect(Object.keys(npz).sort()).toEqual(Object.keys(usable).sort());
      for (const [name, x] of Object.entries(usable)) expectSame(npz[name], x);
      const read = loadSafetensors(saveSafetensors(tensors, { step: "3" }));
      expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(tensors).sort());
      for (const [name, x] of Object.entries(tensors)) expectSame(read.tensors[name], x);
      expect(read.metadata).toEqual({ step: "3" });
    },
  );

  test("from an ArrayBuffer, a Node buffer, and a part of a buffer", () => {
    const x = tensor([1, 2, 3]);
    const file = saveNpy(x);
    expectSame(loadNpy(file.slice().buffer), x);
    expectSame(loadNpy(Buffer.from(file)), x);
    const shared = new Uint8Array(new SharedArrayBuffer(file.length));
    shared.set(file);
    expectSame(loadNpy(shared), x);
    for (const wrong of ["text", 5, null, undefined, [1, 2], {}]) {
      for (const load of [loadNpy, loadNpz, loadSafetensors]) {
        expect(() => load(wrong as unknown as Uint8Array)).toThrow(UsageError);
      }
    }
  });
});

describe("options", () => {
  const wide = { shape: [2], dtype: "int64", data: BigInt64Array.of(1n, 2n ** 40n) } as const;

  test("int64As", () => {
    expect(refusal(() => loadNpy(saveNpy(wide)))).toContain('int64As: "float64"');
    expect(loadNpy(saveNpy(wide), { int64As: "float64" }).toArray()).toEqual([1, 2 ** 40]);
    const text = refusal(() => loadSafetensors(saveSafetensors({ ids: wide })));
    expect(text).toContain("loadSafetensors ('ids'): int64 value 1099511627776 (element 1)");
    expect(loadNpz(saveNpz({ ids: wide }), { int64As: "float64" }).ids!.dtype).toBe("float64");
  });

  test("names: the others are not touched", () => {
    const all = { wide, x: tensor([1, 2]) };
    expect(Object.keys(loadNpz(saveNpz(all), { names: ["x"] }))).toEqual(["x"]);
    expect(Object.keys(loadSafetensors(saveSafetensors(all), { names: ["x"] }).tensors)).toEqual([
      "x",
    ]);
    expect(refusal(() => loadNpz(saveNpz(all), { names: ["y"] }))).toContain("no array 'y'");
    expect(refusal(() => loadSafetensors(saveSafetensors(all), { names: ["y"] }))).toContain("'y'");
  });

  test("device", () => {
    expect(loadNpy(saveNpy(tensor([1])), { device: "reference" }).device).toBe("reference");
  });

  test("field", () => {
    const header =
      "{'descr': [('a', '<i4'), ('b', '<i4')], 'fortran_order': False, 'shape': (2,), }";
    const file = npyFile(header, new Uint8Array(Int32Array.of(1, 2, 3, 4).buffer));
    expect(loadNpy(file, { field: "b" }).toArray()).toEqual([2, 4]);
    expect(refusal(() => loadNpy(file))).toContain("{ field: 'a' }");
    expect(refusal(() => loadNpy(file, { field: "c" }))).toContain("no field 'c'");
  });
});

describe("each refusal says which function refuses", () => {
  const wide = { shape: [1], dtype: "int64", data: BigInt64Array.of(2n ** 40n) } as const;
  const half = { shape: [1], dtype: "bfloat16", data: new Uint16Array(1) } as const;
  const MISFIT =
    "int64 value 1099511627776 (element 0) does not fit int32\n" +
    '  help: pass { int64As: "float64" } to read such integers as float64, exact to ±2^53';
  const NO_CODE =
    ".npy files have no dtype bfloat16\n  help: widen it to float32, or use saveSafetensors";
  const ABSENT = "the file has no array 'b'\n  help: without { names } all are loaded";

  test.each([
    [() => loadNpy(new Uint8Array(0)), "loadNpy: the file is empty"],
    [() => loadNpy(saveNpy(wide)), `loadNpy: ${MISFIT}`],
    [
      () => loadNpz(new Uint8Array(0)),
      "loadNpz: not a zip archive\n  help: write it with numpy.savez or saveNpz",
    ],
    [() => loadNpz(saveNpz({ a: wide })), `loadNpz ('a'): ${MISFIT}`],
    [() => loadNpz(saveNpz({}), { names: ["b"] }), `loadNpz: ${ABSENT}`],
    [() => loadSafetensors(saveSafetensors({ a: wide })), `loadSafetensors ('a'): ${MISFIT}`],
    [() => loadSafetensors(saveSafetensors({}), { names: ["b"] }), `loadSafetensors: ${ABSENT}`],
    [() => saveNpy(half), `saveNpy: ${NO_CODE}`],
    [() => saveNpz({ a: half }), `saveNpz ('a'): ${NO_CODE}`],
    [
      () => saveSafetensors({ __metadata__: half }),
      'saveSafetensors: no tensor can have the name "__metadata__"\n  help: give it another name',
    ],
    [
      () => saveSafetensors({ a: { ...half, shape: [2] } }),
      'saveSafetensors ("a"): shape [2] of bfloat16 does not fit a Uint16Array of 1 elements\n' +
        "  help: give a Uint16Array with the elements of that shape",
    ],
    [
      () => saveSafetensors({}, { key: "\udc00" }),
      'saveSafetensors: metadata "key" is not a string of Unicode text\n' +
        "  help: metadata is a flat object of strings: use JSON.stringify for anything else",
    ],
  ])("%#", (call, message) => {
    expect(refusal(call)).toBe(message);
  });

  test.each([
    [loadNpy, null, "loadNpy: a file is given as bytes, got null"],
    [loadNpz, "text", "loadNpz: a file is given as bytes, got string"],
    [loadSafetensors, undefined, "loadSafetensors: a file is given as bytes, got undefined"],
  ])("%#: what is no file", (load, wrong, problem) => {
    let message = "";
    try {
      load(wrong as unknown as Uint8Array);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      message = (error as UsageError).message;
    }
    expect(message).toBe(
      `${problem}\n  help: pass a Uint8Array or an ArrayBuffer: ` +
        "new Uint8Array(await response.arrayBuffer())",
    );
  });
});

test("an archive is stored unless asked to be deflated", () => {
  const arrays = { w: zeros([1000]) };
  expect(saveNpz(arrays)).toEqual(saveNpz(arrays, { compress: false }));
  expect(saveNpz(arrays).length).toBeGreaterThan(4000);
  expect(saveNpz(arrays, { compress: true }).length).toBeLessThan(1000);
});

test("names of Object.prototype are names like any other", () => {
  const tensors = JSON.parse('{"__proto__": 1, "toString": 2}') as Record<string, never>;
  for (const key of Object.keys(tensors)) {
    Object.defineProperty(tensors, key, { value: tensor([1]), enumerable: true });
  }
  const read = loadSafetensors(saveSafetensors(tensors)).tensors;
  expect(Object.keys(read).sort()).toEqual(["__proto__", "toString"]);
  expect(read.constructor).toBeUndefined();
  expect(Object.keys(loadNpz(saveNpz(tensors))).sort()).toEqual(["__proto__", "toString"]);
});

test("a strided tensor is written row-major", () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]).permuteDims([1, 0]);
  expect(loadNpy(saveNpy(x)).toArray()).toEqual([
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
});

test("an error leaves no tensor behind", () => {
  const before = liveHandles();
  const x = zeros([3]);
  const file = saveNpz({
    a: x,
    b: { shape: [1], dtype: "uint64", data: BigUint64Array.of(2n ** 60n) },
  });
  refusal(() => loadNpz(file));
  x.dispose();
  expect(liveHandles()).toBe(before);
});
