/**
 * @file The N-body benchmark: error of predicted positions against the number of systems to learn
 * from.
 */
import { noGrad } from "@isograd/autograd";
import { DataLoader, losses } from "@isograd/nn";
import { mean, reshape, rng, scope, sub, type Tensor } from "@isograd/tensor";
import { short } from "../../shared/statistics.js";
import { error, still } from "../../tour/models.js";
import { type Batch, firstOf, loader, simulateWorld, turned } from "../../tour/world.js";
import {
  type Benchmark,
  type Context,
  type Preset,
  type Report,
  type Results,
  resultsOf,
  type Step,
} from "../harness/benchmark.js";
import { lines } from "../harness/plots.js";
import { type Trained, train } from "../harness/train.js";
import {
  bestTime,
  EgnnMover,
  MlpMover,
  type Mover,
  PnitaMover,
  PonitaMover,
  SIZES,
} from "./models.js";

/** How many systems, and for how long each model may learn from so many of them. */
interface Plan {
  readonly train: readonly number[];
  readonly validation: number;
  readonly test: number;
  readonly batch: number;
  /** Steps of each model by the number of systems. */
  readonly steps: Readonly<Record<Learner, (samples: number) => number>>;
  readonly lr: Readonly<Record<Learner, number>>;
  /** Whether velocities and displacements are relative to the mean motion of the bodies. */
  readonly moving: boolean;
  /** Decay of the average of the weights (default: no average). */
  readonly ema?: number;
}

type Learner = "PONITA" | "PNITA" | "EGNN" | "MLP";
const LEARNERS: readonly Learner[] = ["PONITA", "MLP", "EGNN", "PNITA"];

const PLANS: Readonly<Record<Preset, Plan>> = {
  quick: {
    ...{ train: [40, 80], validation: 40, test: 40, batch: 20, moving: true, ema: 0.9 },
    steps: { PONITA: () => 20, PNITA: () => 20, EGNN: () => 20, MLP: () => 20 },
    lr: { PONITA: 5e-3, PNITA: 5e-3, EGNN: 5e-3, MLP: 1e-3 },
  },
  // Steps: enough for the validation error to stop falling, see the seconds in the results.
  small: {
    ...{ train: [100, 300, 1000, 3000], validation: 500, test: 2000, batch: 50 },
    ...{ moving: true, ema: 0.998 },
    steps: {
      PONITA: (n) => (n >= 1000 ? 4500 : 1500),
      PNITA: (n) => (n >= 1000 ? 10_000 : 4000),
      EGNN: (n) => (n >= 1000 ? 5000 : 2000),
      MLP: (n) => (n >= 1000 ? 20_000 : 10_000),
    },
    lr: { PONITA: 2e-3, PNITA: 2e-3, EGNN: 1e-3, MLP: 1e-3 },
  },
  // 10,000 epochs of batches of 100, as in arXiv 2310.02970, appendix.
  paper: {
    ...{ train: [3000], validation: 2000, test: 2000, batch: 100, moving: false },
    steps: {
      PONITA: (n) => 100 * n,
      PNITA: (n) => 100 * n,
      EGNN: (n) => 100 * n,
      MLP: (n) => 100 * n,
    },
    lr: { PONITA: 1e-3, PNITA: 1e-3, EGNN: 5e-4, MLP: 1e-3 },
  },
};

interface Result {
  readonly mse: number;
  readonly trained?: Trained;
}

function makeModel(name: Learner, preset: Preset): Mover {
  const [sizes, seed] = [SIZES[preset], `${name} 0`];
  if (name === "PONITA") return new PonitaMover(sizes, seed);
  if (name === "EGNN") return new EgnnMover(sizes, seed);
  if (name === "PNITA") return new PnitaMover(sizes, seed);
  return new MlpMover(sizes, 5, seed);
}

/**
 * The systems in the frame that moves with their mean velocity: the mean is subtracted from all
 * velocities, and its way in one unit of time from all displacements. The law of motion is the
 * same.
 */
function moving(batch: Batch): Batch {
  const { vectors, displacement } = batch;
  const drift = mean(vectors, { axis: 1, keepdims: true });
  const [systems = 0] = displacement.shape;
  const way = reshape(drift, [systems, 1, 3]);
  return { ...batch, vectors: sub(vectors, drift), displacement: sub(displacement, way) };
}

/** Mean squared error over a whole set. */
async function testError(predict: (batch: Batch) => Tensor, data: Batch): Promise<number> {
  let total = 0;
  for (const batch of new DataLoader(data, { batchSize: 200 })) {
    const [rows = 0] = batch.positions.shape;
    total +=
      rows * noGrad(() => scope(() => losses.mse(predict(batch), batch.displacement).item()));
  }
  const [systems = 0] = data.positions.shape;
  return total / systems;
}

