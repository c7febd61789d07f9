/**
 * @file Tensors to bytes and back: dtypes, options, names, and what is left in memory after an
 * error.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { tensor, zeros } from "../../src/creation.js";
import { type DType, dtypes, makeArray } from "../../src/dtype.js";
import { UsageError } from "../../src/errors.js";
import {
  loadNpy,
  loadNpz,
  loadSafetensors,
  saveNpy,
  saveNpz,
  saveSafetensors,
} from "../../src/io/index.js";
import { liveHandles } from "../../src/memory.js";
import type { Tensor } from "../../src/tensor.js";
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
