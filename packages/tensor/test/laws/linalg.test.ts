/** @file Laws of linear algebra on random matrices, and what becomes of those that have no answer. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import * as t from "../../src/api/index.js";

const side = fc.integer({ min: 1, max: 7 });
const entry = fc.double({ min: -4, max: 4, noNaN: true });
const matrixOf = (m: number, n: number, scale = 1) =>
  fc.array(entry, { minLength: m * n, maxLength: m * n }).map((v) =>
    t.tensor(
      Float64Array.from(v, (x) => x * scale),
      { shape: [m, n] },
    ),
  );
const square = side.chain((n) => matrixOf(n, n));
const any = fc.tuple(side, side).chain(([m, n]) => matrixOf(m, n));
/** A factor by which a matrix is far from 1. */
const scales = fc.constantFrom(1, 1e-150, 1e150);

const far = (a: t.Tensor, b: t.Tensor): number => (a.size === 0 ? 0 : a.sub(b).abs().max().item());
const largest = (a: t.Tensor): number => (a.size === 0 ? 0 : a.abs().max().item());
/** Subnormals round by as much, whatever their size. */
const SUBNORMAL = 2 ** -1070;
const eyeLike = (a: t.Tensor): t.Tensor =>
  t.eye(a.shape.at(-1) as number, undefined, { dtype: "float64" });
/** Singular values of a matrix made regular: a multiple of the identity is added. */
const regular = (a: t.Tensor): t.Tensor => a.add(eyeLike(a).mul(30));

describe("systems", () => {
  test.prop([square])("A · inv(A) = I, and solve is its product", (x) => {
    const a = regular(x);
    expect(far(a.matmul(t.inv(a)), eyeLike(a))).toBeLessThan(1e-13);
    const b = t.ones([a.shape[0] as number, 2], { dtype: "float64" });
    expect(far(t.solve(a, b), t.inv(a).matmul(b))).toBeLessThan(1e-13);
  });

  test.prop([side.chain((n) => fc.tuple(matrixOf(n, n), matrixOf(n, n)))])(
    "det(A·B) = det A · det B, and slogdet says the same",
    ([a, b]) => {
      const product = t.det(a).item() * t.det(b).item();
      const size = (largest(a) + 1) ** a.size * 1e-10 + Math.abs(product) * 1e-10;
      const [p, q] = [regular(a), regular(b)];
      expect(Math.abs(t.det(a.matmul(b)).item() - product)).toBeLessThan(size + 1e-6);
      const { sign, logabsdet } = t.slogdet(p.matmul(q));
      const parts = t.slogdet(p).logabsdet.item() + t.slogdet(q).logabsdet.item();
      expect(sign.item()).toBe(1);
      expect(logabsdet.item()).toBeCloseTo(parts, 10);
    },
  );

  test.prop([square])("L · Lᵀ = A", (x) => {
    const a = x.matmul(x.mT).add(eyeLike(x));
    const l = t.cholesky(a);
    expect(far(l.matmul(l.mT), a)).toBeLessThan(1e-12 * (1 + largest(a)));
    expect(far(t.tril(l), l)).toBe(0);
  });
});

