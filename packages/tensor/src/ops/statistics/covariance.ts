/** @file Covariances and correlations of variables, and areas under samples. */

import { isFloat } from "../../base/dtype.js";
import { ShapeError, UsageError } from "../../base/errors.js";
import { given, shown } from "../../base/options.js";
import { formatShape, normalizeAxis, shapesEqual } from "../../base/shape.js";
import { expectTensor } from "../../core/expect.js";
import { scope } from "../../core/scope.js";
import type { Tensor } from "../../core/tensor.js";
import { diff } from "../difference.js";
import { add, div, maximum, mul, sub } from "../elementwise/binary.js";
import { castTo } from "../elementwise/cast.js";
import { clip } from "../elementwise/compare.js";
import { sqrt } from "../elementwise/unary.js";
import { matmul } from "../matmul.js";
import { diagonal } from "../product/products.js";
import { sum } from "../reduce.js";
import { expandDims, matrixTranspose, squeeze } from "../shape/axes.js";
import { reshape } from "../shape/movement.js";
import { slice } from "../shape/slicing.js";
import { concat } from "../shape/stack.js";

/** Which variables there are, and how observations count. */
export interface CorrelationOptions {
  /** More variables, with the same observations. */
  readonly y?: Tensor | undefined;
  /** Whether rows are variables and columns observations. Default: true. */
  readonly rowvar?: boolean | undefined;
}

/** How {@link cov} divides and weighs. */
export interface CovarianceOptions extends CorrelationOptions {
  /** What is subtracted from the number of observations. Default: 1. */
  readonly correction?: number | undefined;
  /** How often each observation was made. */
  readonly fweights?: Tensor | undefined;
  /** How much each observation weighs. */
  readonly aweights?: Tensor | undefined;
}

function asRows(op: string, x: Tensor, rowvar: boolean): Tensor {
  expectTensor(op, x);
  if (x.shape.length > 2) {
    throw new ShapeError(op, `${formatShape(x.shape)} is no matrix`, "give variables as rows");
  }
  const floats = isFloat(x.dtype) ? x : castTo(x, "float32");
  if (x.shape.length < 2) return reshape(floats, [1, x.size]);
  return rowvar || x.shape[0] === 1 ? floats : matrixTranspose(floats);
}

function variables(op: string, x: Tensor, { y, rowvar = true }: CorrelationOptions): Tensor {
  const rows = asRows(op, x, rowvar);
  if (y === undefined) return rows;
  const more = asRows(op, y, rowvar);
  if (more.shape[1] !== rows.shape[1]) {
    const counts = `${rows.shape[1]} observations of x, ${more.shape[1]} of y`;
    throw new ShapeError(op, counts, "each observation has all variables");
  }
  return concat([rows, more]);
}

function weightsFor(x: Tensor, { fweights, aweights }: CovarianceOptions): Tensor | undefined {
  const given = [fweights, aweights].filter((w) => w !== undefined);
  for (const w of given) {
    expectTensor("cov", w);
    if (shapesEqual(w.shape, [x.shape[1] as number])) continue;
    const problem = `weights ${formatShape(w.shape)} for ${x.shape[1]} observations`;
    throw new ShapeError("cov", problem, "give one for each observation");
  }
  const [first, second] = given.map((w) => castTo(w, x.dtype));
  return first && second ? mul(first, second) : first;
}

/** Sums of products of deviations, divided by `n − correction` or what weights make of it. */
function covariance(x: Tensor, options: CovarianceOptions): Tensor {
  const { correction = 1, aweights } = options;
  const w = weightsFor(x, options);
  const n = x.shape[1] as number;
  const row = { axis: 1, keepdims: true } as const;
  if (w === undefined) {
    const d = sub(x, div(sum(x, row), n));
    return squeeze(div(matmul(d, matrixTranspose(d)), Math.max(n - correction, 0)));
  }
  const total = sum(w);
  const d = sub(x, div(sum(mul(x, w), row), total));
  const doubled = aweights && div(sum(mul(w, castTo(aweights, x.dtype))), total);
  const lost = doubled === undefined ? correction : mul(doubled, correction);
  return squeeze(div(matmul(mul(d, w), matrixTranspose(d)), maximum(sub(total, lost), 0)));
}

