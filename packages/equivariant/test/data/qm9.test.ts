/**
 * @file Files in QM9's format: numbers with Mathematica's exponents, and errors for invalid lines.
 */
import { FormatError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { readQm9 } from "../../src/index.js";

// Water with an ideal geometry and made-up properties, in the layout of QM9's files (tabs, spaces,
// a tab at the end).
const WATER = [
  "3",
  "gdb 3\t799.58812\t437.90386\t282.94545\t1.85\t6.31\t-0.29\t0.07\t0.36\t19.0" +
    "\t2.1375*^-2\t-76.4\t-76.39\t-76.38\t-76.42\t6.002\t",
  "O\t-0.0343604951\t 0.9775395708\t 7.6019*^-4\t-0.5896",
  "H\t 0.0647664923\t 2.05721*^-2\t 0.0015346341\t 0.2948",
  "H\t 0.8717903737\t 1.3007924048\t-6.931336*^-1\t 0.2948",
  "1671.4222\t3803.6305\t3907.698\t",
  "O\tO\t",
  "InChI=1S/H2O/h1H2\tInChI=1S/H2O/h1H2",
  "",
].join("\n");

describe("readQm9", () => {
  it("reads a molecule", () => {
    const water = readQm9(WATER);
    expect(water.tag).toBe("gdb 3");
    expect(water.numbers.toArray()).toEqual([8, 1, 1]);
    expect(water.numbers.dtype).toBe("int32");
    expect(water.positions.shape).toEqual([3, 3]);
    const f = Math.fround;
    expect([...water.positions.dataSync()]).toEqual(
      [
        ...[-0.0343604951, 0.9775395708, 7.6019e-4],
        ...[0.0647664923, 0.0205721, 0.0015346341],
        ...[0.8717903737, 1.3007924048, -0.6931336],
      ].map(f),
    );
    expect([...water.charges.dataSync()]).toEqual([-0.5896, 0.2948, 0.2948].map(f));
    expect(water.properties).toEqual({
      ...{ A: 799.58812, B: 437.90386, C: 282.94545, mu: 1.85, alpha: 6.31, homo: -0.29 },
      ...{ lumo: 0.07, gap: 0.36, r2: 19, zpve: 0.021375, U0: -76.4, U: -76.39, H: -76.38 },
      ...{ G: -76.42, Cv: 6.002 },
    });
    expect(water.frequencies).toEqual([1671.4222, 3803.6305, 3907.698]);
    expect(water.smiles).toEqual(["O", "O"]);
  });

  it("takes lines that end as on Windows", () => {
    expect(readQm9(WATER.replaceAll("\n", "\r\n")).smiles).toEqual(["O", "O"]);
  });

  const change = (line: number, to: string): string =>
    WATER.split("\n")
      .map((text, i) => (i === line - 1 ? to : text))
      .join("\n");

  it.each([
    [1, "three", /line 1 should be the number of atoms, found "three"/],
    [1, "0", /line 1 should be the number of atoms/],
    [2, "gdb 3\t1.\t2.", /line 2 has 2 properties, expected 15/],
    [2, `gdb 3${"\t1.".repeat(14)}\tx`, /line 2 should be a property, found "x"/],
    [4, "H\t1\t2\t3", /line 4 should be an element, x, y, z and a charge/],
    [5, "Xx\t1\t2\t3\t4", /line 5 should be an element/],
    [5, "H\t1\t2\t*^-6\t4", /line 5 should be a number, found "\*\^-6"/],
    [6, "none", /line 6 should be a frequency, found "none"/],
  ])("refuses line %i as %j", (line, text, message) => {
    expect(() => readQm9(change(line, text))).toThrow(FormatError);
    expect(() => readQm9(change(line, text))).toThrow(message);
  });

  it("refuses what ends too early", () => {
    expect(() => readQm9("")).toThrow(/line 1/);
    expect(() => readQm9(WATER.split("\n").slice(0, 3).join("\n"))).toThrow(/line 4 .*no line/);
  });
});
