/**
 * @file Systems of linear equations, as ops over the last two axes.
 *
 * @noMethod
 */

import { type DType, promoteTypes } from "../../base/dtype.js";
import { DTypeError, ShapeError, UsageError } from "../../base/errors.js";
import { given, noMore } from "../../base/options.js";
import { broadcastShapes, formatShape } from "../../base/shape.js";
import { apply } from "../../core/apply.js";
import type { Op } from "../../core/contract.js";
import { expectTensor } from "../../core/expect.js";
import { defineOp, withOp } from "../../core/op.js";
import { fromBoth } from "../../core/rule.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { cast, exactType } from "../elementwise/cast.js";
import { neg } from "../elementwise/unary.js";
import { matmul } from "../matmul.js";
import { matrixTranspose } from "../shape/axes.js";
import { broadcastTo, reshape } from "../shape/movement.js";
import { tril, triu } from "../shape/triangles.js";
import { luFactor, luSolve, substitute } from "./lu.js";
import { checkSquare, eachMatrix, matrixOf, put, sizes } from "./matrices.js";

function singular(op: string, batch: number, column: number): UsageError {
  return new UsageError(
    op,
    `matrix ${batch} of the batch is singular: pivot ${column} is 0`,
    "use lstsq or pinv, or add a small multiple of the identity",
  );
}

type Pair = readonly [Tensor, Tensor];

function inferSolve(op: string, a: Tensor, b: Tensor) {
  checkSquare(op, a);
  const batch = (x: Tensor) => x.shape.slice(0, -2).join();
  if (b.shape.length < 2 || sizes(b.shape)[0] !== sizes(a.shape)[1] || batch(a) !== batch(b)) {
    throw new ShapeError(
      op,
      `a right side ${formatShape(b.shape)} does not fit the matrix ${formatShape(a.shape)}`,
      "its rows are as many as the matrix has",
    );
  }
  if (a.dtype !== b.dtype) {
    throw new DTypeError(op, `the matrix is ${a.dtype}, the right side ${b.dtype}`, "cast one");
  }
  return { shape: b.shape, dtype: b.dtype };
}

/** The op of A·X = B under a name; a singular matrix is an error, or NaN (`nan`). */
const solving = (name: string, nan: boolean): Op<Pair, undefined> =>
  defineOp({
    name,
    inFront: true,
    infer: ([a, b]) => inferSolve(name, a, b),
    reference([a, b], _, out) {
      const [n, k] = sizes(out.shape);
      eachMatrix(a, (matrix, i) => {
        const lu = luFactor(matrix, n);
        if (lu.singularAt >= 0 && !nan) throw singular(name, i, lu.singularAt);
        const own = matrixOf(b, i);
        put(out, i, lu.singularAt < 0 ? luSolve(lu, n, own, k) : own.fill(Number.NaN));
      });
    },
    // d(A⁻¹B) = A⁻¹ (dB − dA X)
    rule: fromBoth(({ inputs: [a], out: x }) => {
      const back = (g: Tensor) => solveOrNan(matrixTranspose(a), g);
      return [(g) => neg(matmul(back(g), matrixTranspose(x))), back];
    }),
  });

const solveOp = solving("solve", false);
const inverseOp = solving("inv", false);
const solveOrNanOp = solving("solve", true);

/**
 * A system of one dtype with equal leading axes and a right side of matrices; a vector becomes a
 * column and back.
 */
function system(op: string, a: Tensor, b: Tensor, run: (a: Tensor, b: Tensor) => Tensor): Tensor {
  expectTensor(op, a);
  expectTensor(op, b);
  const dtype: DType = promoteTypes(promoteTypes(a.dtype, b.dtype), "float32");
  const exact = exactType(dtype, [a, b]);
  return scope(() => {
    const [p, q] = [cast(a, exact), cast(b, exact)];
    checkSquare(op, p);
    const vector = q.shape.length === 1;
    const right = vector ? reshape(q, [q.size, 1]) : q;
    const n = sizes(right.shape)[0];
    if (n !== sizes(p.shape)[1]) inferSolve(op, p, right);
    const batch = broadcastShapes(op, p.shape.slice(0, -2), right.shape.slice(0, -2));
    const whole = (x: Tensor) => broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
    const made = run(whole(p), whole(right));
    const out = exact === dtype ? made : cast(made, dtype);
    return vector ? reshape(out, out.shape.slice(0, -1)) : out;
  });
}

