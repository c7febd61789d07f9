/**
 * @file Linear algebra made of the ops of family.ts: inverses, least squares, powers, ranks, norms.
 *
 * @noMethod
 */

import { ShapeError, UsageError } from "../../base/errors.js";
import { given, noMore, shown, worded } from "../../base/options.js";
import { formatShape } from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import { Tensor, type TensorLike } from "../../core/tensor.js";
import { expectLike } from "../define/checks.js";

import { add, mul } from "../elementwise/binary.js";
import { cast } from "../elementwise/cast.js";
import { greater } from "../elementwise/compare.js";
import { matmul } from "../matmul.js";
import { vectorNorm } from "../product/norms.js";
import { max, min, sum } from "../reduce.js";
import { expandDims } from "../shape/axes.js";
import { reshape } from "../shape/movement.js";
import { eigh, identity, svdvals } from "./factors.js";
import { asFloat, expectMatrix, expectSquare, sizes } from "./matrices.js";
import { nuclearNorm } from "./nuclear.js";
import { pseudoInverse, roundedShare } from "./pseudo.js";
import { solveForInverse } from "./systems.js";

/**
 * Inverses of square matrices. To solve a system, `solve` is faster and more exact.
 *
 * @throws ShapeError when a matrix is not square; UsageError when it is singular.
 * @example
 * inv(tensor([[2, 0], [0, 4]])).toArray(); // [[0.5,0],[0,0.25]]
 */
export function inv(x: Tensor, ...surplus: []): Tensor {
  noMore("inv", surplus, true);
  return scope(() => {
    expectSquare("inv", x);
    return solveForInverse(x, identity(x, x.shape.at(-1) ?? 1));
  });
}

/**
 * Eigenvalues of symmetric matrices in ascending order. At equal ones the gradient is as
 * {@link eigh} says.
 *
 * @throws ShapeError when a matrix is not square.
 * @example
 * eigvalsh(tensor([[2, 1], [1, 2]])).toArray(); // [1,3]
 */
export function eigvalsh(x: Tensor, ...surplus: []): Tensor {
  noMore("eigvalsh", surplus, true);
  expectSquare("eigvalsh", x);
  return scope(() => eigh(x).eigenvalues);
}

/** Below which share of the largest a singular value counts as 0. */
export interface RankOptions {
  /** A number, or a tensor that broadcasts to the axes before the last two: one for each matrix. */
  readonly rtol?: TensorLike | undefined;
}

/**
 * Numbers of singular values above `rtol` times the largest, as int32.
 *
 * @throws ShapeError for less than two axes.
 * @example
 * matrixRank(tensor([[1, 2], [2, 4]])).item(); // 1
 */
export function matrixRank(x: Tensor, options?: RankOptions, ...surplus: []): Tensor {
  noMore("matrixRank", surplus);
  expectMatrix("matrixRank", x);
  const { rtol } = given("matrixRank", options, "rtol");
  if (rtol !== undefined) expectLike("matrixRank", rtol);
  return scope(() => {
    const s = svdvals(x);
    if (s.size === 0) return cast(sum(s, { axis: -1 }), "int32");
    const [m, n] = sizes(x.shape);
    const own = rtol instanceof Tensor ? expandDims(rtol, -1) : rtol;
    const bound = mul(max(s, { axis: -1, keepdims: true }), own ?? roundedShare(s.dtype, m, n));
    return cast(sum(greater(s, bound), { axis: -1 }), "int32");
  });
}

/**
 * Moore–Penrose inverses, [n, m] for [m, n]; singular values up to `rtol` times the largest count
 * as 0. Derivatives are those among matrices with as many that count, whether they differ or not
 * (Golub and Pereyra 1973).
 *
 * @throws ShapeError for less than two axes.
 * @example
 * pinv(tensor([[2, 0], [0, 0]])).toArray(); // [[0.5,0],[0,0]]
 */
export function pinv(x: Tensor, options?: RankOptions, ...surplus: []): Tensor {
  noMore("pinv", surplus);
  expectMatrix("pinv", x);
  const { rtol } = given("pinv", options, "rtol");
  if (rtol !== undefined) expectLike("pinv", rtol);
  return scope(() => asFloat("pinv", x, (a) => pseudoInverse(a, rtol)));
}

