/** @file What an op with a kernel of its own costs to add: four files edited by hand. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { added, expectFormula, RULE } from "./added.js";

test("an op with a kernel of its own is four files", async () => {
  const root = "f32x4.sqrt(f32x4.add(f32x4.mul(x, x), f32c(1)))";
  const kernel = `f32x4.add(f32x4.mul(f32x4.sub(${root}, f32c(1)), f32c(0.5)), x)`;
  const gpu = "(Math.sqrt(x * x + 1.0) - 1.0) / 2.0 + x";
  const { folder, byHand, errors } = added(["--rule", RULE, "--kernel", kernel, "--gpu", gpu]);
  expect(errors).toBe("");
  expect(byHand).toEqual([
    "autograd/src/rules/unary.ts",
    "tensor/assembly/elementwise/unary.ts",
    "tensor/src/devices/cpu/exports.ts",
    "tensor/src/ops/elementwise/unary.ts",
  ]);

  const compiled = join(folder, "packages/tensor/src/devices/cpu/generated/modules.ts");
  const before = readFileSync(compiled, "utf8");
  execFileSync(process.execPath, [join(folder, "packages/tensor/scripts/build-kernels.mjs")]);
  expect(readFileSync(compiled, "utf8")).not.toBe(before);
  await expectFormula(folder, "float32", 5);
}, 300_000);

test("an op without a derivative does not compile", () => {
  expect(added([]).errors).toMatch(/'bentIdentity' is missing in type/);
}, 120_000);
