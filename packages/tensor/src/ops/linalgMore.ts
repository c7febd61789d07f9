/** @file Linear algebra made of the ops of linalg.ts: inverses, least squares, powers, ranks, norms. */
import { ShapeError, UsageError } from "../errors.js";
import { scope } from "../memory.js";
import { expectTensor } from "../op.js";
import { formatShape, sizeOf } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { add, div, mul } from "./binary.js";
import { cast } from "./cast.js";
import { greater, where } from "./compare.js";
import { expandDims } from "./compositions.js";
import { eigh, identity, svd, svdvals } from "./linalg/factors.js";
import { expectMatrix, expectSquare } from "./linalg/matrices.js";
import { solveFor } from "./linalg/systems.js";
import { matmul } from "./matmul.js";
import { reshape } from "./movement.js";
import { vectorNorm } from "./products.js";
import { max, min, sum } from "./reduce.js";

/**
 * Inverses of square matrices. To solve a system, `solve` is faster and more exact.
 *
 * @throws ShapeError when a matrix is not square; UsageError when it is singular.
 * @example
 * inv(tensor([[2, 0], [0, 4]])).toArray(); // [[0.5,0],[0,0.25]]
 */
export function inv(x: Tensor): Tensor {
  return scope(() => {
    expectSquare("inv", x);
    return solveFor("inv", x, identity(x, x.shape.at(-1) ?? 1));
  });
}

/**
 * Eigenvalues of symmetric matrices in ascending order.
 *
 * @throws ShapeError when a matrix is not square.
 * @example
 * eigvalsh(tensor([[2, 1], [1, 2]])).toArray(); // [1,3]
 */
export function eigvalsh(x: Tensor): Tensor {
  expectSquare("eigvalsh", x);
  return scope(() => eigh(x).eigenvalues);
}

/** Below which share of the largest a singular value counts as 0. */
export interface RankOptions {
  readonly rtol?: number;
}

/** 1 where a singular value counts; the standard's bound unless said: max(m, n) times the dtype's precision. */
function counted(x: Tensor, s: Tensor, { rtol }: RankOptions): Tensor {
  const [m = 0, n = 0] = x.shape.slice(-2);
  const precision = x.dtype === "float64" ? 2 ** -52 : 2 ** -23;
  const bound = mul(max(s, { axis: -1, keepdims: true }), rtol ?? Math.max(m, n) * precision);
  return greater(s, bound);
}

/**
 * Numbers of singular values above `rtol` times the largest, as int32.
 *
 * @throws ShapeError for less than two axes.
 * @example
 * matrixRank(tensor([[1, 2], [2, 4]])).item(); // 1
 */
export function matrixRank(x: Tensor, options: RankOptions = {}): Tensor {
  expectMatrix("matrixRank", x);
  return scope(() => {
    const s = svdvals(x);
    if (s.size === 0) return cast(sum(s, { axis: -1 }), "int32");
    return cast(sum(counted(x, s, options), { axis: -1 }), "int32");
  });
}

/**
 * Moore–Penrose inverses, [n, m] for [m, n]; singular values up to `rtol` times the largest count as 0.
 *
 * @throws ShapeError for less than two axes.
 * @example
 * pinv(tensor([[2, 0], [0, 0]])).toArray(); // [[0.5,0],[0,0]]
 */
export function pinv(x: Tensor, options: RankOptions = {}): Tensor {
  expectMatrix("pinv", x);
  return scope(() => {
    const { U, S, Vh } = svd(x, { fullMatrices: false });
    if (sizeOf(S.shape) === 0) return matmul(Vh.mT, U.mT);
    const live = counted(x, S, options);
    const inverse = where(live, div(1, where(live, S, 1)), 0);
    return matmul(mul(Vh.mT, expandDims(inverse, -2)), U.mT);
  });
}