describe("factors", () => {
  test.prop([any, scales])("Q · R = A, Qᵀ · Q = I", (x, scale) => {
    const a = x.mul(scale);
    for (const mode of ["reduced", "complete"] as const) {
      const { Q, R } = t.qr(a, { mode });
      expect(far(Q.matmul(R), a)).toBeLessThanOrEqual(SUBNORMAL + 2e-14 * largest(a));
      expect(far(Q.mT.matmul(Q), eyeLike(Q))).toBeLessThan(1e-14);
      expect(far(t.triu(R), R)).toBeLessThanOrEqual(SUBNORMAL + 2e-14 * largest(a));
      const p = mode === "complete" ? a.shape[0] : Math.min(...(a.shape as [number, number]));
      expect([Q.shape, R.shape]).toEqual([
        [a.shape[0], p],
        [p, a.shape[1]],
      ]);
    }
  });

  test.prop([any, scales])("U · diag(S) · Vh = A; S falls; U and V are orthogonal", (x, scale) => {
    const a = x.mul(scale);
    const { U, S, Vh } = t.svd(a, { fullMatrices: false });
    expect(far(U.mul(S).matmul(Vh), a)).toBeLessThanOrEqual(SUBNORMAL + 2e-14 * largest(a));
    expect(far(U.mT.matmul(U), eyeLike(U))).toBeLessThan(1e-13);
    expect(far(Vh.matmul(Vh.mT), eyeLike(Vh.mT))).toBeLessThan(1e-13);
    const s = [...S.dataSync()];
    expect(s).toEqual([...s].sort((p, q) => q - p));
    expect(s.every((v) => v >= 0)).toBe(true);
    const full = t.svd(a);
    expect([full.U.shape, full.Vh.shape]).toEqual([
      [a.shape[0], a.shape[0]],
      [a.shape[1], a.shape[1]],
    ]);
    expect(far(full.U.mT.matmul(full.U), eyeLike(full.U))).toBeLessThan(1e-13);
  });

  test.prop([square, scales])("V · diag(λ) · Vᵀ = A; λ rises", (x, scale) => {
    const a = x.add(x.mT).mul(scale);
    const { eigenvalues, eigenvectors: v } = t.eigh(a);
    expect(far(v.mul(eigenvalues).matmul(v.mT), a)).toBeLessThanOrEqual(
      SUBNORMAL + 2e-14 * largest(a),
    );
    expect(far(v.mT.matmul(v), eyeLike(v))).toBeLessThan(1e-13);
    const w = [...eigenvalues.dataSync()];
    expect(w).toEqual([...w].sort((p, q) => p - q));
  });

  test.prop([any])("pinv holds the equations of Penrose, for rank 1 too", (x) => {
    const solid = t.where(x.abs().less(1e-3), 0, x); // the inverse of a tiny matrix is huge
    const column = solid.slice([null, [0, 1]]);
    for (const a of [solid, column.matmul(column.mT)]) {
      const p = t.pinv(a, { rtol: 1e-10 });
      const bound = 1e-9 * (1 + largest(p)) * (1 + largest(a)) ** 2;
      expect(far(a.matmul(p).matmul(a), a)).toBeLessThan(bound);
      expect(far(a.matmul(p), a.matmul(p).mT)).toBeLessThan(bound);
    }
  });
});

describe("singular values alone", () => {
  it.each([
    [40, 36],
    [36, 40],
    [3, 200],
    [2, 5, 4],
    [0, 3],
  ])("are those of svd, bit for bit: %i × %i", (...shape) => {
    const x = t.rng(7).normal(shape, { dtype: "float64" });
    expect(t.svdvals(x).toArray()).toEqual(t.svd(x, { fullMatrices: false }).S.toArray());
  });

  it("are NaN where a number is not finite", () => {
    const x = t.tensor([
      [
        [1, Number.NaN],
        [0, 1],
      ],
      [
        [2, 0],
        [0, 3],
      ],
    ]);
    expect(t.svdvals(x).toArray()).toEqual([
      [Number.NaN, Number.NaN],
      [3, 2],
    ]);
  });
});

