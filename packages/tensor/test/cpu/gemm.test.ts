import { describe, expect, it } from "vitest";
import { builds, floats, heap, noise, output, put, untouched, WORK } from "./harness.js";

const ROWS = [1, 2, 3, 5, 7, 8, 12, 13, 33, 67];
const COLUMNS = [1, 3, 4, 5, 8, 9, 31, 33, 67];
const DEPTHS = [0, 1, 2, 5, 16, 67, 300];

/** Exact enough: the product in float64. */
function product(
  m: number,
  n: number,
  k: number,
  at: (i: number, p: number) => number,
  bt: (p: number, j: number) => number,
): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const x = at(i, p);
      for (let j = 0; j < n; j++) (out[i * n + j] as number) += x * bt(p, j);
    }
  }
  return out;
}

describe.each(builds)("gemm, $name", ({ math }) => {
  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])("transposed %s, %s", (ta, tb) => {
    let worst = 0;
    for (const m of ROWS)
      for (const n of COLUMNS)
        for (const k of DEPTHS) {
          const [a, b] = [noise(m * k, 1, 2), noise(k * n, 1, 3)];
          const [pa, pb, pc] = [put(a), put(b), output(m * n * 4)];
          const [rsa, csa] = ta ? [4, m * 4] : [k * 4, 4];
          const [rsb, csb] = tb ? [4, k * 4] : [n * 4, 4];
          math.gemm(m, n, k, pa, rsa, csa, pb, rsb, csb, pc, n * 4, 0, 0, WORK);
          const want = product(
            m,
            n,
            k,
            (i, p) => a[(i * rsa + p * csa) / 4] as number,
            (p, j) => b[(p * rsb + j * csb) / 4] as number,
          );
          const got = floats(pc, m * n);
          want.forEach((w, i) => {
            worst = Math.max(worst, Math.abs(w - (got[i] as number)) / Math.sqrt(k + 1));
          });
          expect(untouched(pc, m * n * 4), `${m}×${k}×${n}`).toBe(true);
          heap.free(pa, m * k * 4);
          heap.free(pb, k * n * 4);
          heap.free(pc, m * n * 4 + 64);
        }
    expect(worst).toBeLessThan(1e-6);
  });

  it("adds a bias, or to what is there", () => {
    for (const [m, n, k] of [
      [1, 5, 3],
      [8, 16, 16],
      [33, 67, 300],
      [40, 3, 20],
      [70, 1, 9],
    ] as const) {
      const [a, b, bias, c] = [
        noise(m * k, 1, 2),
        noise(k * n, 1, 3),
        noise(n, 1, 4),
        noise(m * n, 1, 5),
      ];
      const plain = product(
        m,
        n,
        k,
        (i, p) => a[i * k + p] as number,
        (p, j) => b[p * n + j] as number,
      );
      const pc = put(c);
      const pd = put(bias);
      math.gemm(m, n, k, put(a), k * 4, 4, put(b), n * 4, 4, pc, n * 4, pc, n * 4, WORK);
      floats(pc, m * n).forEach(
        (v, i) => void expect(v).toBeCloseTo((plain[i] as number) + (c[i] as number), 4),
      );
      math.gemm(m, n, k, put(a), k * 4, 4, put(b), n * 4, 4, pc, n * 4, pd, 0, WORK);
      floats(pc, m * n).forEach(
        (v, i) => void expect(v).toBeCloseTo((plain[i] as number) + (bias[i % n] as number), 4),
      );
    }
  });
});
