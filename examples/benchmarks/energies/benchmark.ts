/**
 * @file Energies and forces of a molecule: PONITA beside PNITA, then dynamics driven by what was
 * learned.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { evaluate } from "@isograd/nn";
import { rng, scope, type Tensor, tensor } from "@isograd/tensor";
import { short } from "../../shared/statistics.js";
import {
  type Benchmark,
  type Context,
  type Preset,
  type Report,
  type Results,
  resultsOf,
  type Step,
} from "../harness/benchmark.js";
import { HERE } from "../harness/files.js";
import { lines } from "../harness/plots.js";
import { type Trained, train } from "../harness/train.js";
import {
  loadMolecule,
  MEV,
  type MoleculeData,
  type Poses,
  posesLoader,
  type Split,
  turnedPoses,
} from "./data.js";
import { type Drift, driftOf, type Frame, type Potential, simulate } from "./dynamics.js";
import { absoluteErrors, EnergyModel, energyAndForceLoss, type NetworkName } from "./model.js";

interface Plan {
  readonly split: Split;
  readonly batch: number;
  readonly lr: number;
  /** Chosen so that both networks take equally long; the results give the seconds. */
  readonly steps: Readonly<Record<NetworkName, number>>;
  /** Steps of dynamics, half a femtosecond each. */
  readonly dynamics: number;
}

const PLANS: Readonly<Record<Preset, Plan>> = {
  quick: {
    split: { train: 40, validation: 10, test: 20 },
    ...{ batch: 5, lr: 2e-3, steps: { PONITA: 20, PNITA: 20 }, dynamics: 20 },
  },
  small: {
    split: { train: 950, validation: 50 },
    ...{ batch: 10, lr: 2e-3, steps: { PONITA: 10_000, PNITA: 50_000 }, dynamics: 2000 },
  },
  // 5000 epochs of 190 batches of 5, as in arXiv 2310.02970, appendix.
  paper: {
    split: { train: 950, validation: 50 },
    ...{ batch: 5, lr: 5e-4, steps: { PONITA: 950_000, PNITA: 950_000 }, dynamics: 20_000 },
  },
};

/** Errors on the test set in meV and meV/Å, and how the learned molecule moved. */
interface Result {
  readonly energy: number;
  readonly force: number;
  readonly atoms: number;
  readonly trained: Trained;
  readonly dynamics: { readonly drift: Drift; readonly path: readonly PathPoint[] };
}

/** Energies in kcal/mol at a time in fs. */
interface PathPoint {
  readonly time: number;
  readonly potential: number;
  readonly total: number;
}

/** The data that come with the benchmark: ethanol at 500 K. */
export const ETHANOL = join(HERE, "energies", "data", "ethanol-gfn2.npz");

/** A network that learned energies and forces; a finished checkpoint is only loaded. */
export function learnEnergies(
  name: NetworkName,
  data: MoleculeData,
  preset: Preset,
  context: Context,
): Promise<Learned> {
  const { batch, lr, steps } = PLANS[preset];
  return learnOn(name, data, preset, { batch, lr, steps: steps[name] }, context);
}

interface Learned {
  readonly model: EnergyModel;
  readonly trained: Trained;
}

/** The same for any length of training. */
export async function learnOn(
  name: NetworkName,
  data: MoleculeData,
  preset: Preset,
  { batch, lr, steps }: { readonly batch: number; readonly lr: number; readonly steps: number },
  context: Context,
): Promise<Learned> {
  const model = new EnergyModel(name, data.numbers, preset);
  model.calibrate(data.train.positions.slice([[0, 20]]));
  const random = rng(`turns ${name}`);
  const loss = (m: EnergyModel, poses: Poses): Tensor =>
    energyAndForceLoss(m.forward(poses.positions), poses);
  const trained = await train<EnergyModel, Poses>(
    {
      ...{ key: name, model, steps, lr, ema: 0.99 },
      loss: (m, poses) => loss(m, m.training ? turnedPoses(poses, random) : poses),
      data: posesLoader(data.train, batch, rng(`shuffle ${name}`)),
      validation: {
        data: posesLoader(data.validation, 25),
        loss,
        every: Math.max(10, Math.round(steps / 30)),
      },
      generators: { turns: random },
    },
    context,
  );
  return { model, trained };
}