/**
 * The X of least length among those that make ‖A·X − B‖ smallest. B is a matrix [m, k] or one
 * vector [m]. Derivatives are those of {@link pinv}.
 *
 * @throws ShapeError when B does not fit.
 * @example
 * lstsq(tensor([[1], [1]]), tensor([1, 3])).item().toFixed(4); // 2.0000
 */
export function lstsq(
  a: Tensor,
  b: Tensor,
  options?: { readonly rtol?: number | undefined },
  ...surplus: []
): Tensor {
  expectMatrix("lstsq", a);
  expectTensor("lstsq", b, surplus);
  const chosen = given("lstsq", options, "rtol#");
  if (b.shape.at(b.shape.length === 1 ? 0 : -2) !== a.shape.at(-2)) {
    throw new ShapeError(
      "lstsq",
      `a right side ${formatShape(b.shape)} does not fit the matrix ${formatShape(a.shape)}`,
      "its rows are as many as the matrix has",
    );
  }
  return scope(() => matmul(pinv(a, chosen), b));
}

/**
 * Aⁿ for a whole number n; a negative one is a power of the inverse.
 *
 * @throws ShapeError when a matrix is not square; UsageError when n is not whole.
 * @example
 * matrixPower(tensor([[1, 1], [0, 1]]), 5).toArray(); // [[1,5],[0,1]]
 */
export function matrixPower(x: Tensor, n: number, ...surplus: []): Tensor {
  noMore("matrixPower", surplus, true);
  expectSquare("matrixPower", x);
  if (!Number.isInteger(n)) {
    throw new UsageError("matrixPower", `the exponent is ${shown(n)}`, "give a whole number");
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
    const ends = (a: Tensor) => (ord === 2 ? max : min)(svdvals(a), { axis: -1 });
    const norm = ord === "nuc" ? asFloat("matrixNorm", x, nuclearNorm) : ends(x);
    return keepdims ? reshape(norm, [...norm.shape, 1, 1]) : norm;
  });
}

/**
 * Norm of a matrix (or of each in a batch): "fro" (the default) for √Σx², ±1 for the largest or
 * smallest sum of |x| over a column, ±Infinity over a row, ±2 for the largest or smallest singular
 * value, "nuc" for their sum. Where singular values are equal, or 0, and a norm has no gradient
 * there, it gets a subgradient.
 *
 * @throws UsageError for any other norm; ShapeError below rank 2.
 * @example
 * matrixNorm(tensor([[1, -2], [3, 4]]), { ord: Infinity }).item(); // 7
 */
export function matrixNorm(
  x: Tensor,
  options?: {
    readonly ord?: number | "fro" | "nuc" | undefined;
    readonly keepdims?: boolean | undefined;
  },
  ...surplus: []
): Tensor {
  expectTensor("matrixNorm", x, surplus);
  const { ord = "fro", keepdims = false } = given("matrixNorm", options, "ord keepdims?");
  if (x.shape.length < 2) {
    throw new ShapeError("matrixNorm", `${formatShape(x.shape)} is no matrix`, "it needs two axes");
  }
  if (ord === "fro") return vectorNorm(x, { axis: [-2, -1], keepdims });
  if (ord === "nuc" || ord === 2 || ord === -2) return spectralNorm(x, ord, keepdims);
  if (
    typeof ord !== "number" ||
    (Math.abs(ord) !== 1 && Math.abs(ord) !== Number.POSITIVE_INFINITY)
  ) {
    const known = 'use "fro", "nuc", ±1, ±2 or ±Infinity';
    throw new UsageError("matrixNorm", `there is no norm "${worded(ord)}"`, known);
  }
  return scope(() => {
    const axis = Math.abs(ord) === 1 ? -2 : -1;
    const sums = vectorNorm(x, { ord: 1, axis, keepdims: true });
    const over = { axis: [-2, -1], keepdims };
    return ord > 0 ? max(sums, over) : min(sums, over);
  });
}
