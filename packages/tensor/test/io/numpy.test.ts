/** @file NumPy itself reads what we write, wherever a Python with NumPy is at hand. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { saveNpy, saveNpz } from "../../src/api/io.js";
import { tensor } from "../../src/ops/creation.js";

const hasNumpy = "import importlib.util as u, sys; sys.exit(u.find_spec('numpy') is None)";
const python = ["python3", "/usr/bin/python3"].find(
  (path) => spawnSync(path, ["-c", hasNumpy]).status === 0,
);

/** What Python prints for an expression of each loaded file `f`, as JSON. */
function inNumpy(cases: readonly (readonly [file: Uint8Array, expression: string])[]): unknown[] {
  const folder = mkdtempSync(join(tmpdir(), "isograd-io-"));
  try {
    const lines = cases.map(([file, expression], i) => {
      const path = join(folder, String(i));
      writeFileSync(path, file);
      return `f = np.load(${JSON.stringify(path)}); print(json.dumps(${expression}))`;
    });
    const code = ["import json, zipfile, numpy as np", ...lines].join("\n");
    const { stdout, stderr } = spawnSync(python!, ["-c", code], { encoding: "utf8" });
    expect(stderr).toBe("");
    return stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(python === undefined)("NumPy", () => {
  test("reads .npy files of every dtype", () => {
    const view = "[f.dtype.str, f.shape, f.tolist()]";
    const half = { shape: [2], dtype: "float16", data: Uint16Array.of(0x3c00, 0x3555) } as const;
    const results = inNumpy([
      [saveNpy(tensor([[1, 2.5]])), view],
      [saveNpy(tensor([1, 2], { dtype: "float64" })), view],
      [saveNpy(tensor(7, { dtype: "int32" })), view],
      [saveNpy(tensor([true, false])), view],
      [saveNpy(half), view],
    ]);
    expect(results).toEqual([
      ["<f4", [1, 2], [[1, 2.5]]],
      ["<f8", [2], [1, 2]],
      ["<i4", [], 7],
      ["|b1", [2], [true, false]],
      ["<f2", [2], [1, 0.333251953125]],
    ]);
  });

  test("reads .npz archives, stored and deflated", () => {
    const content = { w: tensor([[1, 2]]), "größe/b": tensor([3]) };
    const view = "[{k: f[k].tolist() for k in f.files}, zipfile.ZipFile(f.fid).testzip()]";
    const results = inNumpy([
      [saveNpz(content), view],
      [saveNpz(content, { compress: true }), view],
      [saveNpz({}), view],
    ]);
    const expected = [{ w: [[1, 2]], "größe/b": [3] }, null];
    expect(results).toEqual([expected, expected, [{}, null]]);
  });
});
