/**
 * @file Both papers together: an energy model learned on poses of low energy is adapted by GPart to
 * those of high energy.
 */
import { readFileSync } from "node:fs";
import { noGrad } from "@isograd/autograd";
import { equivarianceError, readRmd17 } from "@isograd/equivariant";
import { type Adapter, fullFineTune, gpart } from "@isograd/gpart";
import { rng, type Tensor } from "@isograd/tensor";
import { short } from "../../shared/statistics.js";
import { ETHANOL, learnOn, testErrors } from "../energies/benchmark.js";
import {
  type MoleculeData,
  normalised,
  type Poses,
  posesLoader,
  turnedPoses,
} from "../energies/data.js";
import { type EnergyModel, energyAndForceLoss } from "../energies/model.js";
import type { Benchmark, Context, Preset, Report, Results, Step } from "../harness/benchmark.js";
import { lines } from "../harness/plots.js";
import { type Trained, train } from "../harness/train.js";

interface Plan {
  /** Poses of low energy to learn from. */
  readonly base: number;
  /** Poses of high energy to adapt to, and to test on. */
  readonly adapt: number;
  readonly test: number;
  readonly baseSteps: number;
  readonly steps: number;
  /** Trained numbers of GPart; Infinity trains all weights as they are. */
  readonly sizes: readonly number[];
}

const ALL = Number.POSITIVE_INFINITY;

const PLANS: Readonly<Record<Preset, Plan>> = {
  quick: { base: 40, adapt: 10, test: 20, baseSteps: 10, steps: 5, sizes: [20, ALL] },
  small: { base: 900, adapt: 50, test: 500, baseSteps: 1500, steps: 300, sizes: [100, 1000, ALL] },
  paper: { base: 900, adapt: 50, test: 500, baseSteps: 9e5, steps: 1e5, sizes: [100, 1000, ALL] },
};

interface Result {
  /** Errors on poses of high energy, in meV and meV/Å. */
  readonly energy: number;
  readonly force: number;
  readonly numbers: number;
  /** Relative change of energies under rotations of the model's grid: rounding only. */
  readonly rotation: number;
  readonly trained: Trained | null;
}

/**
 * `cold`: poses of low energy to learn from. `hot`: poses of high energy to adapt to and to test
 * on.
 */
function splitByEnergy(bytes: Uint8Array, plan: Plan): { cold: MoleculeData; hot: MoleculeData } {
  const poses = readRmd17(bytes);
  const values = poses.energies.dataSync() as Float64Array;
  const order = Array.from(values.keys()).sort((i, j) => values[i]! - values[j]!);
  const half = Math.floor(order.length / 2);
  const mix = (indices: readonly number[]): number[] =>
    Array.from(rng("energies").permutation(indices.length).dataSync(), (i) => indices[i]!);
  const [low, high] = [mix(order.slice(0, half)), mix(order.slice(half))];
  const train = low.slice(0, plan.base);
  const validation = low.slice(plan.base, plan.base + 50);
  const adapt = high.slice(0, plan.adapt);
  const test = high.slice(plan.adapt, plan.adapt + plan.test);
  const cold = normalised(poses, { train, validation, test });
  // The same units and zero of energy for both, from the poses of low energy.
  const both = normalised(poses, { train, validation: adapt, test });
  return { cold, hot: { ...both, train: both.validation } };
}

function adapterFor(model: EnergyModel, size: number): Adapter<EnergyModel> {
  if (size === ALL) return fullFineTune(model, { targetModules: "all-linear" });
  return gpart(model, { d: size, seed: 0 });
}

/** The rates of `npm start` for the same architecture, chosen from 2, 8 and 32 · 10⁻³. */
const rateOf = (size: number): number => (size === ALL ? 2e-3 : 32e-3);

function rotationError(model: EnergyModel, positions: Tensor): number {
  const { network } = model;
  const graphs = model.graphs(positions);
  const entries = noGrad(() =>
    equivarianceError(network, graphs, { transforms: ["gridRotation"] }),
  );
  return Math.max(...entries.map((e) => e.worst));
}

async function study(size: number | null, preset: Preset, context: Context): Promise<Result> {
  const plan = PLANS[preset];
  const { cold, hot } = splitByEnergy(readFileSync(context.data ?? ETHANOL), plan);
  const schedule = { batch: 10, lr: 2e-3, steps: plan.baseSteps };
  const { model } = await learnOn("PONITA", cold, preset, schedule, {
    ...context,
    progress: size === null,
  });
  const first = hot.test.positions.slice([[0, 5]]);
  if (size === null) {
    const rotation = rotationError(model, first);
    return { ...(await testErrors(model, hot)), numbers: 0, rotation, trained: null };
  }
  const adapter = adapterFor(model, size);
  const random = rng("turns");
  const trained = await train<Adapter<EnergyModel>, Poses>(
    {
      ...{ key: nameOf(size), model: adapter, steps: plan.steps, lr: rateOf(size) },
      loss: (a, poses) => {
        const seen = turnedPoses(poses, random);
        return a.run((m) => energyAndForceLoss(m.forward(seen.positions), seen));
      },
      data: posesLoader(hot.train, 10, rng("shuffle")),
      generators: { turns: random },
    },
    context,
  );
  const numbers = adapter.parameterCount;
  const adapted = adapter.mergeAndUnload();
  const errors = await testErrors(adapted, hot);
  const rotation = rotationError(adapted, first);
  return { ...errors, numbers, rotation, trained };
}

function nameOf(size: number | null): string {
  if (size === null) return "before";
  return size === ALL ? "all weights" : `GPart, d = ${size}`;
}

function steps(preset: Preset): Step[] {
  return [null, ...PLANS[preset].sizes].map((size) => ({
    key: nameOf(size),
    run: (context) => study(size, preset, context),
  }));
}

function report(results: Results): Report {
  const found = Object.entries(results).map(([name, r]) => ({ name, ...(r as Result) }));
  return {
    tables: [
      {
        title: "Mean absolute errors on poses of high energy",
        head: ["", "trained numbers", "energy, meV", "force, meV/Å", "change under grid rotations"],
        rows: found.map(({ name, numbers, energy, force, rotation }) => [
          name,
          numbers.toLocaleString("en-US"),
          short(energy),
          short(force),
          short(rotation),
        ]),
      },
    ],
    figures: [
      {
        name: "learning",
        caption: "Training loss while adapting, means of equal parts of the run.",
        svg: lines(
          found.flatMap(({ name, trained }) =>
            (trained?.curve ?? []).map((p) => ({ name, x: p.step, y: p.loss })),
          ),
          { label: "steps" },
          { type: "log", label: "training loss" },
          false,
        ),
      },
    ],
  };
}

export const adaptation: Benchmark = {
  name: "adaptation",
  title: "An equivariant model adapted by a few numbers",
  lead:
    "PONITA learns energies and forces of ethanol on the half of the poses with low energy, and " +
    "is adapted to 50 poses of the other half. GPart keeps the model exactly as equivariant.",
  compiled: true,
  steps,
  report,
};
