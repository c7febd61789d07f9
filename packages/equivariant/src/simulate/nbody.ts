/**
 * @file The charged N-body data set: many systems, with their state at one frame and at a later
 * one.
 */
import { type Rng, rng, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { given as checked } from "@isograd/tensor/engine";
import { ELEMENTS, expectFinite, expectPositive, expectWhole, wanted } from "../expect.js";
import { type Bodies, type Interaction, integrate } from "./forces.js";

/** T with every property optional; undefined also means the default. */
type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Options of {@link simulateNBody}. Defaults are the values of the benchmark. */
export interface NBodyOptions extends Loose<Interaction> {
  /** Number of independent systems N. */
  readonly samples: number;
  /** Number n of bodies in each system; default: 5. */
  readonly bodies?: number | undefined;
  /**
   * Seed of the initial states; default: 0. The first systems of a larger set are those of a
   * smaller one.
   */
  readonly seed?: number | string | undefined;
  /** Time step; default: 0.001. */
  readonly dt?: number | undefined;
  /** Steps from one frame to the next; default: 100. */
  readonly stepsPerFrame?: number | undefined;
  /** The input frame; default: 30. Frame f is the state after (f + 1) · stepsPerFrame steps. */
  readonly inputFrame?: number | undefined;
  /** The frame to predict; default: 40, one unit of time later. */
  readonly targetFrame?: number | undefined;
  /** Whether to also return the positions at every frame from input to target; default: false. */
  readonly trajectories?: boolean | undefined;
}

/** N systems of n bodies, float32. */
export interface NBodyData {
  /** Charges ±1, shape [N, n, 1]: a scalar of each body. */
  readonly charges: Tensor;
  /** Positions at the input frame, shape [N, n, 3]. */
  readonly positions: Tensor;
  /** Velocities at the input frame, shape [N, n, 1, 3]: one vector of each body. */
  readonly velocities: Tensor;
  /** Positions at the target frame, shape [N, n, 3]. */
  readonly targets: Tensor;
  /**
   * Positions at the frames from input to target, shape [N, frames, n, 3]; only with the option
   * `trajectories`.
   */
  readonly trajectories?: Tensor;
}

const TIMING = "samples# bodies# seed dt# stepsPerFrame# inputFrame# targetFrame# trajectories?";
const NAMES = `${TIMING} exponent# coupling# softening# clip#` as const;

const defaults = {
  bodies: 5,
  seed: 0,
  dt: 0.001,
  stepsPerFrame: 100,
  inputFrame: 30,
  targetFrame: 40,
  exponent: 2,
  coupling: 1,
  softening: 0,
  clip: 100,
  trajectories: false,
};

type Settings = { readonly [K in keyof NBodyOptions]-?: NonNullable<NBodyOptions[K]> };
type Given = Partial<Settings> & Pick<Settings, "samples">;

/**
 * Simulates the charged N-body benchmark: n bodies of unit mass and charge ±1 (probability ½), x₀ ~
 * N(0, I), v₀ in a uniform direction with norm 0.5, forces
 * `F_i = Σ_j k q_i q_j (x_i − x_j)/‖x_i − x_j‖^(e+1)` with e = 2, k = 1, components clipped to
 * ±100, leap-frog with dt = 0.001. The task is to predict the positions one unit of time after the
 * input. The prediction of no motion has the mean squared error 0.276, the best x + t v 0.085.
 *
 * `exponent`, `coupling` and `softening` change the law of force, so that a model has to adapt.
 *
 * Source: arXiv 1802.04687 (data), arXiv 2102.09844 (this task), arXiv 2310.02970 (section 5).
 *
 * @throws UsageError for invalid counts, frames or time steps, for more than 2²⁸ steps of a system,
 * and for more than 2³⁰ numbers in a result.
 * @example
 * simulateNBody({ samples: 2, inputFrame: 0, targetFrame: 1 }).positions.shape; // [2,5,3]
 */
export function simulateNBody(options: NBodyOptions): NBodyData {
  const given = Object.entries(checked("simulateNBody", options, NAMES)).filter(
    ([, value]) => value !== undefined,
  );
  const settings: Settings = { ...defaults, ...(Object.fromEntries(given) as Given) };
  check(settings);
  const { samples: N, bodies: n, inputFrame, targetFrame } = settings;
  const charges = new Float32Array(N * n);
  const frames = targetFrame - inputFrame + 1;
  const path = new Float32Array(settings.trajectories ? N * frames * n * 3 : 0);
  const positions = new Float32Array(N * n * 3);
  const velocities = new Float32Array(N * n * 3);
  const targets = new Float32Array(N * n * 3);
  const random = rng(settings.seed);
  const timing = { dt: settings.dt, every: settings.stepsPerFrame, frames: targetFrame + 1 };
  for (let s = 0; s < N; s++) {
    const system = draw(random, n);
    charges.set(system.charges, s * n);
    integrate(system, settings, timing, (frame) => {
      if (frame === inputFrame) {
        positions.set(system.positions, s * n * 3);
        velocities.set(system.velocities, s * n * 3);
      }
      if (frame === targetFrame) targets.set(system.positions, s * n * 3);
      if (frame >= inputFrame && settings.trajectories) {
        path.set(system.positions, (s * frames + frame - inputFrame) * n * 3);
      }
    });
  }
  return {
    charges: tensor(charges, { shape: [N, n, 1] }),
    positions: tensor(positions, { shape: [N, n, 3] }),
    velocities: tensor(velocities, { shape: [N, n, 1, 3] }),
    targets: tensor(targets, { shape: [N, n, 3] }),
    ...(settings.trajectories ? { trajectories: tensor(path, { shape: [N, frames, n, 3] }) } : {}),
  };
}

/** Charges ±1, positions N(0, I), velocities of norm ½ in a uniform direction. */
function draw(random: Rng, n: number): Bodies {
  const charges = Float64Array.from({ length: n }, () => (random.next() < 0.5 ? 1 : -1));
  const positions = normals(random, 3 * n);
  const velocities = normals(random, 3 * n);
  for (let i = 0; i < 3 * n; i += 3) {
    const norm = Math.hypot(velocities[i]!, velocities[i + 1]!, velocities[i + 2]!);
    for (let d = 0; d < 3; d++) velocities[i + d]! *= 0.5 / norm;
  }
  return { charges, positions, velocities };
}

function normals(random: Rng, count: number): Float64Array {
  const drawn = random.normal([count], { dtype: "float64", device: "reference" });
  const values = drawn.dataSync() as Float64Array;
  drawn.dispose();
  return values;
}

/** The most steps of one system, and the most bodies: each step compares all pairs. */
const STEPS = 2 ** 28;
const BODIES = 2 ** 16;

function check(settings: Settings): void {
  const op = "simulateNBody";
  const { samples, bodies, stepsPerFrame, inputFrame, targetFrame, seed } = settings;
  expectWhole(op, "samples", samples, 0);
  expectWhole(op, "bodies", bodies, 1, BODIES);
  expectWhole(op, "stepsPerFrame", stepsPerFrame, 1, STEPS);
  const whole = Number.isInteger(inputFrame) && Number.isInteger(targetFrame);
  if (!whole || inputFrame < 0 || targetFrame < inputFrame) {
    const problem = `frames must be whole numbers with 0 ≤ input ≤ target: got ${inputFrame}, `;
    throw new UsageError(op, problem + targetFrame, "also give the other one of the two frames");
  }
  const steps = stepsPerFrame * (targetFrame + 1);
  const fewer = "take fewer steps for each frame, or an earlier target";
  expectWhole(op, "the number of steps", steps, 1, STEPS, fewer);
  const frames = settings.trajectories ? targetFrame - inputFrame + 1 : 1;
  const numbers = 3 * samples * bodies * frames;
  expectWhole(op, "the size of a result", numbers, 0, ELEMENTS, "take fewer samples or frames");
  if (typeof seed === "number") expectFinite(op, "seed", seed);
  else if (typeof seed !== "string") throw wanted(op, "seed", "a number or a text", seed, "try 0");
  const { dt, clip, softening, exponent, coupling } = settings;
  expectPositive(op, "dt", dt);
  expectFinite(op, "exponent", exponent);
  expectFinite(op, "coupling", coupling);
  if (!(clip > 0)) throw wanted(op, "clip", "positive", clip, "Infinity clips nothing");
  if (!(softening >= 0 && Number.isFinite(softening))) {
    throw wanted(op, "softening", "0 or more, and finite", softening, "leave it out for 0");
  }
}
