/**
 * @file Derivatives of determinants as polynomials, right for singular matrices too: of every
 * order, one op that is its own derivative.
 *
 * @internal
 */

import { apply } from "../../core/apply.js";
import type { View } from "../../core/contract.js";
import { defineOp } from "../../core/op.js";
import { fromInputs } from "../../core/rule.js";
import type { Tensor } from "../../core/tensor.js";

import { allFinite, scaleOf, singularValues } from "./jacobi.js";
import { luFactor, luSolve } from "./lu.js";
import { eachMatrix, matrixOf, put, sizes } from "./matrices.js";
import { identity, product, transposed } from "./rows.js";

/**
 * Condition up to which cofactors come from the inverse, which is faster and loses at most
 * that many units of precision.
 */
const EASY = 1e4;

/**
 * Of A, H₁ … Hₖ the matrix C with ⟨C, E⟩ = Dᵏ⁺¹ det(A)[H₁, …, Hₖ, E]: of A alone, its cofactors.
 * Symmetric in the H and in E, so that the same op at one more matrix is the derivative by A, and
 * with G for Hᵢ that by Hᵢ.
 */
const cofactorsOp = defineOp<readonly Tensor[]>({
  name: "cofactors",
  inFront: true,
  infer: ([a]) => a as Tensor,
  reference([first, ...others], _, out) {
    const [n] = sizes(out.shape);
    eachMatrix(first as View, (a, i) => {
      const hs = others.map((h) => matrixOf(h, i));
      const finite = [a, ...hs].every(allFinite);
      put(out, i, finite ? form(a, hs, n) : a.fill(Number.NaN));
    });
  },
  rule: fromInputs(({ inputs }) =>
    inputs.map((_, i) => (g) => {
      return cofactors(i === 0 ? [...inputs, g] : inputs.map((x, j) => (j === i ? g : x)));
    }),
  ),
});

/** det′, det″, …: see the op. All are of one shape. */
export function cofactors(inputs: readonly Tensor[]): Tensor {
  return apply(cofactorsOp, inputs, undefined);
}

function form(a: Float64Array, hs: readonly Float64Array[], n: number): Float64Array {
  const easy = hs.length === 0 ? byInverse(a, n) : null;
  if (easy !== null) return easy;
  const { u, s, vt } = singularValues(a, n, n);
  const turn = (h: Float64Array) =>
    product(product(transposed(u, n, n), h, n, n, n), transposed(vt, n, n), n, n, n);
  const inner = ofDiagonal(s, hs.map(turn), n);
  const sign = determinantSign(u, n) * determinantSign(vt, n);
  return product(product(u, inner, n, n, n), vt, n, n, n).map((x) => sign * x);
}

/** det(A) A⁻ᵀ, of A = D·B with rows of B that are about 1; null where that is not exact enough. */
function byInverse(a: Float64Array, n: number): Float64Array | null {
  const rows = Float64Array.from({ length: n }, (_, i) => scaleOf(a.subarray(i * n, i * n + n)));
  const b = a.map((x, k) => x / (rows[Math.floor(k / n)] as number));
  const lu = luFactor(b, n);
  if (lu.singularAt >= 0) return null;
  const inverse = transposed(luSolve(lu, n, identity(n), n), n, n);
  const size = (x: Float64Array) => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  if (!(n * size(b) * size(inverse) < EASY)) return null;
  let det = lu.sign;
  for (let k = 0; k < n; k++) det *= lu.lu[k * n + k] as number;
  const others = rows.map((_, i) => det * productWithout(rows, [i]));
  return inverse.map((x, k) => x * (others[Math.floor(k / n)] as number));
}

function determinantSign(a: Float64Array, n: number): number {
  const { lu, sign } = luFactor(a, n);
  let s = sign;
  for (let k = 0; k < n; k++) s *= Math.sign(lu[k * n + k] as number);
  return s;
}

/**
 * The form of the matrix diag(s). A permutation that leaves all but k + 1 places alone takes one
 * number of each H and E from those, sᵢ from the others: Σ sgn π · Πₗ Hₗ[iₗ, π(iₗ)] · Π s over
 * places i₁ … iₖ, a that differ; it counts for [a, π(a)].
 */
function ofDiagonal(s: Float64Array, hs: readonly Float64Array[], n: number): Float64Array {
  const out = new Float64Array(n * n);
  const permutations = permutationsOf(hs.length + 1);
  const visit = (places: readonly number[]) => {
    if (places.length <= hs.length) {
      for (let i = 0; i < n; i++) if (!places.includes(i)) visit([...places, i]);
      return;
    }
    const rest = productWithout(s, places);
    if (rest === 0) return;
    const last = places[hs.length] as number;
    for (const { order, sign } of permutations) {
      let term = sign * rest;
      hs.forEach((h, l) => {
        term *= h[(places[l] as number) * n + (places[order[l] as number] as number)] as number;
      });
      (out[last * n + (places[order[hs.length] as number] as number)] as number) += term;
    }
  };
  visit([]);
  return out;
}

/**
 * The product of all numbers but some; large ones meet small ones, so that it does not overflow on
 * the way.
 */
function productWithout(s: Float64Array, places: readonly number[]): number {
  const left = s.filter((_, i) => !places.includes(i)).sort();
  let p = 1;
  for (let [i, j] = [0, left.length - 1]; i <= j; ) {
    p *= left[p > 1 ? i++ : j--] as number;
  }
  return p;
}

function permutationsOf(n: number): { order: readonly number[]; sign: number }[] {
  if (n === 0) return [{ order: [], sign: 1 }];
  return permutationsOf(n - 1).flatMap(({ order, sign }) =>
    Array.from({ length: n }, (_, at) => ({
      order: [...order.slice(0, at), n - 1, ...order.slice(at)],
      sign: (n - 1 - at) % 2 === 0 ? sign : -sign,
    })),
  );
}
