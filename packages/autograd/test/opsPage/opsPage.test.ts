/** @file The page of ops says what the registry says, and what the standard's names promise is there. */
import * as library from "@isograd/tensor";
import { expect, it } from "vitest";
import { opsPage, promised } from "./opsPage.js";

it("is what the registry gives", async () => {
  await expect(opsPage()).toMatchFileSnapshot("../../../../docs/guide/ops.md");
});

it("promises functions that are there", () => {
  expect(promised().filter((name) => !(name in library))).toEqual([]);
});
