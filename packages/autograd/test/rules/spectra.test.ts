/**
 * @file Derivatives of linear algebra where singular values or eigenvalues coincide, or are 0:
 * right by closed formulas and finite differences where a derivative exists, NaN where none exists,
 * never a wrong number.
 */
import * as t from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { grad, gradcheck, gradgradcheck, hessian, jacobian, vmap } from "../../src/index.js";

type T = t.Tensor;
const f64 = (x: t.Nested) => t.tensor(x, { dtype: "float64" });
const eye = (m: number, n = m) => t.eye(m, n, { dtype: "float64" });
const zeros = (...shape: number[]) => t.zeros(shape, { dtype: "float64" });
const normal = (seed: number, ...shape: number[]) =>
  t.rng(seed).normal(shape, { dtype: "float64" });
const orthonormal = (seed: number, m: number, n: number) => t.qr(normal(seed, m, n)).Q;
const far = (a: T, b: T) => a.sub(b).abs().max().item();
const allNaN = (x: T) => [...x.dataSync()].every(Number.isNaN);
const thin = { fullMatrices: false };
const polar = (x: T) => {
  const { U, Vh } = t.svd(x, thin);
  return U.matmul(Vh);
};
const symmetric = (x: T) => x.add(x.mT).div(2);

/** Singular values 1 and 1, plus the given gaps. */
const matrices: Record<string, T> = {
  "an identity": eye(3),
  "orthonormal columns": orthonormal(1, 4, 2),
  "orthonormal rows": orthonormal(2, 2, 5),
  "a permutation": f64([
    [0, 1, 0],
    [0, 0, 1],
    [1, 0, 0],
  ]),
  "2, 2 and 1": eye(3).mul(f64([2, 1, 2])),
  ...Object.fromEntries(
    [1e-15, 1e-12, 1e-8].map((gap) => [
      `a gap of ${gap}`,
      orthonormal(3, 3, 2)
        .mul(f64([1, 1 + gap]))
        .matmul(orthonormal(4, 2, 2)),
    ]),
  ),
};

describe.each(Object.entries(matrices))("of %s", (_, a) => {
  const b = normal(5, a.shape[0] as number, 2);
  it("pinv and lstsq have both derivatives", () => {
    gradcheck((x: T) => t.pinv(x, { rtol: 1e-8 }), [a], { relative: 1e-8 });
    gradcheck((x: T, y: T) => t.lstsq(x, y), [a, b], { relative: 1e-8 });
    gradgradcheck((x: T) => t.pinv(x), [a]);
  });

  it("the nuclear norm has both derivatives", () => {
    gradgradcheck((x: T) => t.matrixNorm(x, { ord: "nuc" }), [a]);
  });

  it("U·Vh has its derivative, of both kinds of svd", () => {
    gradcheck(polar, [a], { relative: 1e-8 });
    const k = Math.min(...a.shape);
    const cut = (x: T) => {
      const { U, Vh } = t.svd(x);
      return U.slice([null, [0, k]]).matmul(Vh.slice([[0, k]]));
    };
    gradcheck(cut, [a], { relative: 1e-8 });
  });

  it("functions that take all singular values alike have their gradient", () => {
    // Σ σ⁴ = ‖AᵀA‖², whose gradient is 4 A AᵀA
    const found = grad((x: T) => t.svdvals(x).pow(4).sum())(a);
    expect(far(found, a.matmul(a.mT).matmul(a).mul(4))).toBeLessThan(1e-13);
  });
});