/**
 * The X of least length among those that make ‖A·X − B‖ smallest. B is a matrix [m, k] or one vector [m].
 *
 * @throws ShapeError when B does not fit.
 * @example
 * lstsq(tensor([[1], [1]]), tensor([1, 3])).item().toFixed(4); // 2.0000
 */
export function lstsq(a: Tensor, b: Tensor, options: RankOptions = {}): Tensor {
  expectMatrix("lstsq", a);
  expectTensor("lstsq", b);
  if (b.shape.at(b.shape.length === 1 ? 0 : -2) !== a.shape.at(-2)) {
    throw new ShapeError(
      "lstsq",
      `a right side ${formatShape(b.shape)} does not fit the matrix ${formatShape(a.shape)}`,
      "its rows are as many as the matrix has",
    );
  }
  return scope(() => matmul(pinv(a, options), b));
}

/**
 * Aⁿ for a whole number n; a negative one is a power of the inverse.
 *
 * @throws ShapeError when a matrix is not square; UsageError when n is not whole.
 * @example
 * matrixPower(tensor([[1, 1], [0, 1]]), 5).toArray(); // [[1,5],[0,1]]
 */
export function matrixPower(x: Tensor, n: number): Tensor {
  expectSquare("matrixPower", x);
  if (!Number.isInteger(n)) {
    throw new UsageError("matrixPower", `the exponent is ${n}`, "give a whole number");
  }
  if (n < 0) return scope(() => matrixPower(inv(x), -n));
  return scope(() => {
    const float = x.dtype === "float64" ? x : cast(x, "float32");
    let result: Tensor | null = null;
    let square = float;
    for (let left = n; left > 0; left = Math.floor(left / 2)) {
      if (left % 2 === 1) result = result === null ? square : matmul(result, square);
      if (left > 1) square = matmul(square, square);
    }
    return result ?? add(identity(float, float.shape.at(-1) as number), 0);
  });
}

function spectralNorm(x: Tensor, ord: number | "nuc", keepdims: boolean): Tensor {
  return scope(() => {
    const s = svdvals(x);
    const last = { axis: -1 };
    const norm = ord === "nuc" ? sum(s, last) : ord > 0 ? max(s, last) : min(s, last);
    return keepdims ? reshape(norm, [...norm.shape, 1, 1]) : norm;
  });
}

/**
 * Norm of a matrix (or of each in a batch): "fro" (the default) for √Σx², ±1 for the largest or smallest sum of
 * |x| over a column, ±Infinity over a row, ±2 for the largest or smallest singular value, "nuc" for their sum.
 *
 * @throws UsageError for any other norm; ShapeError below rank 2.
 * @example
 * matrixNorm(tensor([[1, -2], [3, 4]]), { ord: Infinity }).item(); // 7
 */
export function matrixNorm(
  x: Tensor,
  options: { readonly ord?: number | "fro" | "nuc"; readonly keepdims?: boolean } = {},
): Tensor {
  const { ord = "fro", keepdims = false } = options;
  expectTensor("matrixNorm", x);
  if (x.shape.length < 2) {
    throw new ShapeError("matrixNorm", `${formatShape(x.shape)} is no matrix`, "it needs two axes");
  }
  if (ord === "fro") return vectorNorm(x, { axis: [-2, -1], keepdims });
  if (ord === "nuc" || Math.abs(ord) === 2) return spectralNorm(x, ord, keepdims);
  if (
    typeof ord !== "number" ||
    (Math.abs(ord) !== 1 && Math.abs(ord) !== Number.POSITIVE_INFINITY)
  ) {
    const known = 'use "fro", "nuc", ±1, ±2 or ±Infinity';
    throw new UsageError("matrixNorm", `there is no norm "${ord}"`, known);
  }
  return scope(() => {
    const axis = Math.abs(ord) === 1 ? -2 : -1;
    const sums = vectorNorm(x, { ord: 1, axis, keepdims: true });
    const over = { axis: [-2, -1], keepdims };
    return ord > 0 ? max(sums, over) : min(sums, over);
  });
}