describe("matrices that are special", () => {
  const f64 = (rows: number[][]) => t.tensor(rows, { dtype: "float64" });

  it("equal eigenvalues, zeros, ranks that are not full, small singular values", () => {
    expect(t.eigvalsh(t.eye(4)).toArray()).toEqual([1, 1, 1, 1]);
    expect(t.svdvals(t.zeros([3, 2])).toArray()).toEqual([0, 0]);
    const { U } = t.svd(t.zeros([3, 2]));
    expect(far(U.mT.matmul(U), t.eye(3))).toBeLessThan(1e-7);
    expect(t.matrixRank(t.ones([4, 3])).item()).toBe(1);
    const graded = f64([
      [1, 1, 1],
      [0, 1e-20, 1e-20],
      [0, 0, 1e-40],
    ]);
    const s = t.svdvals(graded).dataSync();
    expect(s[1] as number).toBeGreaterThan(1e-21);
    expect(
      t
        .matrixPower(
          f64([
            [1, 1],
            [1, 0],
          ]),
          30,
        )
        .toArray(),
    ).toEqual([
      [1346269, 832040],
      [832040, 514229],
    ]);
  });

  it("batches without matrices, and matrices without elements", () => {
    expect(t.inv(t.zeros([0, 3, 3])).shape).toEqual([0, 3, 3]);
    expect(t.det(t.zeros([0, 0])).item()).toBe(1);
    expect(t.svdvals(t.zeros([2, 0, 3])).shape).toEqual([2, 0]);
    expect(t.matrixRank(t.zeros([2, 0, 3])).toArray()).toEqual([0, 0]);
  });

  it("norms by singular values", () => {
    const x = f64([
      [3, 0],
      [0, 4],
      [0, 0],
    ]);
    expect(t.matrixNorm(x, { ord: 2 }).item()).toBeCloseTo(4, 14);
    expect(t.matrixNorm(x, { ord: -2 }).item()).toBeCloseTo(3, 14);
    expect(t.matrixNorm(x, { ord: "nuc", keepdims: true }).shape).toEqual([1, 1]);
    expect(t.matrixNorm(x, { ord: "nuc" }).item()).toBeCloseTo(7, 14);
  });

  it("NaN and infinity end, as NaN", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const a = f64([
        [1, bad],
        [bad, 2],
      ]);
      for (const x of [t.eigvalsh(a), t.svdvals(a)]) {
        expect([...x.dataSync()].every(Number.isNaN)).toBe(true);
      }
    }
    expect(
      t.qr(
        f64([
          [Number.NaN, 1],
          [2, 3],
        ]),
      ).R.shape,
    ).toEqual([2, 2]);
    expect(
      Number.isNaN(
        t
          .det(
            f64([
              [Number.NaN, 1],
              [2, 3],
            ]),
          )
          .item(),
      ),
    ).toBe(true);
  });

  it("whole numbers become float32", () => {
    const x = t.tensor(
      [
        [2, 1],
        [1, 2],
      ],
      { dtype: "int32" },
    );
    expect([t.inv(x).dtype, t.qr(x).Q.dtype, t.matrixPower(x, 2).dtype]).toEqual([
      "float32",
      "float32",
      "float32",
    ]);
  });
});

/** Lists of wanted eigenvalues, long enough for QL: repeated ones, zeros, both signs, tiny ones. */
const spectrum = fc.array(fc.constantFrom(0, 1, 1, -1, 2.5, 1e-9, -1e-300, 40), {
  minLength: 33,
  maxLength: 60,
});

describe("matrices large enough for QL", () => {
  test.prop([spectrum, fc.integer(), scales], { numRuns: 20 })(
    "eigenvalues are those that the matrix was made of",
    (values, seed, scale) => {
      const n = values.length;
      const q = t.qr(t.rng(seed).normal([n, n], { dtype: "float64" })).Q;
      const wanted = t.tensor(Float64Array.from(values).sort());
      const a = q.mul(wanted).matmul(q.mT);
      const { eigenvalues, eigenvectors: v } = t.eigh(a.mul(scale));
      expect(far(eigenvalues.div(scale), wanted)).toBeLessThan(40 * n * 2 ** -52);
      expect(far(v.mT.matmul(v), eyeLike(a))).toBeLessThan(n * 2 ** -52);
      expect(far(a.matmul(v), v.mul(wanted))).toBeLessThan(80 * n * 2 ** -52);
    },
  );

  test.prop([spectrum, fc.integer(), scales], { numRuns: 20 })(
    "singular values are those that the matrix was made of",
    (values, seed, scale) => {
      const n = values.length;
      const q = t.qr(t.rng(seed).normal([n + 3, n], { dtype: "float64" })).Q;
      const p = t.qr(t.rng(~seed).normal([n, n], { dtype: "float64" })).Q;
      const wanted = t.tensor(Float64Array.from(values, Math.abs).sort().reverse());
      const a = q.mul(wanted).matmul(p);
      const { U, S, Vh } = t.svd(a.mul(scale), { fullMatrices: false });
      expect(far(S.div(scale), wanted)).toBeLessThan(40 * n * 2 ** -52);
      expect(far(U.mT.matmul(U), eyeLike(p))).toBeLessThan(4 * n * 2 ** -52);
      expect(far(Vh.matmul(Vh.mT), eyeLike(p))).toBeLessThan(4 * n * 2 ** -52);
      expect(far(U.mul(S.div(scale)).matmul(Vh), a)).toBeLessThan(80 * n * 2 ** -52);
    },
  );

  it("columns of very different sizes keep the digits of small singular values", () => {
    const n = 40;
    const q = t.qr(t.rng(3).normal([n, n], { dtype: "float64" })).Q;
    const sizes = Float64Array.from({ length: n }, (_, i) => 10 ** (-i / 2));
    const ratios = t.svdvals(q.mul(t.tensor(sizes))).div(t.tensor(sizes));
    expect(far(ratios, t.onesLike(ratios))).toBeLessThan(1e-12);
  });

  it("a diagonal matrix, and one of equal numbers", () => {
    const diagonal = t.eye(50, undefined, { dtype: "float64" }).mul(t.arange(50).cast("float64"));
    expect(t.eigvalsh(diagonal).toArray()).toEqual(t.arange(50).toArray());
    expect(t.svdvals(diagonal).toArray()).toEqual(t.flip(t.arange(50)).toArray());
    const values = t.eigvalsh(t.ones([40, 40], { dtype: "float64" })).dataSync();
    expect(values[39]).toBeCloseTo(40, 12);
    expect(Math.max(...values.slice(0, 39).map(Math.abs))).toBeLessThan(1e-13);
  });
});

