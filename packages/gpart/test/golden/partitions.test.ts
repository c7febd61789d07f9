/**
 * @file Partitions against integers computed in Python: the result of a scheme name never changes.
 */
import { describe, expect, it } from "vitest";
import { partition, schemes } from "../../src/index.js";
import { checksums, expectedChecksums } from "./checksums.js";
import { partitionCases } from "./golden.js";

describe("partitions", () => {
  it.each(partitionCases)("$options", ({ options, at, groups, signs }) => {
    const p = partition({ ...options, warn: () => {} });
    expect(at.map((i) => p.groupOf(i))).toEqual(groups);
    if (signs !== undefined) expect(at.map((i) => p.signOf(i))).toEqual(signs);
  });

  it.each(schemes)("%s: all bits of groups and projections", (scheme) => {
    expect(checksums(scheme)).toEqual(expectedChecksums[scheme]);
  });
});
