/** @file Methods of a generator: several numbers that depend on each other, and categories. */
import { type DType, isFloat, promoteTypes } from "../../base/dtype.js";
import { ShapeError, UsageError } from "../../base/errors.js";
import { given, listed, noMore } from "../../base/options.js";
import {
  broadcastShapes,
  checkShape,
  formatShape,
  normalizeAxis,
  type Shape,
} from "../../base/shape.js";
import { perSample } from "../../core/apply.js";
import type { TensorOptions } from "../../core/creation.js";
import { expectTensor } from "../../core/expect.js";
import { deviceOf } from "../../core/handle.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { add } from "../../ops/elementwise/binary.js";
import { cast } from "../../ops/elementwise/cast.js";
import { cholesky } from "../../ops/linalg/cholesky.js";
import { matmul } from "../../ops/matmul.js";
import { argmax } from "../../ops/reduce.js";
import { expandDims, matrixTranspose, squeeze } from "../../ops/shape/axes.js";
import { checkPositive, floats } from "../checks.js";
import { fillBy, gumbel } from "../draw/exponential.js";
import { fillDirichlet } from "../draw/gamma.js";
import { fillOrthogonal } from "../draw/orthogonal.js";
import { fillNormal } from "../fill.js";
import { made } from "../source.js";
import { Counts } from "./counts.js";

const lengthsOf = (shape: Shape | number): Shape => (typeof shape === "number" ? [shape] : shape);
const floatOf = (dtype: DType): DType => (isFloat(dtype) ? dtype : "float32");

/** Options of other libraries, and ours. */
const THEIRS = new Map([
  ["size", ["shape"]],
  ["sampleshape", ["shape"]],
  ["numsamples", ["shape"]],
]);

/** The distributions of vectors and matrices, and of categories. */
export abstract class Joint extends Counts {
  /**
   * Categories 0 … n − 1 with the probabilities softmax(logits) along `axis` (default: the last);
   * int32. `shape` is that of the result; it ends as the other axes of the logits, or broadcasts
   * with them. For probabilities give their logarithms. As the largest of the logits plus Gumbel
   * noise: nothing is read.
   *
   * @throws ShapeError where there are no categories, or `shape` does not fit.
   * @example
   * rng(0).categorical(tensor([0, 1, 2]), { shape: [5] }).shape; // [5]
   * rng(0).categorical(tensor([[0, 99], [99, 0]])).toArray(); // [1,0]
   */
  categorical(
    logits: Tensor,
    options?: {
      readonly shape?: Shape | number | undefined;
      readonly axis?: number | undefined;
    },
    ...surplus: []
  ): Tensor {
    const op = "categorical";
    expectTensor(op, logits);
    noMore(op, surplus);
    const { axis = -1, shape } = given(op, options, "shape axis", THEIRS);
    const at = normalizeAxis(op, axis, logits.shape) - logits.shape.length;
    const n = logits.shape.at(at) as number;
    if (n === 0) {
      const where = `axis ${axis} of ${formatShape(logits.shape)}`;
      const problem = `no category to choose from along ${where}`;
      throw new ShapeError(op, problem, "give logits of one category or more");
    }
    const rest = logits.shape.filter((_, i) => i !== at + logits.shape.length);
    const result = fitting(op, shape, rest);
    const cut = result.length + at + 1;
    const room = [...result.slice(0, cut), n, ...result.slice(cut)];
    const place = { dtype: floatOf(logits.dtype), device: logits.device };
    const noise = (lengths: Shape) =>
      made(this, op, lengths, place, (out) => fillBy(out, () => gumbel(this.bits)));
    return scope(() => argmax(add(perSample(logits, noise, room), logits), { axis: at }));
  }

