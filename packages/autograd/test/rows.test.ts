/**
 * @file Rows of very large and very small numbers. Normalisation does not depend on their size:
 * f(sx) = f(x), so that f′(sx) = f′(x)/s and f″(sx) = f″(x)/s², though squares of sx leave the
 * range of floats.
 */
import {
  type DType,
  layerNorm,
  mean,
  ones,
  rmsNorm,
  scope,
  standardize,
  sum,
  type Tensor,
  tensor,
  variance,
  zeros,
} from "@isograd/tensor";
import { forEachBuild, installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";
import { grad } from "../src/index.js";

installMatchers();

const ROW = [1, -0.5, 0.25, 0.875, 0.5, -1, 0.125, -0.75, 0.375];
const WEIGHTS = [3, 1, -2, 5, 0.5, 1, -1, 2, 4];
const SIZES = { float32: [2 ** 100, 2 ** 64, 2 ** -70, 2 ** -100], float64: [2 ** 900, 2 ** -900] };

type Normalise = (x: Tensor, eps: number) => Tensor;
const like = (values: number[], x: Tensor) => tensor(values, { dtype: x.dtype, device: x.device });
const NORMS: Readonly<Record<string, Normalise>> = {
  standardize: (x, eps) => standardize(x, { eps }),
  rmsNorm: (x, eps) => rmsNorm(x, undefined, { eps }),
  layerNorm: (x, eps) => {
    const { dtype, device } = x;
    return layerNorm(x, ones([9], { dtype, device }), zeros([9], { dtype, device }), { eps });
  },
};

/** f, its gradient and its second gradient, of weighted sums, at s times the row. */
function derivatives(
  f: Normalise,
  s: number,
  eps: number,
  options: { dtype: DType; device: string },
) {
  const x = tensor(
    ROW.map((v) => v * s),
    options,
  );
  const value = (y: Tensor) => f(y, eps).mul(like(WEIGHTS, y)).sum();
  const slope = grad(value);
  const bend = grad((y: Tensor) => slope(y).mul(s).mul(like(ROW, y).add(0.5)).sum());
  return [f(x, eps), slope(x).mul(s), bend(x).mul(s)];
}

forEachBuild((device) => {
  describe.each(["float32", "float64"] as const)("%s", (dtype) => {
    const rtol = dtype === "float32" ? 1e-5 : 1e-12;
    it.each(Object.entries(NORMS))("%s does not depend on the size of its rows", (_, f) => {
      scope(() => {
        for (const s of SIZES[dtype]) {
          const wanted = derivatives(f, 1, 0, { dtype, device });
          const got = derivatives(f, s, s > 1 ? 1e-5 : 0, { dtype, device });
          for (const [i, y] of got.entries()) {
            expect(y).toBeCloseToTensor(wanted[i] as Tensor, { rtol, atol: rtol * 20 });
          }
        }
      });
    });
  });

  it("sums and means in range come out so, though parts of them are not", () => {
    scope(() => {
      const m = 3e38;
      const rows = tensor([[m, m, -m, -m, m], Array(5).fill(m), Array(5).fill(-1)], { device });
      expect(sum(rows, { axis: 1 }).toArray()).toEqual([Math.fround(m), Infinity, -5]);
      expect(mean(rows, { axis: 1 })).toBeCloseToTensor([m / 5, m, -1]);
      expect(mean(rows.mT.add(0), { axis: 0 })).toBeCloseToTensor([m / 5, m, -1]);
      const long = tensor(new Float32Array(10_000).fill(m), { device });
      expect(mean(long).item() / m).toBeCloseTo(1, 6);
      expect(mean(long.reshape([5000, 2]), { axis: 0 })).toBeCloseToTensor([m, m]);
    });
  });

  it("variances in range come out so, though sums of squares are not", () => {
    scope(() => {
      const values = Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? 1.5e19 : -1.5e19));
      expect(variance(tensor(values, { device })).item() / 2.25e38).toBeCloseTo(1, 6);
      const columns = tensor(values, { shape: [1000, 4], device });
      expect(
        variance(columns.reshape([2000, 2]), { axis: 1 })
          .slice([0])
          .item() / 2.25e38,
      ).toBeCloseTo(1, 6);
      const small = tensor([2e-21, -2e-21, 1e-21, -1e-21], { device }).mul(0.5);
      // (2 · 4 + 2 · 1)/4 · 10⁻⁴²/4, to the few digits of a subnormal number
      expect(variance(small).item() / 6.25e-43).toBeCloseTo(1, 2);
    });
  });
});

it("rows with NaN or an infinity do not become numbers", () => {
  const odd = tensor([
    [1, NaN, 2],
    [1, Infinity, 2],
  ]);
  for (const f of Object.values(NORMS).slice(0, 2)) {
    expect(f(odd, 1e-5).isFinite().all({ axis: 1 }).toArray()).toEqual([false, false]);
  }
});
