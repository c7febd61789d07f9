/** @file Points on the sphere that repel each other until they rest, in plain arrays. */
import { type Rng, rng } from "@isograd/tensor";

/** Coulomb energy `Σ_{i<j} 1/‖p_i − p_j‖` of points given as [n, 3] in one array. */
function coulombEnergy(points: ArrayLike<number>): number {
  let energy = 0;
  for (let i = 0; i < points.length; i += 3) {
    for (let j = 0; j < i; j += 3) energy += 1 / Math.sqrt(squaredDistance(points, i, j));
  }
  return energy;
}

/**
 * n points on the unit sphere at a local minimum of their Coulomb energy, found from the best of a
 * few random starts by gradient descent with a step that grows while the energy falls. The same
 * seed gives the same points.
 */
export function restingCharges(n: number, seed: number | string): Float64Array {
  const starts = n <= 32 ? 4 : 1;
  const random = rng(seed);
  let best: Float64Array = new Float64Array(0);
  let least = Number.POSITIVE_INFINITY;
  for (let s = 0; s < starts; s++) {
    const points = relax(onSphere(randomPoints(random, n)));
    const energy = coulombEnergy(points);
    // The margin makes the choice independent of rounding when two starts end at the same energy.
    if (energy < least - 1e-9) [best, least] = [points, energy];
  }
  return best;
}

function randomPoints(random: Rng, n: number): Float64Array {
  const normal = random.normal([n, 3], { dtype: "float64", device: "reference" });
  const points = Float64Array.from(normal.dataSync());
  normal.dispose();
  return points;
}

function relax(start: Float64Array): Float64Array {
  let points = start;
  let energy = coulombEnergy(points);
  let step = 0.1 / Math.sqrt(points.length);
  for (let i = 0; i < 4000 && step > 1e-12; i++) {
    const force = tangentialForces(points);
    if (largest(force) < 1e-12) break;
    const moved = onSphere(points.map((p, k) => p + step * (force[k] as number)));
    const after = coulombEnergy(moved);
    if (after < energy) {
      [points, energy] = [moved, after];
      step *= 1.2;
    } else {
      step *= 0.5;
    }
  }
  return points;
}

/** `F_i = Σ_j (p_i − p_j)/‖p_i − p_j‖³` without its part along p_i. */
function tangentialForces(points: Float64Array): Float64Array {
  const force = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    for (let j = 0; j < points.length; j += 3) {
      if (i === j) continue;
      const inverse = squaredDistance(points, i, j) ** -1.5;
      for (let d = 0; d < 3; d++) force[i + d]! += (points[i + d]! - points[j + d]!) * inverse;
    }
    let along = 0;
    for (let d = 0; d < 3; d++) along += force[i + d]! * points[i + d]!;
    for (let d = 0; d < 3; d++) force[i + d]! -= along * points[i + d]!;
  }
  return force;
}

function onSphere(points: Float64Array): Float64Array {
  const out = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    const norm = Math.hypot(points[i]!, points[i + 1]!, points[i + 2]!);
    for (let d = 0; d < 3; d++) out[i + d] = points[i + d]! / norm;
  }
  return out;
}

function squaredDistance(points: ArrayLike<number>, i: number, j: number): number {
  let q = 0;
  for (let d = 0; d < 3; d++) q += (points[i + d]! - points[j + d]!) ** 2;
  return q;
}

function largest(values: Float64Array): number {
  return values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
}
