/** @file Molecular dynamics at constant energy, driven by any force. Units: Å, fs, u, kcal/mol. */
import type { Rng } from "@isograd/tensor";
import { mean } from "../../shared/statistics.js";

/** Masses in u by atomic number. */
const MASS: Readonly<Record<number, number>> = {
  1: 1.008,
  6: 12.011,
  7: 14.007,
  8: 15.999,
  9: 18.998,
};
/** Å/fs² for a force of 1 kcal/mol/Å on 1 u. */
const ACCELERATION = 4.184e-4;
/** kcal/mol/K */
const BOLTZMANN = 1.987204e-3;

/** A potential: its energy in kcal/mol and the forces [3n] in kcal/mol/Å. */
export type Potential = (positions: Float64Array) => {
  readonly energy: number;
  readonly forces: ArrayLike<number>;
};

/** The state at one time. */
export interface Frame {
  /** fs */
  readonly time: number;
  readonly potential: number;
  readonly kinetic: number;
  readonly positions: Float64Array;
}

export interface DynamicsOptions {
  readonly numbers: readonly number[];
  readonly positions: Float64Array;
  /** Temperature of the first velocities, in K (default: 300). */
  readonly temperature?: number;
  /** Time step in fs (default: 0.5). */
  readonly dt?: number;
  readonly steps: number;
  /** Steps between the frames returned (default: 10). */
  readonly every?: number;
  readonly rng: Rng;
}

/**
 * Velocity Verlet: `v += a dt/2; x += v dt; v += a' dt/2`. The first velocities are Maxwell's, with
 * no total momentum.
 */
export function simulate(potential: Potential, options: DynamicsOptions): Frame[] {
  const { numbers, temperature = 300, dt = 0.5, steps, every = 10, rng } = options;
  const masses = Float64Array.from({ length: 3 * numbers.length }, (_, k) =>
    massOf(numbers[Math.floor(k / 3)]!),
  );
  const x = options.positions.slice();
  const v = velocities(masses, temperature, rng);
  let { energy, forces } = potential(x);
  const frames: Frame[] = [];
  const half = (): void => {
    for (let k = 0; k < x.length; k++) v[k]! += (0.5 * dt * ACCELERATION * forces[k]!) / masses[k]!;
  };
  const record = (step: number): void => {
    const kinetic = v.reduce((sum, u, k) => sum + (0.5 * masses[k]! * u * u) / ACCELERATION, 0);
    frames.push({ time: step * dt, potential: energy, kinetic, positions: x.slice() });
  };
  record(0);
  for (let step = 1; step <= steps; step++) {
    half();
    for (let k = 0; k < x.length; k++) x[k]! += dt * v[k]!;
    ({ energy, forces } = potential(x));
    half();
    if (step % every === 0) record(step);
  }
  return frames;
}

function massOf(number: number): number {
  const mass = MASS[number];
  if (mass === undefined) throw new Error(`no mass is known for atomic number ${number}`);
  return mass;
}

function velocities(masses: Float64Array, temperature: number, random: Rng): Float64Array {
  const drawn = random.normal([masses.length], { dtype: "float64" });
  const v = (drawn.dataSync() as Float64Array).map(
    (z, k) => z * Math.sqrt((BOLTZMANN * temperature * ACCELERATION) / masses[k]!),
  );
  const total = masses.reduce((sum, m) => sum + m, 0) / 3;
  for (let d = 0; d < 3; d++) {
    let momentum = 0;
    for (let k = d; k < v.length; k += 3) momentum += masses[k]! * v[k]!;
    for (let k = d; k < v.length; k += 3) v[k]! -= momentum / total;
  }
  return v;
}

/** How well the total energy is kept, in kcal/mol. */
export interface Drift {
  /** Slope of the line through the total energies, per ps. */
  readonly perPicosecond: number;
  /** Root mean square about that line. */
  readonly fluctuation: number;
  /** The largest distance of the total energy from its start. */
  readonly largest: number;
}

export function driftOf(frames: readonly Frame[]): Drift {
  const t = frames.map((f) => f.time / 1000);
  const e = frames.map((f) => f.potential + f.kinetic);
  const [tMean, eMean] = [mean(t), mean(e)];
  const [tt, te] = t.reduce(
    ([a, b], u, i) => [a + (u - tMean) ** 2, b + (u - tMean) * (e[i]! - eMean)],
    [0, 0],
  );
  const slope = te / tt;
  const rest = e.reduce((sum, y, i) => sum + (y - eMean - slope * (t[i]! - tMean)) ** 2, 0);
  return {
    perPicosecond: slope,
    fluctuation: Math.sqrt(rest / e.length),
    largest: e.reduce((most, y) => Math.max(most, Math.abs(y - e[0]!)), 0),
  };
}