describe("equal eigenvalues", () => {
  const v = orthonormal(6, 4, 4);
  const tied = symmetric(v.mul(f64([2, 2, 2, -1])).matmul(v.mT));

  it("functions that take all alike have their gradient", () => {
    // d Σ λ³ = 3 A²; d log det A = A⁻¹
    expect(far(grad((x: T) => t.eigvalsh(x).pow(3).sum())(tied), tied.matmul(tied).mul(3))) //
      .toBeLessThan(1e-13);
    expect(grad((x: T) => t.eigvalsh(x).log().sum())(eye(2).mul(4)).toArray()).toEqual([
      [0.25, 0],
      [0, 0.25],
    ]);
  });

  it("a single one has a subgradient: of trace 1, within the eigenspace", () => {
    const g = grad((x: T) => t.eigvalsh(x).slice([3]))(tied);
    expect(t.trace(g).item()).toBeCloseTo(1, 13);
    expect(far(g.matmul(tied), g.mul(2))).toBeLessThan(1e-13);
  });

  it("what depends on their vectors gets NaN, though differences happen to vanish", () => {
    const { rng } = t;
    const w = rng(1).normal([3, 3], { dtype: "float64" });
    const functions: ((x: T) => T)[] = [
      (x) => t.eigh(x).eigenvectors.mul(w).sum(),
      (x) => t.eigh(x).eigenvectors.sum(),
      (x) => t.eigh(x).eigenvectors.slice([0, 0]),
      (x) => t.svd(x).U.sum(),
      (x) => t.svd(x).Vh.sum(),
      (x) => t.svd(x, thin).U.mul(w).sum(),
      // f(A) = V f(λ) Vᵀ has a derivative, but cotangents of λ and V do not determine it
      (x) => {
        const { eigenvalues, eigenvectors: q } = t.eigh(x);
        return q.mul(eigenvalues.exp()).matmul(q.mT).mul(w).sum();
      },
      (x) => {
        const { U, S, Vh } = t.svd(x, thin);
        return U.mul(S.square()).matmul(Vh).mul(w).sum();
      },
    ];
    for (const f of functions) {
      expect(allNaN(grad(f)(eye(3)))).toBe(true);
      expect(allNaN(vmap(grad(f))(eye(3).reshape([1, 3, 3])))).toBe(true);
    }
    // second derivatives of functions of values need first derivatives of vectors
    expect(allNaN(hessian((x: T) => t.eigvalsh(x).square().sum())(eye(2)))).toBe(true);
    expect(allNaN(hessian((x: T) => t.svdvals(x).square().sum())(eye(2)))).toBe(true);
  });

  it("pairs that nothing depends on do no harm", () => {
    // only the third vector of diag(1, 1, 3): dv₃ = Σ vᵢ (vᵢᵀ dA v₃)/(3 − 1)
    const a = eye(3).mul(f64([1, 1, 3]));
    gradcheck((x: T) => t.eigh(symmetric(x)).eigenvectors.slice([null, 2]), [a]);
    gradcheck((x: T) => t.svd(x, thin).U.slice([null, 0]), [a]);
    gradgradcheck((x: T) => t.matrixNorm(x, { ord: 2 }), [a]);
  });

  it("near ones are not taken for equal: 1/(λⱼ − λᵢ) of a gap of 1e-13 has its 1e13", () => {
    for (const gap of [1e-13, 1e-9, 1e-4]) {
      const a = f64([
        [1, 0],
        [0, 1 + gap],
      ]);
      const exact = 0.5 / (1 + gap - 1);
      // the rotation of both vectors: dv₁ = v₂ dA₂₁/(λ₁ − λ₂)
      const g = grad((x: T) => t.eigh(x).eigenvectors.slice([1, 0]))(a);
      expect(Math.abs(g.slice([1, 0]).item()) / exact).toBeCloseTo(1, 10);
    }
  });

  it("forward mode says the same", () => {
    const regular = f64([
      [2, 1],
      [1, 3],
    ]);
    const functions: ((x: T) => T)[] = [
      polar,
      (x) => t.pinv(x),
      (x) => t.svdvals(x).square().sum(),
      (x) => t.slogdet(x).logabsdet,
      (x) => t.det(x),
      (x) => t.qr(x).Q,
      (x) => t.eigh(x).eigenvectors,
      (x) => t.svd(x).U,
      (x) => t.concat([t.svd(x).U, t.svd(x).Vh]),
      (x) => t.concat(Object.values(t.eigh(x)).map((y) => y.reshape([-1]))),
    ];
    functions.forEach((f, i) => {
      for (const a of [eye(2), regular, t.ones([2, 2], { dtype: "float64" }), zeros(2, 2)]) {
        const forward = jacobian(f, { mode: "forward" })(a).dataSync();
        const reverse = jacobian(f)(a).dataSync();
        forward.forEach((x, k) => {
          const y = reverse[k] as number;
          expect(Number.isNaN(x) || Math.abs(x - y) < 1e-13, `${i} of ${a}: ${x}, ${y}`).toBe(true);
          if (Number.isNaN(x)) expect([...reverse].some(Number.isNaN), `${i} of ${a}`).toBe(true);
        });
      }
    });
    // a factor of 0 hides no derivative: d/dw of w·(log det A)′
    const slope = (w: T) => grad((x: T) => t.slogdet(x).logabsdet.mul(w))(regular).sum();
    expect(grad(slope)(f64(0)).item()).toBeCloseTo(t.inv(regular).sum().item(), 13);
  });

  it("one matrix of a batch does not spoil another", () => {
    const regular = f64([
      [2, 1],
      [1, 3],
    ]);
    const batch = t.stack([eye(2), regular, zeros(2, 2)]);
    const functions: ((x: T) => T)[] = [
      (x) =>
        t
          .eigh(x)
          .eigenvectors.mul(f64([1, 2]))
          .sum(),
      (x) =>
        t
          .svd(x)
          .U.mul(f64([1, 2]))
          .sum(),
      (x) =>
        polar(x)
          .mul(f64([1, 2]))
          .sum(),
      (x) =>
        t
          .qr(x)
          .R.mul(f64([1, 2]))
          .sum(),
      (x) => t.slogdet(x).logabsdet.sum(),
      (x) => t.det(x).sum(),
      (x) =>
        t
          .pinv(x)
          .mul(f64([1, 2]))
          .sum(),
    ];
    for (const f of functions) {
      const g = grad(f)(batch);
      [eye(2), regular, zeros(2, 2)].forEach((a, i) => {
        const [one, alone] = [g.slice([i]), grad(f)(a)];
        expect(allNaN(one)).toBe(allNaN(alone));
        if (!allNaN(alone)) expect(far(one, alone)).toBeLessThan(1e-14);
      });
      expect(allNaN(g.slice([1]))).toBe(false);
    }
  });
});