/** The model as a force on one molecule. */
function potentialOf(model: EnergyModel, scale: number): Potential {
  return (x) =>
    scope(() => {
      const said = model.forward(tensor(Float32Array.from(x), { shape: [1, x.length / 3, 3] }));
      return {
        energy: said.energies.item() * scale,
        forces: Array.from(said.forces.dataSync(), (f) => f * scale),
      };
    });
}

/** Mean absolute errors over a set, in meV and meV/Å. */
export async function testErrors(
  model: EnergyModel,
  { test, scale }: MoleculeData,
): Promise<{ energy: number; force: number }> {
  const said = (m: EnergyModel, poses: Poses) => absoluteErrors(m.forward(poses.positions), poses);
  const means = await evaluate(model, posesLoader(test, 50), {
    energy: (m, poses) => said(m, poses).energy,
    force: (m, poses) => said(m, poses).force,
  });
  return { energy: means.energy * scale * MEV, force: means.force * scale * MEV };
}

async function study(name: NetworkName, preset: Preset, context: Context): Promise<Result> {
  const plan = PLANS[preset];
  const data = loadMolecule(readFileSync(context.data ?? ETHANOL), plan.split);
  const { model, trained } = await learnEnergies(name, data, preset, context);
  const errors = await testErrors(model, data);
  const frames = simulate(potentialOf(model, data.scale), {
    numbers: data.numbers,
    positions: Float64Array.from(data.test.positions.slice([[0, 1]]).dataSync()),
    steps: plan.dynamics,
    rng: rng("velocities"),
  });
  const atoms = data.numbers.length;
  return { ...errors, atoms, trained, dynamics: { drift: driftOf(frames), path: thinned(frames) } };
}

function thinned(frames: readonly Frame[]): PathPoint[] {
  const every = Math.max(1, Math.floor(frames.length / 100));
  const round = (x: number): number => Number(x.toFixed(4));
  return frames
    .filter((_, i) => i % every === 0)
    .map(({ time, potential, kinetic }) => ({
      time,
      potential: round(potential),
      total: round(potential + kinetic),
    }));
}

const NAMES: readonly NetworkName[] = ["PONITA", "PNITA"];

function steps(preset: Preset): Step[] {
  return NAMES.map((name) => ({ key: name, run: (context) => study(name, preset, context) }));
}

function report(results: Results): Report {
  const found = NAMES.flatMap((name) =>
    resultsOf<Result>(results, name).map(([, result]) => ({ name, ...result })),
  );
  const path = found.flatMap(({ name, dynamics }) =>
    dynamics.path.flatMap(({ time, potential, total }) => [
      { name: `${name}, total`, x: time, y: total },
      { name: `${name}, potential`, x: time, y: potential },
    ]),
  );
  return {
    tables: [
      {
        title: "Ethanol at 500 K (GFN2-xTB): mean absolute errors on the test set",
        head: ["", "parameters", "energy, meV", "force, meV/Å", "steps", "CPU seconds"],
        rows: found.map(({ name, energy, force, trained }) => [
          name,
          trained.parameters.toLocaleString("en-US"),
          short(energy),
          short(force),
          trained.steps.toLocaleString("en-US"),
          String(trained.cpuSeconds),
        ]),
      },
      {
        title: "Dynamics at constant energy, driven by the model (300 K, steps of 0.5 fs)",
        head: ["", "ps", "drift, meV/atom/ps", "fluctuation, meV/atom", "largest change, meV/atom"],
        rows: found.map(({ name, atoms, dynamics: { drift, path: points } }) => [
          name,
          short((points.at(-1)?.time ?? 0) / 1000),
          ...[drift.perPicosecond, drift.fluctuation, drift.largest].map((x) =>
            short((x * MEV) / atoms),
          ),
        ]),
      },
    ],
    figures: [
      {
        name: "dynamics",
        caption: "Energies of the molecule along its path: the total should be a level line.",
        svg: lines(path, { label: "fs" }, { label: "kcal/mol" }, false),
      },
      {
        name: "learning",
        caption: "Training loss, means of equal parts of the run.",
        svg: lines(
          found.flatMap(({ name, trained: { curve, steps: last } }) =>
            curve.map((p) => ({ name, x: p.step / last, y: p.loss })),
          ),
          { label: "part of the run" },
          { type: "log", label: "training loss" },
          false,
        ),
      },
    ],
  };
}

export const energies: Benchmark = {
  name: "energies",
  title: "Energies and forces of a molecule",
  lead:
    "Ethanol in 950 poses to learn from, forces as the gradient of the energy, the loss on both. " +
    "Both networks were trained for about the same time.",
  compiled: true,
  steps,
  report,
};
