/** @file NumPy itself reads what we write, wherever a Python with NumPy is at hand. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { tensor } from "../../src/creation.js";
import { saveNpy, saveNpz } from "../../src/io/index.js";

const python = ["python3", "/usr/bin/python3"].find(
  (path) => spawnSync(path, ["-c", "import numpy"]).status === 0,
);

describe.skipIf(python === undefined)("NumPy", () => {
  const folder = mkdtempSync(join(tmpdir(), "isograd-io-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What Python prints for an expression of the loaded file `f`. */
  function inNumpy(file: Uint8Array, expression: string): unknown {
    const path = join(folder, "file");
    writeFileSync(path, file);
    const code = `import json, zipfile, numpy as np; f = np.load(${JSON.stringify(path)})
print(json.dumps(${expression}))`;
    const { stdout, stderr } = spawnSync(python!, ["-c", code], { encoding: "utf8" });
    expect(stderr).toBe("");
    return JSON.parse(stdout);
  }

  test("reads .npy files of every dtype", () => {
    const view = "[f.dtype.str, f.shape, f.tolist()]";
    expect(inNumpy(saveNpy(tensor([[1, 2.5]])), view)).toEqual(["<f4", [1, 2], [[1, 2.5]]]);
    const wide = tensor([1, 2], { dtype: "float64" });
    expect(inNumpy(saveNpy(wide), view)).toEqual(["<f8", [2], [1, 2]]);
    expect(inNumpy(saveNpy(tensor(7, { dtype: "int32" })), view)).toEqual(["<i4", [], 7]);
    expect(inNumpy(saveNpy(tensor([true, false])), view)).toEqual(["|b1", [2], [true, false]]);
    const half = { shape: [2], dtype: "float16", data: Uint16Array.of(0x3c00, 0x3555) } as const;
    expect(inNumpy(saveNpy(half), view)).toEqual(["<f2", [2], [1, 0.333251953125]]);
  });

  test.each([false, true])("reads .npz archives, compressed: %s", (compress) => {
    const file = saveNpz({ w: tensor([[1, 2]]), "größe/b": tensor([3]) }, { compress });
    expect(inNumpy(file, "{k: f[k].tolist() for k in f.files}")).toEqual({
      w: [[1, 2]],
      "größe/b": [3],
    });
    expect(inNumpy(file, "zipfile.ZipFile(f.fid).testzip()")).toBeNull();
    expect(inNumpy(saveNpz({}, { compress }), "f.files")).toEqual([]);
  });
});