describe("refusals", () => {
  const wide = t.ones([2, 3]);
  const single = t.ones([2, 2]);
  const cube = t.ones([3, 2, 2]);
  it.each<[string, () => unknown]>([
    ["solve: the matrix is not square: [2, 3]", () => t.solve(wide, t.ones([2]))],
    [
      "solve: a right side [3, 1] does not fit the matrix [2, 2]",
      () => t.solve(single, t.ones([3])),
    ],
    ["solve: matrix 0 of the batch is singular: pivot 1 is 0", () => t.solve(single, t.ones([2]))],
    ["inv: matrix 0 of the batch is singular", () => t.inv(single)],
    ["inv: the matrix is not square: [2, 3]", () => t.inv(wide)],
    ["inv: needs a matrix, got [3]", () => t.inv(t.ones([3]))],
    [
      "solveTriangular: matrix 0 of the batch is singular: pivot 0 is 0",
      () => t.solveTriangular(t.zeros([2, 2]), t.ones([2])),
    ],
    ["solveTriangular: the matrix is not square", () => t.solveTriangular(wide, t.ones([2]))],
    ["det: the matrix is not square: [2, 3]", () => t.det(wide)],
    ["det: needs a matrix, got []", () => t.det(t.tensor(1))],
    ["slogdet: the matrix is not square", () => t.slogdet(wide)],
    ["slogdet: needs a tensor, got an array", () => t.slogdet([[1]] as never)],
    ["cholesky: matrix 0 of the batch is not positive definite", () => t.cholesky(t.zeros([2, 2]))],
    ["cholesky: the matrix is not square", () => t.cholesky(wide)],
    ["eigh: the matrix is not square", () => t.eigh(wide)],
    ["eigh: needs a matrix, got [2]", () => t.eigh(t.ones([2]))],
    ["qr: needs a matrix, got [2]", () => t.qr(t.ones([2]))],
    ['qr: there is no mode "thin"', () => t.qr(single, { mode: "thin" as never })],
    ["svd: needs a matrix, got [2]", () => t.svd(t.ones([2]))],
    ["svd: needs a tensor, got a number", () => t.svd(3 as never)],
    ["matrixPower: the exponent is 0.5", () => t.matrixPower(single, 0.5)],
    ["matrixPower: the matrix is not square", () => t.matrixPower(wide, 2)],
    ["inv: matrix 0 of the batch is singular", () => t.matrixPower(cube, -1)],
  ])("%s", (text, call) => {
    expect(call).toThrow(t.IsogradError);
    expect(call).toThrow(text);
    expect(call).toThrow(/help: /);
  });
});
