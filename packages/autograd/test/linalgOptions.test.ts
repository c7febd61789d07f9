/** @file Gradients with the options of linear algebra: upper factors, a share for each matrix. */
import { cholesky, matmul, pinv, rng, tensor, trace } from "@isograd/tensor";
import { expect, it } from "vitest";
import { grad, gradcheck, gradgradcheck } from "../src/index.js";

const F = { dtype: "float64" } as const;

it("cholesky, upper", () => {
  const a = rng(1).normal([3, 3], F);
  const positive = matmul(a, a.mT).add(
    tensor(
      [
        [3, 0, 0],
        [0, 3, 0],
        [0, 0, 3],
      ],
      F,
    ),
  );
  gradcheck((x) => cholesky(x, { upper: true }).square().mul(0.5).sum(), [positive]);
  gradgradcheck((x) => cholesky(x, { upper: true }).square().sum(), [positive]);
});

it("pinv with a share for each matrix: as with one number for all", () => {
  const a = rng(2).normal([2, 4, 3], F);
  const f = (rtol: number | ReturnType<typeof tensor>) => (x: typeof a) =>
    pinv(x, { rtol }).square().sum();
  gradcheck(f(tensor([1e-3, 1e-6], F)), [a]);
  gradgradcheck(f(tensor([1e-3, 1e-6], F)), [a]);
  const [one, each] = [0.5, tensor([0.5, 0.5], F)].map((rtol) => grad(f(rtol))(a).toArray());
  expect(each).toEqual(one);
});

it("trace in a dtype", () => {
  gradcheck((x) => trace(x, { dtype: "float64", offset: 1 }), [rng(3).normal([3, 4], F)]);
});