describe("singular values of 0", () => {
  it.each([
    [3, 2, 4],
    [4, 1, 2],
    [3, 1, 3],
  ])("pinv and lstsq of %i × %i × %i have the derivatives of constant rank", (m, r, n) => {
    // products of m × r and r × n: finite differences of the factors do not leave the rank
    const inputs = [orthonormal(1, m, r), orthonormal(2, n, r).mT] as const;
    const solution = (x: T, y: T, z: T) => t.lstsq(x.matmul(y), z);
    gradcheck(solution, [...inputs, normal(3, m)], { relative: 1e-8 });
    gradgradcheck((x: T, y: T) => t.pinv(x.matmul(y)), [...inputs]);
    gradcheck((x: T, y: T) => t.pinv(x.matmul(y), { rtol: 1e-6 }), [...inputs]);
  });

  it.each([
    [4, 4],
    [4, 3],
    [3, 4],
  ])("what rtol cuts off counts in the derivative, at %i × %i", (m, n) => {
    const k = Math.min(m, n);
    for (const rest of [0.5, 0]) {
      const s = f64([3, 3, rest, rest].slice(0, k));
      const a = orthonormal(7, m, k)
        .mul(s)
        .matmul(orthonormal(8, n, k).mT);
      gradcheck((x: T) => t.pinv(x, { rtol: 0.4 }), [a], { relative: 1e-8 });
      gradgradcheck((x: T) => t.pinv(x, { rtol: 0.4 }), [a]);
    }
  });

  it("pinv of a matrix of zeros has the gradient 0", () => {
    expect(grad((x: T) => t.pinv(x).sum())(zeros(2, 3)).toArray()).toEqual(zeros(2, 3).toArray());
  });

  it("the nuclear norm has its shortest subgradient, U·Vh of what is left; of 0 that is 0", () => {
    const [u, v] = [orthonormal(1, 4, 2), orthonormal(2, 3, 2)];
    const a = u.mul(f64([3, 1])).matmul(v.mT);
    const nuclear = grad((x: T) => t.matrixNorm(x, { ord: "nuc" }));
    expect(far(nuclear(a), u.matmul(v.mT))).toBeLessThan(1e-14);
    expect(far(nuclear(zeros(2, 3)), zeros(2, 3))).toBe(0);
    expect(
      allNaN(
        grad((x: T) =>
          nuclear(x)
            .square()
            .mul(normal(1, 4, 3))
            .sum(),
        )(a),
      ),
    ).toBe(true);
  });

  it("the polar factor has no derivative there, nor have the vectors of 0", () => {
    const w = normal(1, 3, 2);
    for (const a of [t.ones([3, 2], { dtype: "float64" }), zeros(3, 2)]) {
      expect(allNaN(grad((x: T) => polar(x).mul(w).sum())(a))).toBe(true);
      expect(allNaN(grad((x: T) => t.svd(x, thin).U.mul(w).sum())(a))).toBe(true);
    }
  });

  it("matrices without elements have gradients without", () => {
    for (const shape of [
      [0, 3],
      [3, 0],
      [2, 0, 3],
      [0, 2, 3],
      [0, 0],
    ]) {
      const functions: ((x: T) => T)[] = [
        (x) => t.pinv(x),
        (x) => t.svd(x).U,
        (x) => t.svd(x, thin).Vh,
        (x) => t.svdvals(x),
        (x) => t.qr(x).Q,
        (x) => t.matrixNorm(x, { ord: "nuc" }),
      ];
      for (const f of functions)
        expect(grad((x: T) => f(x).sum())(zeros(...shape)).shape).toEqual(shape);
    }
  });
});

