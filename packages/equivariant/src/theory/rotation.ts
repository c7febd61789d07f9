/**
 * @file Rotations as tensors of matrices [..., n, n]: exponential and logarithm, in batches and
 * with gradients. n is 2 or 3.
 */
import {
  add,
  argmax,
  atan2,
  broadcastTo,
  concat,
  cos,
  diagonal,
  eye,
  less,
  matmul,
  mul,
  reshape,
  sin,
  slice,
  sqrt,
  square,
  sum,
  type Tensor,
  takeAlongAxis,
  tensor,
  where,
} from "@isograd/tensor";
import { halfSineAngle, sinc, versine } from "./series.js";

/**
 * The generators of rotations: of the plane [1, 4], of space [3, 9], one flat matrix in each row.
 */
const generators = {
  2: [[0, -1, 1, 0]],
  3: [
    [0, 0, 0, 0, 0, -1, 0, 1, 0],
    [0, 0, 1, 0, 0, 0, -1, 0, 0],
    [0, -1, 0, 1, 0, 0, 0, 0, 0],
  ],
} as const;

export type Dimension = 2 | 3;

/** A constant of the dtype and on the device of another tensor. */
export function constant(values: readonly unknown[], like: Tensor): Tensor {
  return tensor(values as number[], { dtype: like.dtype, device: like.device });
}

/** The skew matrix of an angle [..., 1] or a rotation vector [..., 3]: `hat(w) x = w × x`. */
export function hat(w: Tensor, dim: Dimension): Tensor {
  const flat = matmul(w, constant(generators[dim], w));
  return reshape(flat, [...w.shape.slice(0, -1), dim, dim]);
}

/** `Σ w²` as [..., 1, 1]: the squared angle. */
export function squaredAngle(w: Tensor): Tensor {
  return reshape(sum(square(w), { axis: -1 }), [...w.shape.slice(0, -1), 1, 1]);
}

/** The identity of the size of a, broadcast against it. */
export function unit(a: Tensor, size: number): Tensor {
  return eye(size, size, { dtype: a.dtype, device: a.device });
}

/**
 * `exp(hat(w))`: the rotation by ‖w‖ about w. With K = hat(w),
 * `1 + (sin θ/θ) K + ((1 − cos θ)/θ²) K²` (Rodrigues); in the plane, sine and cosine of w.
 */
export function expRotation(w: Tensor, dim: Dimension): Tensor {
  if (dim === 2) {
    const [c, s] = [cos(w), sin(w)];
    return reshape(concat([c, s.neg(), s, c], { axis: -1 }), [...w.shape.slice(0, -1), 2, 2]);
  }
  const K = hat(w, dim);
  const q = squaredAngle(w);
  return add(add(mul(sinc(q), K), mul(versine(q), matmul(K, K))), unit(w, 3));
}

/**
 * The angle in (−π, π] as [..., 1], or the rotation vector of length at most π as [..., 3]. At π a
 * vector and its opposite give the same rotation; the result is one of them.
 */
export function logRotation(rotation: Tensor, dim: Dimension): Tensor {
  if (dim === 2) {
    const column = part(rotation, 0, 1); // cosine above sine
    const [c, s] = [part(column.mT, 0, 1), part(column.mT, 1, 2)];
    return reshape(atan2(s, c), [...rotation.shape.slice(0, -2), 1]);
  }
  const q = quaternionOf(rotation);
  const [w, v] = [part(q, 0, 1), part(q, 1, 4)];
  return mul(v, halfSineAngle(sum(square(v), { axis: -1, keepdims: true }), w));
}

/**
 * From the nine elements of R to 4 q qᵀ, row by row, with q = (w, x, y, z): each entry is linear in
 * R, plus 1 on the diagonal.
 */
const quadratic: readonly (readonly number[])[] = (() => {
  const entry = (parts: Record<number, number>) =>
    Array.from({ length: 9 }, (_, i) => parts[i] ?? 0);
  const ww = entry({ 0: 1, 4: 1, 8: 1 });
  const xx = entry({ 0: 1, 4: -1, 8: -1 });
  const yy = entry({ 0: -1, 4: 1, 8: -1 });
  const zz = entry({ 0: -1, 4: -1, 8: 1 });
  const [wx, wy, wz] = [entry({ 7: 1, 5: -1 }), entry({ 2: 1, 6: -1 }), entry({ 3: 1, 1: -1 })];
  const [xy, xz, yz] = [entry({ 3: 1, 1: 1 }), entry({ 2: 1, 6: 1 }), entry({ 7: 1, 5: 1 })];
  const rows = [ww, wx, wy, wz, wx, xx, xy, xz, wy, xy, yy, yz, wz, xz, yz, zz];
  return Array.from({ length: 9 }, (_, i) => rows.map((row) => row[i] as number));
})();

/**
 * The unit quaternion (w, x, y, z) of a rotation, w ≥ 0. The row of 4 q qᵀ with the largest
 * diagonal entry is normalised, which avoids division by small numbers. Source: S. W. Shepperd,
 * Quaternion from rotation matrix (1978).
 */
function quaternionOf(rotation: Tensor): Tensor {
  const lead = rotation.shape.slice(0, -2);
  const flat = reshape(rotation, [...lead, 9]);
  const all = reshape(matmul(flat, constant(quadratic, rotation)), [...lead, 4, 4]);
  const rows = add(all, unit(rotation, 4));
  const largest = argmax(diagonal(rows), { axis: -1 });
  const place = broadcastTo(reshape(largest, [...lead, 1, 1]), [...lead, 1, 4]);
  const row = reshape(takeAlongAxis(rows, place, { axis: -2 }), [...lead, 4]);
  const q = row.div(sqrt(sum(square(row), { axis: -1, keepdims: true })));
  return where(less(part(q, 0, 1), 0), q.neg(), q);
}

/** Indices `from` to `to` of the last axis. */
export function part(x: Tensor, from: number, to: number): Tensor {
  return slice(x, [...x.shape.slice(1).map(() => null), [from, to]]);
}