/**
 * X of A·X = B, by LU factors with partial pivoting, in float64 whatever the dtype. B is a matrix
 * [n, k], or one vector [n]; leading axes broadcast.
 *
 * @throws ShapeError when A is not square or B does not fit; UsageError when A is singular.
 * @example
 * solve(tensor([[2, 0], [0, 4]]), tensor([2, 2])).toArray(); // [1,0.5]
 */
export const solve = withOp(solveOp, (a: Tensor, b: Tensor, ...surplus: []): Tensor => {
  noMore("solve", surplus, true);
  return system("solve", a, b, (p, q) => apply(solveOp, [p, q], undefined));
});

/** {@link solve} for `inv`, which its errors name. @internal */
export function solveForInverse(a: Tensor, b: Tensor): Tensor {
  return system("inv", a, b, (p, q) => apply(inverseOp, [p, q], undefined));
}

/** {@link solve} for batches in which some matrices are singular: these give NaN. @internal */
export function solveOrNan(a: Tensor, b: Tensor): Tensor {
  return system("solve", a, b, (p, q) => apply(solveOrNanOp, [p, q], undefined));
}

/** Which half of the matrix to read. */
export interface TriangularOptions {
  /** The upper half rather than the lower. */
  readonly upper?: boolean | undefined;
  /** Take the diagonal to be 1 without reading it. */
  readonly unitDiagonal?: boolean | undefined;
}

interface TriangularAttrs {
  readonly upper: boolean;
  readonly unit: boolean;
}

const solveTriangularOp: Op<Pair, TriangularAttrs> = defineOp({
  name: "solveTriangular",
  infer: ([a, b]) => inferSolve("solveTriangular", a, b),
  reference([a, b], half, out) {
    const [n, k] = sizes(out.shape);
    eachMatrix(a, (matrix, i) => {
      const x = matrixOf(b, i);
      for (let j = 0; j < n && !half.unit; j++) {
        if (matrix[j * n + j] === 0) throw singular("solveTriangular", i, j);
      }
      substitute(matrix, n, x, k, half);
      put(out, i, x);
    });
  },
  // the same as of solve, for the half that is read
  rule: fromBoth(({ inputs: [a], out: x, attrs: { upper, unit } }) => {
    const back = (g: Tensor) =>
      solveTriangular(matrixTranspose(a), g, { upper: !upper, unitDiagonal: unit });
    const half = (m: Tensor) =>
      upper ? triu(m, { k: unit ? 1 : 0 }) : tril(m, { k: unit ? -1 : 0 });
    return [(g) => neg(half(matmul(back(g), matrixTranspose(x)))), back];
  }),
});

/**
 * X of T·X = B for a triangular T, by substitution; the other half of T is not read. As in `solve`,
 * B is a matrix or one vector, and leading axes broadcast.
 *
 * @throws ShapeError when T is not square or B does not fit; UsageError for a 0 on the diagonal.
 * @example
 * solveTriangular(tensor([[2, 0], [1, 1]]), tensor([2, 3])).toArray(); // [1,2]
 */
export const solveTriangular = withOp(
  solveTriangularOp,
  (a: Tensor, b: Tensor, options?: TriangularOptions, ...surplus: []): Tensor => {
    const chosen = given("solveTriangular", options, "upper? unitDiagonal?");
    noMore("solveTriangular", surplus);
    const { upper = false, unitDiagonal: unit = false } = chosen;
    return system("solveTriangular", a, b, (p, q) =>
      apply(solveTriangularOp, [p, q], { upper, unit }),
    );
  },
);