describe("determinants are polynomials", () => {
  const steps = f64([
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ]);
  const cases: Record<string, T> = {
    "rank 2 of 3": steps,
    "rank 1 of 3": t.ones([3, 3], { dtype: "float64" }),
    "rank 0 of 3": zeros(3, 3),
    "rank 2 of 4": orthonormal(1, 4, 2)
      .matmul(orthonormal(2, 2, 2))
      .matmul(normal(3, 2, 4)),
    "rank 1 of 1": f64([[2]]),
    "rank 0 of 1": f64([[0]]),
    "a batch": t.stack([
      t.ones([2, 2], { dtype: "float64" }),
      eye(2),
      zeros(2, 2),
      normal(4, 2, 2),
    ]),
  };

  it.each(Object.entries(cases))("with derivatives of three orders: %s", (_, a) => {
    gradcheck((x: T) => t.det(x), [a], { relative: 1e-8 });
    gradgradcheck((x: T) => t.det(x), [a]);
    gradgradcheck((x: T) => grad((y: T) => t.det(y).sum())(x), [a]);
  });

  it("the gradient of a singular matrix is that of its cofactors", () => {
    const cofactors = f64([
      [-3, 6, -3],
      [6, -12, 6],
      [-3, 6, -3],
    ]);
    expect(far(grad(t.det)(steps), cofactors)).toBeLessThan(1e-13);
    // numbers of very different sizes: no intermediate overflows
    const sizes = f64([1e200, 1e-200, 1e200, 1e-200]);
    const diagonal = t.diagonal(grad(t.det)(eye(4).mul(sizes))).mul(sizes);
    expect(far(diagonal, t.ones([4]))).toBeLessThan(1e-14);
    const hessian3 = hessian(t.det)(eye(3).mul(f64([1e200, 1e-60, 1e-60])));
    expect(hessian3.slice([1, 1, 2, 2]).item()).toBe(1e200);
  });

  it("vmap runs them on all samples at once", () => {
    const all = cases["a batch"] as T;
    expect(far(vmap(grad(t.det))(all), grad((x: T) => t.det(x).sum())(all))).toBeLessThan(1e-14);
    const second = vmap(hessian(t.det))(all);
    [0, 1, 2, 3].forEach((i) => {
      expect(far(second.slice([i]), hessian(t.det)(all.slice([i])))).toBeLessThan(1e-14);
    });
  });

  it("logarithms of 0 have no gradient, unless nobody asks", () => {
    const log = (x: T) => t.slogdet(x).logabsdet;
    expect(allNaN(grad(log)(zeros(2, 2)))).toBe(true);
    const masked = (x: T) => t.where(t.isInf(log(x)), 0, log(x)).sum();
    expect(
      grad(masked)(t.stack([zeros(2, 2), eye(2)]))
        .slice([0])
        .toArray(),
    ).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

describe("QR of columns that depend on each other", () => {
  const ones = t.ones([3, 2], { dtype: "float64" });

  it("has no derivative", () => {
    const wide = f64([
      [1, 2, 3],
      [1, 2, 5],
    ]);
    for (const a of [ones, wide, zeros(2, 2)]) {
      expect(allNaN(grad((x: T) => t.qr(x).Q.sum())(a))).toBe(true);
      expect(allNaN(grad((x: T) => t.qr(x).R.sum())(a))).toBe(true);
    }
    expect(grad((x: T) => t.qr(x).Q.mul(0).sum())(ones).toArray()).toEqual(zeros(3, 2).toArray());
  });

  it("columns that complete Q do not concern Q·R", () => {
    // [x | I] begins with dependent columns here
    const f = (x: T) => {
      const { Q, R } = t.qr(x, { mode: "complete" });
      return Q.matmul(R);
    };
    gradcheck(f, [eye(3, 2)]);
    gradgradcheck((x: T) => t.qr(x, { mode: "complete" }).Q, [normal(1, 4, 2)]);
  });
});
