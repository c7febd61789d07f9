/**
 * @file Molecules out of noise: an equivariant diffusion learns poses of ethanol and draws new
 * ones.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DataLoader } from "@isograd/nn";
import { dispose, type Rng, rng, scope, type Tensor } from "@isograd/tensor";
import { mean, short } from "../../shared/statistics.js";
import { ETHANOL, learnEnergies } from "../energies/benchmark.js";
import { loadMolecule, type MoleculeData, turnedPositions } from "../energies/data.js";
import {
  type Benchmark,
  type Context,
  type Preset,
  type Report,
  type Results,
  resultsOf,
  type Step,
  type Table,
} from "../harness/benchmark.js";
import { lines } from "../harness/plots.js";
import { type Trained, train } from "../harness/train.js";
import {
  bondsOf,
  type Molecule,
  type Point,
  pairsOf,
  validityOf,
  wasserstein,
} from "./chemistry.js";
import { centred, centredNoise, diffusionLoss, SIGMA_DATA, sample } from "./edm.js";
import { DiffusionModel } from "./model.js";
import { molecules } from "./pictures.js";

interface Plan {
  readonly batch: number;
  readonly lr: number;
  readonly steps: number;
  readonly samples: number;
  readonly sampler: number;
}

const PLANS: Readonly<Record<Preset, Plan>> = {
  quick: { batch: 10, lr: 2e-3, steps: 20, samples: 6, sampler: 5 },
  small: { batch: 32, lr: 2e-3, steps: 8000, samples: 250, sampler: 40 },
  paper: { batch: 64, lr: 5e-4, steps: 500_000, samples: 1000, sampler: 40 },
};

/** What is measured on molecules. */
interface Measures {
  /** Parts of atoms and of molecules with the right bonds. */
  readonly atoms: number;
  readonly valid: number;
  /** Mean of the smallest distances, Å. */
  readonly nearest: number;
  /**
   * Wasserstein distances to the training poses, Å: bond lengths by kind (null: none), all pairs.
   */
  readonly bonds: Readonly<Record<string, number | null>>;
  readonly distances: number;
  /** Mean and standard deviation of the energies by a learned model, kcal/mol. */
  readonly energy: { readonly mean: number; readonly deviation: number };
}

interface Drawn {
  readonly measures: Measures;
  readonly lengths: readonly number[];
  readonly shown: readonly Molecule[];
  readonly trained?: Trained;
  readonly samplingSeconds?: number;
}

interface Clouds extends Record<string, Tensor> {
  readonly positions: Tensor;
}

/** Å for one unit of the diffusion. */
function unitOf(data: MoleculeData): number {
  return scope(() => centred(data.train.positions).square().mean().sqrt().item()) / SIGMA_DATA;
}

async function learn(data: MoleculeData, preset: Preset, context: Context) {
  const { batch, lr, steps } = PLANS[preset];
  const model = new DiffusionModel(data.numbers, preset);
  const unit = unitOf(data);
  const positions = centred(data.train.positions).div(unit);
  const [random, noise] = [rng("turns"), rng("noise")];
  const first = positions.slice([[0, 10]]);
  model.calibrate(first.mul(1 / SIGMA_DATA), rng(0).normal([10]).mul(0.3));
  const trained = await train<DiffusionModel, Clouds>(
    {
      ...{ key: "diffusion", model, steps, lr, ema: 0.99 },
      loss: (m, clouds) =>
        diffusionLoss(m.predict, turnedPositions(clouds.positions, random), noise),
      data: new DataLoader<Clouds>(
        { positions },
        { batchSize: batch, shuffle: rng("shuffle"), dropLast: true },
      ),
      generators: { turns: random, noise },
    },
    context,
  );
  return { model, unit, trained };
}

/** Clouds [k, n, 3] in Å as molecules. */
function asMolecules(numbers: readonly number[], positions: Tensor): Molecule[] {
  const flat = Array.from(positions.dataSync());
  const points = Array.from({ length: flat.length / 3 }, (_, k): Point => {
    const [x = 0, y = 0, z = 0] = flat.slice(3 * k, 3 * k + 3);
    return [x, y, z];
  });
  const n = numbers.length;
  return Array.from({ length: points.length / n }, (_, k) => ({
    numbers,
    positions: points.slice(k * n, (k + 1) * n),
  }));
}

function measure(
  found: readonly Molecule[],
  real: readonly Molecule[],
  energies: readonly number[],
): Measures {
  const validity = found.map(validityOf);
  const lengths = (all: readonly Molecule[], kind: string): number[] =>
    all.flatMap((m) => bondsOf(m).flatMap((b) => (b.kind === kind ? [b.distance] : [])));
  const all = (some: readonly Molecule[]): number[] =>
    some.flatMap((m) => pairsOf(m).map((p) => p.distance));
  const kinds = [...new Set(real.flatMap((m) => bondsOf(m).map((b) => b.kind)))];
  const centre = mean(energies);
  return {
    atoms: mean(validity.map((v) => v.atoms)),
    valid: mean(validity.map((v) => Number(v.molecule))),
    nearest: mean(validity.map((v) => v.nearest)),
    bonds: Object.fromEntries(
      kinds.map((kind) => {
        const own = lengths(found, kind);
        return [kind, own.length === 0 ? null : wasserstein(own, lengths(real, kind))];
      }),
    ),
    distances: wasserstein(all(found), all(real)),
    energy: { mean: centre, deviation: Math.sqrt(mean(energies.map((e) => (e - centre) ** 2))) },
  };
}