  /**
   * Normal vectors of the given mean [..., n] and positive definite covariance [..., n, n]:
   * `mean + L z` with L Lᵀ = covariance and z standard normal, so that it has gradients of both.
   * `shape` is that of the result without its last axis; default: as the arguments say. On a
   * GPU the covariance is read, as `cholesky` has no kernel.
   *
   * @throws ShapeError where the shapes do not fit; UsageError when the covariance is not positive
   * definite.
   * @example
   * const covariance = tensor([[2, 1], [1, 2]]);
   * rng(0).multivariateNormal(tensor([0, 3]), covariance, { shape: 5 }).shape; // [5,2]
   */
  multivariateNormal(
    mean: Tensor,
    covariance: Tensor,
    options?: { readonly shape?: Shape | number | undefined },
    ...surplus: []
  ): Tensor {
    const op = "multivariateNormal";
    expectTensor(op, mean);
    expectTensor(op, covariance);
    noMore(op, surplus);
    const { shape } = given(op, options, "shape", THEIRS);
    const n = mean.shape.at(-1);
    if (n === undefined || covariance.shape.at(-1) !== n || covariance.shape.at(-2) !== n) {
      const got = `${formatShape(mean.shape)} and ${formatShape(covariance.shape)}`;
      const problem = `the mean is [..., n] and the covariance [..., n, n]: got ${got}`;
      throw new ShapeError(op, problem, "give as many rows and columns as the mean has numbers");
    }
    const heads = broadcastShapes(op, mean.shape.slice(0, -1), covariance.shape.slice(0, -2));
    const result = fitting(op, shape, heads);
    const dtype = floatOf(promoteTypes(mean.dtype, covariance.dtype));
    const place = { dtype, device: mean.device };
    const normal = (lengths: Shape) =>
      made(this, op, lengths, place, (out) => fillNormal(this.bits, out, 0, 1));
    return scope(() => {
      const factor = matrixTranspose(cholesky(cast(covariance, dtype)));
      const z = perSample(upper(mean, covariance), normal, [...result, n]);
      if (factor.shape.length === 2) return add(matmul(z, factor), mean);
      return add(squeeze(matmul(expandDims(z, -2), factor), -2), mean);
    });
  }

  /**
   * Probabilities: rows of `alpha.length` numbers ≥ 0 with the sum 1, of density proportional to
   * `Π xᵢ^(αᵢ−1)`. As gamma numbers over their sum, in logarithms: right for small alpha, too. The
   * result is [...shape, n]; default: one row.
   *
   * @throws DTypeError for int32 and bool; UsageError unless alpha is a list of numbers above 0.
   * @example
   * rng(0).dirichlet([1, 2, 3], { shape: [4] }).shape; // [4,3]
   */
  dirichlet(
    alpha: readonly number[],
    options?: TensorOptions & { readonly shape?: Shape | number | undefined },
    ...surplus: []
  ): Tensor {
    const op = "dirichlet";
    const { shape = [], ...where } = given(op, options, "shape dtype device", THEIRS);
    noMore(op, surplus);
    if (!Array.isArray(alpha) || alpha.length === 0) {
      const problem = `alpha is a list of numbers: got ${listed(alpha)}`;
      throw new UsageError(op, problem, "write dirichlet([1, 1, 1], { shape })");
    }
    for (const a of alpha) checkPositive(op, "each alpha", a);
    const own: readonly number[] = alpha.slice();
    const lengths = lengthsOf(shape);
    checkShape(op, lengths);
    const place = floats(op, where, this.place);
    return made(this, op, [...lengths, own.length], place, (out) =>
      fillDirichlet(this.bits, out, own),
    );
  }

  /**
   * A random matrix with orthonormal columns, [n, n] or [m, n]; with orthonormal rows for m < n.
   * Uniform, by Haar's measure: the factor Q of a matrix of normal numbers, with R's diagonal
   * positive (Mezzadri, "How to generate random matrices from the classical compact groups", 2007).
   *
   * @throws DTypeError for int32 and bool; ShapeError unless there are two lengths.
   * @example
   * rng(0).orthogonal([5, 3]).shape; // [5,3]
   */
  orthogonal(shape: number | Shape, options?: TensorOptions, ...surplus: []): Tensor {
    const op = "orthogonal";
    const where = given(op, options, "dtype device");
    noMore(op, surplus);
    const lengths = lengthsOf(shape);
    checkShape(op, lengths);
    const [m, n = m, ...more] = lengths;
    if (m === undefined || n === undefined || more.length > 0) {
      const problem = `needs one or two lengths, got ${formatShape(lengths)}`;
      throw new ShapeError(op, problem, "write orthogonal(n) or orthogonal([m, n])");
    }
    return made(this, op, [m, n], floats(op, where, this.place), (out) =>
      fillOrthogonal(this.bits, out, Math.max(m, n), Math.min(m, n), m < n),
    );
  }
}

/** The shape that was asked for, where it ends as `rest`, or `rest` broadcasts to it. */
function fitting(op: string, asked: Shape | number | undefined, rest: Shape): Shape {
  if (asked === undefined) return rest;
  const shape = lengthsOf(asked);
  checkShape(op, shape);
  const whole = broadcastShapes(op, shape, rest);
  if (whole.length === shape.length && whole.every((n, i) => n === shape[i])) return shape;
  const problem = `the result's shape ${formatShape(shape)} does not end in ${formatShape(rest)}`;
  throw new ShapeError(op, problem, "shape is that of all draws, batch axes last");
}

/** That of the two which is a sample of a batch, the inner one if both are. */
function upper(a: Tensor, b: Tensor): Tensor {
  const [p, q] = [deviceOf(a).over?.level ?? 0, deviceOf(b).over?.level ?? 0];
  return q > p ? b : a;
}