async function learn(
  name: Learner,
  samples: number,
  preset: Preset,
  sets: Sets,
  context: Context,
): Promise<Result> {
  const plan = PLANS[preset];
  const model = makeModel(name, preset);
  const seen = (batch: Batch): Batch => (plan.moving ? moving(batch) : batch);
  const data = seen(firstOf(sets.train, samples));
  const random = rng(`turns ${name}`);
  const shuffle = rng(`shuffle ${name}`);
  const loss = (m: Mover, batch: Batch): Tensor => error(m.displacements(batch), batch);
  model.calibrate?.(firstOf(data, plan.batch));
  const steps = plan.steps[name](samples);
  const trained = await train<Mover, Batch>(
    {
      ...{ key: `${name} ${samples}`, model, steps, lr: plan.lr[name] },
      ...(plan.ema !== undefined && { ema: plan.ema }),
      loss: (m, batch) => loss(m, m.training ? turned(batch, random) : batch),
      data: loader(data, plan.batch, shuffle),
      validation: {
        data: new DataLoader(seen(sets.validation), { batchSize: 250 }),
        loss,
        every: Math.max(10, Math.round(steps / 40)),
      },
      generators: { turns: random },
    },
    context,
  );
  const mse = await testError((batch) => model.displacements(batch), seen(sets.test));
  model.dispose();
  return { mse, trained };
}

interface Sets {
  readonly train: Batch;
  readonly validation: Batch;
  readonly test: Batch;
}

function simulate({ train: sizes, validation, test }: Plan): Sets {
  const most = Math.max(...sizes);
  const world = simulateWorld({}, { train: most, test }, 0);
  const other = simulateWorld({}, { train: validation, test: 6 }, 1);
  return { train: world.train, validation: other.train, test: world.test };
}

function steps(preset: Preset): Step[] {
  const plan = PLANS[preset];
  let made: Sets | null = null;
  const sets = (): Sets => {
    made ??= simulate(plan);
    return made;
  };
  const simple: Step[] = [
    { key: "no motion", run: async () => ({ mse: await testError(still, sets().test) }) },
    {
      key: "linear",
      run: async () => {
        const t = bestTime(sets().train);
        const line = (b: Batch): Tensor => b.vectors.reshape(b.displacement.shape).mul(t);
        return { mse: await testError(line, sets().test), t };
      },
    },
  ];
  const learned = LEARNERS.flatMap((name) =>
    plan.train.toReversed().map((samples) => ({
      key: `${name} ${samples}`,
      run: (context: Context) => learn(name, samples, preset, sets(), context),
    })),
  );
  return [...simple, ...learned];
}

function report(results: Results): Report {
  const found = LEARNERS.map((name) => ({ name, runs: resultsOf<Result>(results, name) })).filter(
    ({ runs }) => runs.length > 0,
  );
  const counts = found.flatMap(({ runs }) => runs.map(([n]) => Number(n)));
  const sizes = [...new Set(counts)].sort((a, b) => a - b);
  const points = found.flatMap(({ name, runs }) =>
    runs.map(([n, { mse }]) => ({ name, x: Number(n), y: mse })).sort((a, b) => a.x - b.x),
  );
  const simple = ["no motion", "linear"].flatMap((name) =>
    resultsOf<Result>(results, name).map(([, { mse }]) => [
      name,
      "",
      ...sizes.map(() => short(mse)),
    ]),
  );
  const cell = (runs: [string, Result][], n: number, show: (r: Result) => string): string =>
    runs.filter(([size]) => Number(size) === n).map(([, r]) => show(r))[0] ?? "–";
  const parameters = (runs: [string, Result][]): string =>
    runs[0]?.[1].trained?.parameters.toLocaleString("en-US") ?? "";
  const head = ["", "parameters", ...sizes.map((n) => `${n} systems`)];
  return {
    tables: [
      {
        title: "Test error (MSE over coordinates) by number of systems to learn from",
        head,
        rows: [
          ...simple,
          ...found.map(({ name, runs }) => [
            name,
            parameters(runs),
            ...sizes.map((n) => cell(runs, n, ({ mse }) => short(mse))),
          ]),
        ],
      },
      {
        title: "Steps, and seconds of one processor",
        head: ["", ...sizes.map((n) => `${n} systems`)],
        rows: found.map(({ name, runs }) => [
          name,
          ...sizes.map((n) =>
            cell(runs, n, ({ trained }) => `${trained?.steps} in ${trained?.cpuSeconds} s`),
          ),
        ]),
      },
    ],
    figures: [
      {
        name: "samples",
        caption: "Test error against the number of systems to learn from.",
        svg: lines(
          points,
          { type: "log", label: "systems to learn from", ticks: sizes },
          { type: "log", label: "test error (MSE)" },
        ),
      },
    ],
  };
}

export const nbody: Benchmark = {
  name: "nbody",
  title: "N-body: where will charged bodies be?",
  lead:
    "Five bodies with charges ±1, one unit of time ahead. All models see each training system " +
    "turned at random; the weights are those that were best in validation.",
  compiled: true,
  steps,
  report,
};
