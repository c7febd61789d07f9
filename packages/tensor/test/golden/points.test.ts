/**
 * @file Special functions beside mpmath at many points, to 10⁻¹⁴: about zeros, poles and in tails.
 */
import { readFileSync } from "node:fs";
import { tensor } from "@isograd/tensor";
import { forEachBuild, goldenFunctions } from "@isograd/testkit";
import { expect, it } from "vitest";

interface Points {
  readonly fn: string;
  /** Arguments before the tensor. */
  readonly first: readonly number[];
  readonly in: readonly number[];
  readonly out: readonly number[];
}

const url = new URL("../../../testkit/golden/points.json", import.meta.url);
const tables = JSON.parse(readFileSync(url, "utf8")) as Points[];

/** Below 0 the gamma functions have zeros at which what reflection subtracts is left. */
const subtracts = ({ fn }: Points, x: number) => x < 0 && /gamma/.test(fn);

forEachBuild((device) => {
  it.each(tables.map((t) => [`${t.fn} ${t.first}`, t] as const))("%s", (_, table) => {
    const x = tensor(Float64Array.from(table.in), { device });
    const call = goldenFunctions[table.fn] as (...args: unknown[]) => typeof x;
    const got = call(...table.first, x).dataSync();
    const wrong = table.in.flatMap((at, i) => {
      const wanted = table.out[i] as number;
      const size = Math.abs(wanted) + (subtracts(table, at) ? 1 : 0);
      const off = Math.abs((got[i] as number) - wanted);
      return off <= 1e-14 * size ? [] : [`at ${at}: ${got[i]}, not ${wanted}`];
    });
    expect(wrong).toEqual([]);
    expect(table.in.length).toBeGreaterThan(80);
  });
});