/** Samples [k, n, 3] in Å, and the seconds of a processor that they took. */
function draw(model: DiffusionModel, count: number, unit: number, steps: number, random: Rng) {
  const start = process.cpuUsage();
  const atoms = model.atoms;
  const parts = Array.from({ length: Math.ceil(count / 50) }, (_, i) => {
    const size = Math.min(50, count - 50 * i);
    return scope(() =>
      sample(model.predict, centredNoise([size, atoms, 3], random), { steps }).mul(unit),
    );
  });
  const { user, system } = process.cpuUsage(start);
  return { parts, seconds: (user + system) / 1e6 };
}

async function study(preset: Preset, context: Context): Promise<Record<string, Drawn>> {
  const plan = PLANS[preset];
  const split = { train: 950, validation: 50, ...(preset === "quick" && { test: 20 }) };
  const data = loadMolecule(readFileSync(context.data ?? ETHANOL), split);
  const { model, unit, trained } = await learn(data, preset, context);
  const judge = await energyJudge(data, preset, context);
  const { parts, seconds } = draw(model, plan.samples, unit, plan.sampler, rng("samples"));
  const real = asMolecules(data.numbers, data.train.positions);
  const of = (clouds: readonly Tensor[]): Drawn => {
    const found = clouds.flatMap((part) => asMolecules(data.numbers, part));
    return {
      measures: measure(found, real, clouds.flatMap(judge)),
      lengths: found
        .flatMap((m) => bondsOf(m).map((b) => Number(b.distance.toFixed(3))))
        .slice(0, 1200),
      shown: found.slice(0, 8).map(rounded),
    };
  };
  const test = of([data.test.positions.slice([[0, plan.samples]])]);
  const drawn = of(parts);
  for (const part of parts) dispose(part);
  return { samples: { ...drawn, trained, samplingSeconds: seconds }, test };
}

/**
 * Energies in kcal/mol by PNITA from the benchmark `energies`; trains it if no checkpoint exists.
 */
async function energyJudge(data: MoleculeData, preset: Preset, context: Context) {
  const { checkpoints } = context;
  const other = checkpoints === null ? null : join(dirname(checkpoints), "energies");
  const { model } = await learnEnergies("PNITA", data, preset, { ...context, checkpoints: other });
  return (positions: Tensor): number[] =>
    scope(() => Array.from(model.energies(positions).dataSync(), (e) => e * data.scale));
}

function rounded({ numbers, positions }: Molecule): Molecule {
  const round = (x: number): number => Number(x.toFixed(3));
  return { numbers, positions: positions.map(([x, y, z]) => [round(x), round(y), round(z)]) };
}

const KINDS = ["samples", "test"] as const;
const TITLES = { samples: "drawn by the model", test: "test poses" } as const;

function steps(preset: Preset): Step[] {
  return [{ key: "ethanol", run: (context) => study(preset, context) }];
}

function report(results: Results): Report {
  const [[, found] = []] = resultsOf<Record<keyof typeof TITLES, Drawn>>(results, "ethanol");
  const rows = KINDS.flatMap((key) =>
    found === undefined ? [] : [{ name: TITLES[key], ...found[key] }],
  );
  const kinds = Object.keys(rows[0]?.measures.bonds ?? {});
  const percent = (x: number): string => `${(100 * x).toFixed(1)}\u00a0%`;
  return {
    tables: [
      {
        title: "Validity of molecules",
        head: [
          "",
          "atoms with the right bonds",
          "whole molecules",
          "nearest atoms, Å",
          "energy, kcal/mol",
        ],
        rows: rows.map(({ name, measures: m }) => [
          name,
          percent(m.atoms),
          percent(m.valid),
          short(m.nearest),
          `${short(m.energy.mean)} ± ${short(m.energy.deviation)}`,
        ]),
      },
      {
        title: "Wasserstein distance to the training poses, Å",
        head: ["", ...kinds.map((kind) => `${kind} bonds`), "all distances"],
        rows: rows.map(({ name, measures: m }) => [
          name,
          ...kinds.map((kind) => (m.bonds[kind] == null ? "–" : short(m.bonds[kind]))),
          short(m.distances),
        ]),
      },
      modelTable(found?.samples),
    ],
    figures: [
      ...rows.map(({ name, shown }) => ({
        name: name === TITLES.test ? "test" : "samples",
        caption: `Molecules: ${name}.`,
        svg: molecules(shown),
      })),
      {
        name: "bonds",
        caption: "How long the bonds are.",
        svg: lines(rows.flatMap(histogram), { label: "Å" }, { label: "part of the bonds" }, false),
      },
    ],
  };
}

function modelTable(drawn: Drawn | undefined): Table {
  const { trained, samplingSeconds = 0 } = drawn ?? {};
  const row = trained && [
    trained.parameters.toLocaleString("en-US"),
    trained.steps.toLocaleString("en-US"),
    String(trained.cpuSeconds),
    samplingSeconds.toFixed(1),
  ];
  return {
    title: "The model",
    head: ["parameters", "steps", "CPU seconds", "CPU seconds of sampling"],
    rows: row === undefined ? [] : [row],
  };
}

/** Bond lengths in bins of 0.02 Å. */
function histogram({
  name,
  lengths,
}: {
  readonly name: string;
  readonly lengths: readonly number[];
}) {
  const width = 0.02;
  return Array.from({ length: 55 }, (_, i) => {
    const low = 0.75 + i * width;
    const inside = lengths.filter((x) => x >= low && x < low + width).length;
    return { name, x: low + width / 2, y: inside / Math.max(lengths.length, 1) };
  });
}

export const generation: Benchmark = {
  name: "generation",
  title: "Molecules out of noise",
  lead:
    "A diffusion that is equivariant by construction learns 950 poses of ethanol at 500 K and " +
    "draws new ones: it places the atoms, whose kinds are given.",
  compiled: true,
  steps,
  report,
};
