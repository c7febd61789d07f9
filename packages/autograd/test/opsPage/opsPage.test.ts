/**
 * @file The page of ops agrees with the registry, and functions exist for the names of the
 * standard.
 */
import * as library from "@isograd/tensor";
import { expect, it } from "vitest";
import { opsPage, promised } from "./opsPage.js";

it("is what the registry gives", async () => {
  await expect(opsPage()).toMatchFileSnapshot("../../../../docs/guide/ops.md");
});

it("promises functions that are there", () => {
  expect(promised().filter((name) => !(name in library))).toEqual([]);
});
