/**
 * @file The forces of the charged N-body system, and one trajectory. Uses only typed arrays, for
 * speed.
 */

/** How two charges act on each other. */
export interface Interaction {
  /** e in `F ∝ 1/r^e`: 2 is Coulomb's law in space. */
  readonly exponent: number;
  /** k in `F = k q_i q_j / r^e`: with k > 0 equal charges repel, with k < 0 they attract. */
  readonly coupling: number;
  /** s in `r² + s²`, which replaces r² and keeps forces finite when charges meet. */
  readonly softening: number;
  /** Bound of each component of the force on a body. */
  readonly clip: number;
}

/**
 * One system of n bodies of unit mass: arrays of n or 3 n numbers, changed in place by the
 * integrator.
 */
export interface Bodies {
  readonly charges: Float64Array;
  readonly positions: Float64Array;
  readonly velocities: Float64Array;
}

/**
 * Writes `F_i = Σ_j k q_i q_j (x_i − x_j) / ‖x_i − x_j‖^(e+1)`, each component clipped, into `out`.
 */
function forces({ charges, positions: x }: Bodies, law: Interaction, out: Float64Array): void {
  const { exponent, coupling, clip } = law;
  const coulomb = exponent === 2;
  const soft = law.softening * law.softening;
  const power = -(exponent + 1) / 2;
  const n = charges.length;
  out.fill(0);
  for (let i = 1; i < n; i++) {
    const a = 3 * i;
    const q = coupling * charges[i]!;
    const xi = x[a]!;
    const yi = x[a + 1]!;
    const zi = x[a + 2]!;
    let fx = 0;
    let fy = 0;
    let fz = 0;
    for (let j = 0; j < i; j++) {
      const b = 3 * j;
      const dx = xi - x[b]!;
      const dy = yi - x[b + 1]!;
      const dz = zi - x[b + 2]!;
      const r2 = dx * dx + dy * dy + dz * dz + soft;
      const scale = q * charges[j]! * (coulomb ? 1 / (r2 * Math.sqrt(r2)) : r2 ** power);
      fx += scale * dx;
      fy += scale * dy;
      fz += scale * dz;
      out[b]! -= scale * dx;
      out[b + 1]! -= scale * dy;
      out[b + 2]! -= scale * dz;
    }
    out[a]! += fx;
    out[a + 1]! += fy;
    out[a + 2]! += fz;
  }
  for (let k = 0; k < out.length; k++) {
    const f = out[k]!;
    if (f > clip) out[k] = clip;
    else if (f < -clip) out[k] = -clip;
  }
}

/**
 * Leap-frog: `v += dt F(x)` once; then for step = 1, 2, …: `x += dt v`, every `every` steps
 * `store(step / every − 1)`, `v += dt F(x)`, until `frames` frames are stored. The stored velocity
 * is that of half a step before the stored position.
 */
export function integrate(
  bodies: Bodies,
  law: Interaction,
  timing: { readonly dt: number; readonly every: number; readonly frames: number },
  store: (frame: number) => void,
): void {
  const { positions: x, velocities: v } = bodies;
  const { dt, every, frames } = timing;
  const force = new Float64Array(x.length);
  forces(bodies, law, force);
  for (let k = 0; k < v.length; k++) v[k]! += dt * force[k]!;
  for (let step = 1; step <= every * frames; step++) {
    for (let k = 0; k < x.length; k++) x[k]! += dt * v[k]!;
    if (step % every === 0) store(step / every - 1);
    forces(bodies, law, force);
    for (let k = 0; k < v.length; k++) v[k]! += dt * force[k]!;
  }
}
