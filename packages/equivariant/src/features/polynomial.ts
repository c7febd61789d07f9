/**
 * @file Polynomial features of a few invariants: by the formula, and in a form that computes equal
 * features once.
 */
import {
  concat,
  matmul,
  mul,
  onesLike,
  reshape,
  type Tensor,
  type TensorOptions,
  tensor,
  UsageError,
} from "@isograd/tensor";
import { ELEMENTS, expectShape, expectWhole } from "../expect.js";

/**
 * All tensor powers of x up to `degree`, flattened and joined: `x, x⊗x, x⊗x⊗x`. From `[…, k]` to
 * `[…, k + k² + … + k^degree]`: 3, 14 and 39 features of 1, 2 and 3 inputs.
 *
 * @throws UsageError for a degree below 1, or more than 2²⁰ features.
 * @example
 * polynomialFeatures(tensor([2, 3]), 2).toArray(); // [2,3,4,6,6,9]
 */
export function polynomialFeatures(x: Tensor, degree = 3): Tensor {
  expectShape("polynomialFeatures", "x", x, ["…", "k"], "the last axis holds the inputs");
  const inputs = x.shape.at(-1) as number;
  const features = countFeatures("polynomialFeatures", inputs, degree);
  const rows = inputs === 0 ? 0 : x.size / inputs;
  expectWhole("polynomialFeatures", "the size of the result", rows * features, 0, ELEMENTS);
  const lead = x.shape.slice(0, -1);
  const row = reshape(x, [...lead, 1, -1]);
  const powers = [x];
  for (let d = 2; d <= degree; d++) {
    const last = powers[powers.length - 1] as Tensor;
    powers.push(reshape(mul(reshape(last, [...lead, -1, 1]), row), [...lead, -1]));
  }
  return concat(powers, { axis: -1 });
}

/** Number of features: `k + k² + … + k^degree`. @throws UsageError for more than 2²⁰. */
export function featureCount(inputs: number, degree = 3): number {
  return countFeatures("featureCount", inputs, degree);
}

/** The most features of one row. */
const MOST = 2 ** 20;

function countFeatures(op: string, inputs: number, degree: number): number {
  expectWhole(op, "the number of inputs", inputs, 0);
  expectWhole(op, "degree", degree, 1, MOST);
  let count = 0;
  for (let d = 1; d <= degree && count <= MOST; d++) count += inputs ** d;
  if (count <= MOST) return count;
  const problem = `${inputs} inputs to degree ${degree} make more than ${MOST} features`;
  throw new UsageError(op, problem, "take fewer inputs, or a smaller degree");
}

/** Products of inputs that differ even after reordering, as sorted lists of input numbers. */
function distinctProducts(inputs: number, degree: number): number[][] {
  const found: number[][] = Array.from({ length: inputs }, (_, i) => [i]);
  let from = 0;
  for (let d = 2; d <= degree; d++) {
    const to = found.length;
    for (; from < to; from++) {
      const head = found[from] as number[];
      for (let i = head[d - 2] as number; i < inputs; i++) found.push([...head, i]);
    }
  }
  return found;
}

/**
 * The distinct monomials of columns [rows], as rows below a row of ones: [1 + m, rows]. Each row is
 * contiguous, so each monomial is one product of two of them.
 */
export function monomials(columns: readonly Tensor[], degree = 3): Tensor {
  const known = new Map<string, Tensor>();
  const rows: Tensor[] = [onesLike(columns[0] as Tensor)];
  for (const product of distinctProducts(columns.length, degree)) {
    const column = columns[product[product.length - 1] as number] as Tensor;
    const head = known.get(product.slice(0, -1).join());
    const value = head === undefined ? column : mul(head, column);
    known.set(product.join(), value);
    rows.push(value);
  }
  return concat(
    rows.map((r) => reshape(r, [1, r.size])),
    { axis: 0 },
  );
}

/** The 0/1 matrix [features, m] that maps each polynomial feature to its monomial. */
export function foldingMatrix(inputs: number, degree = 3, options: TensorOptions): Tensor {
  const products = distinctProducts(inputs, degree).map((p) => p.join());
  const rows: number[][] = [];
  for (let d = 1; d <= degree; d++) {
    for (let f = 0; f < inputs ** d; f++) {
      const digits = Array.from(
        { length: d },
        (_, i) => Math.floor(f / inputs ** (d - 1 - i)) % inputs,
      );
      const at = products.indexOf(digits.sort((a, b) => a - b).join());
      rows.push(products.map((_, m) => (m === at ? 1 : 0)));
    }
  }
  return tensor(rows, { dtype: options.dtype, device: options.device });
}

/**
 * `W polynomialFeatures(x) + b` from the monomials of x: the weights of equal features are added
 * first, and the bias is the weight of the row of ones. From [1 + m, rows] to [rows, C], with W [C,
 * features] and b [C].
 */
export function polynomialLinear(
  monomialRows: Tensor,
  weight: Tensor,
  bias: Tensor,
  folding: Tensor,
): Tensor {
  const folded = concat([reshape(bias, [bias.size, 1]), matmul(weight, folding)], { axis: 1 });
  return matmul(monomialRows.mT, folded.mT);
}
