/**
 * @file Every file of the collection is read, or refused, as safetensors 0.8.0 and NumPy 2.4.6 do.
 */
import { describe, expect, test } from "vitest";
import { loadNpy, loadSafetensors, saveNpy, saveSafetensors } from "../../src/api/io.js";
import type { Tensor } from "../../src/core/tensor.js";
import { type Described, refusal, verdicts } from "./fixtures.js";

/** What becomes of the element types in the collection. */
const DTYPES: Record<string, string> = {
  float32: "float32",
  ">f4": "float32",
  float16: "float32",
  bool: "bool",
  int64: "int32",
  complex64: "float32",
  "[('x', '<f4')]": "float32",
};

function expectTensor(x: Tensor, [dtype, shape]: Described): void {
  expect(x.dtype).toBe(DTYPES[dtype]);
  expect(x.shape).toEqual(dtype === "complex64" ? [...shape, 2] : shape);
}

describe("safetensors", () => {
  const cases = verdicts<Record<string, Described>>("safetensors");
  test("44 files", () => {
    expect(cases.length).toBe(44);
  });

  test.each(cases)("$case", ({ case: name, bytes, accept, result }) => {
    // The format forbids duplicate keys, which the crate lets pass.
    if (!accept || name === "duplicate key") {
      expect(refusal(() => loadSafetensors(bytes))).toMatch(/^loadSafetensors: /);
      return;
    }
    const { tensors, metadata } = loadSafetensors(bytes);
    expect(Object.keys(tensors).sort()).toEqual(Object.keys(result).sort());
    for (const [key, x] of Object.entries(tensors)) {
      expectTensor(x, result[key]!);
      expect(x.dataSync().every((v) => v === 0)).toBe(true);
    }
    expect(metadata).toEqual({});
    const again = loadSafetensors(saveSafetensors(tensors)).tensors;
    for (const key of Object.keys(tensors)) expectTensor(again[key]!, result[key]!);
  });
});

describe("npy", () => {
  const cases = verdicts<Described>("npy");
  test("30 files", () => {
    expect(cases.length).toBe(30);
  });

  test.each(cases)("$case", ({ case: name, bytes, accept, result }) => {
    if (!accept) {
      expect(refusal(() => loadNpy(bytes))).toMatch(/^loadNpy: /);
      return;
    }
    const x = loadNpy(bytes);
    expectTensor(x, result);
    const expected = { "big-endian": [1, 2], bool: [1, 0] }[name];
    expect([...x.dataSync()]).toEqual(expected ?? new Array(x.size).fill(0));
    expect(loadNpy(saveNpy(x)).toArray()).toEqual(x.toArray());
  });
});
