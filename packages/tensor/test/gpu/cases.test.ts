/** @file The comparisons of the GPU device leave no op out. */
import { allOps } from "@isograd/tensor/engine";
import { expect, test } from "vitest";
import { cases } from "./cases.js";

test("every op of the registry has a case", () => {
  const covered = new Set(cases.flatMap((c) => c.ops));
  expect([...allOps().keys()].filter((name) => !covered.has(name))).toEqual([]);
});