/**
 * Covariances of variables, `Σ (xᵢ − x̄ᵢ)(xⱼ − x̄ⱼ) / (n − correction)`: a matrix [v, v] for the v
 * rows of x (a vector is one variable, and gives a number). Options are those of NumPy's `cov`.
 *
 * @noMethod
 *
 * @throws ShapeError for more than two axes, and observations or weights of other numbers.
 * @example
 * cov(tensor([[1, 2, 3], [3, 2, 1]])).toArray(); // [[1,-1],[-1,1]]
 */
export function cov(x: Tensor, options?: CovarianceOptions): Tensor {
  const chosen = given("cov", options, "y rowvar? correction# fweights aweights");
  return scope(() => covariance(variables("cov", x, chosen), chosen));
}

/**
 * Correlation coefficients of variables, `Cᵢⱼ / √(Cᵢᵢ Cⱼⱼ)` with C = {@link cov}, between −1 and 1.
 *
 * @noMethod
 *
 * @throws ShapeError for more than two axes, and observations of other numbers.
 * @example
 * corrcoef(tensor([[1, 2, 3], [3, 2, 1]])).toArray(); // [[1,-1],[-1,1]]
 */
export function corrcoef(x: Tensor, options?: CorrelationOptions): Tensor {
  const chosen = given("corrcoef", options, "y rowvar?");
  return scope(() => {
    const c = covariance(variables("corrcoef", x, chosen), {});
    if (c.shape.length === 0) return div(c, c);
    const s = sqrt(diagonal(c));
    return clip(div(div(c, expandDims(s, 1)), expandDims(s, 0)), { min: -1, max: 1 });
  });
}

/**
 * The area under samples by the trapezoidal rule, `Σ (xᵢ₊₁ − xᵢ)(yᵢ + yᵢ₊₁)/2` along an axis
 * (default: the last): at the places `x`, a vector or in the shape of y, or `dx` apart (default:
 * 1).
 *
 * @noMethod
 *
 * @throws ShapeError for places of another number; UsageError for both x and dx.
 * @example
 * trapezoid(tensor([1, 2, 3])).item(); // 4
 * trapezoid(tensor([1, 2, 3]), { x: tensor([4, 6, 8]) }).item(); // 8
 */
export function trapezoid(
  y: Tensor,
  options?: {
    readonly x?: Tensor | undefined;
    readonly dx?: number | undefined;
    readonly axis?: number | undefined;
  },
): Tensor {
  expectTensor("trapezoid", y);
  const { x, dx, axis = -1 } = given("trapezoid", options, "x dx# axis");
  const at = normalizeAxis("trapezoid", axis, y.shape);
  const n = y.shape[at] as number;
  if (x !== undefined) {
    expectTensor("trapezoid", x);
    if (dx !== undefined) {
      throw new UsageError("trapezoid", `places x and dx ${shown(dx)}`, "give one of them");
    }
    if (!shapesEqual(x.shape, [n]) && !shapesEqual(x.shape, y.shape)) {
      const problem = `places ${formatShape(x.shape)} for ${formatShape(y.shape)}`;
      throw new ShapeError("trapezoid", problem, `give [${n}], or one for each sample`);
    }
  }
  return scope(() => {
    const part = (range: readonly [number, number | null]) =>
      slice(
        y,
        y.shape.map((_, i) => (i === at ? range : null)),
      );
    const heights = div(add(part([1, null]), part([0, -1])), 2);
    if (x === undefined) return sum(mul(heights, dx ?? 1), { axis: at });
    const along = x.shape.length === y.shape.length;
    const widths = diff(x, { axis: along ? at : 0 });
    const thin = y.shape.map((_, i) => (i === at ? Math.max(n - 1, 0) : 1));
    return sum(mul(heights, along ? widths : reshape(widths, thin)), { axis: at });
  });
}
