/**
 * @file Letters from superpixels in fonts that were never seen, upright and turned: R²×S¹ against
 * R².
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { evaluate } from "@isograd/nn";
import { type Rng, rng } from "@isograd/tensor";
import type { Benchmark, Context, Preset, Report, Results, Step } from "../harness/benchmark.js";
import { HERE } from "../harness/files.js";
import { lines } from "../harness/plots.js";
import { type Trained, train } from "../harness/train.js";
import {
  batchOf,
  type LetterBatch,
  type LetterOptions,
  type Letters,
  lettersLoader,
  loadLetters,
} from "./data.js";
import { LetterModel, letterErrors, letterLoss, NETWORKS, type NetworkName } from "./model.js";

interface Plan extends LetterOptions {
  readonly batch: number;
  readonly lr: number;
  readonly steps: Readonly<Record<NetworkName, number>>;
}

const PLANS: Readonly<Record<Preset, Plan>> = {
  quick: {
    ...{ neighbours: 4, limits: { train: 40, test: 20 }, validation: 10, batch: 10, lr: 5e-3 },
    steps: { "R²×S¹": 8, "R²": 8, "R² with coordinates": 8 },
  },
  small: {
    ...{ neighbours: 6, limits: { train: 9999, test: 1000 }, validation: 260, batch: 16, lr: 5e-3 },
    steps: { "R²×S¹": 12_000, "R²": 12_000, "R² with coordinates": 12_000 },
  },
  // 50 epochs, as in arXiv 2310.02970, appendix.
  paper: {
    ...{ neighbours: 8, validation: 260, batch: 96, lr: 1e-3 },
    steps: { "R²×S¹": 3500, "R²": 3500, "R² with coordinates": 3500 },
  },
};

/** Angles in degrees by which the test set is turned; null is a random one for each letter. */
const ANGLES = [0, 15, 30, 45, 90, 180, null] as const;

interface Result {
  /** Part of the test letters that are named wrongly, by angle. */
  readonly errors: readonly { readonly angle: number | null; readonly error: number }[];
  readonly validation: number;
  readonly trained: Trained;
}

export const SUPERPIXELS = join(HERE, "superpixels", "data", "superpixels.npz");

async function study(
  name: NetworkName,
  preset: Preset,
  letters: Letters,
  context: Context,
): Promise<Result> {
  const { batch, lr, steps: all } = PLANS[preset];
  const steps = all[name];
  const model = new LetterModel(name, preset);
  model.calibrate(batchOf(letters.train.slice(0, batch)));
  const validation = lettersLoader(letters.validation, 52);
  const trained = await train<LetterModel, LetterBatch>(
    {
      ...{ key: name, model, steps, lr, ema: 0.99, loss: letterLoss, checkpointEvery: 100 },
      data: lettersLoader(letters.train, batch, { shuffle: rng(`shuffle ${name}`) }),
      validation: { data: validation, every: Math.max(4, Math.round(steps / 15)) },
    },
    context,
  );
  const errorOf = async (data: Iterable<LetterBatch>): Promise<number> =>
    (await evaluate(model, data, { error: letterErrors })).error;
  const errors = [];
  for (const angle of ANGLES) {
    const turn = angle === null ? randomAngle(rng("angles")) : () => (angle * Math.PI) / 180;
    errors.push({ angle, error: await errorOf(lettersLoader(letters.test, 52, { turn })) });
  }
  return { errors, validation: await errorOf(validation), trained };
}

function randomAngle(random: Rng): () => number {
  return () => 2 * Math.PI * random.next();
}

function steps(preset: Preset): Step[] {
  let read: Letters | null = null;
  return NETWORKS.map((name) => ({
    key: name,
    run: (context) => {
      read ??= loadLetters(readFileSync(context.data ?? SUPERPIXELS), PLANS[preset]);
      return study(name, preset, read, context);
    },
  }));
}

function report(results: Results): Report {
  const found = Object.entries(results).map(([name, result]) => ({ name, ...(result as Result) }));
  const percent = (x: number): string => `${(100 * x).toFixed(1)}\u00a0%`;
  const title = (angle: number | null): string => (angle === null ? "random angles" : `${angle}°`);
  return {
    tables: [
      {
        title: "Letters named wrongly, fonts unseen in training, by the angle of the test letters",
        head: ["trained on upright letters", ...ANGLES.map(title)],
        rows: found.map(({ name, errors }) => [name, ...errors.map(({ error }) => percent(error))]),
      },
      {
        title: "Sizes and times",
        head: ["", "parameters", "steps", "CPU seconds", "error on fonts that were seen"],
        rows: found.map(({ name, trained, validation }) => [
          name,
          trained.parameters.toLocaleString("en-US"),
          trained.steps.toLocaleString("en-US"),
          String(trained.cpuSeconds),
          percent(validation),
        ]),
      },
    ],
    figures: [
      {
        name: "angles",
        caption: "Part of the letters named wrongly, by the angle of the test letters.",
        svg: lines(
          found.flatMap(({ name, errors }) =>
            errors.flatMap(({ angle, error }) =>
              angle === null ? [] : [{ name, x: angle, y: 100 * error }],
            ),
          ),
          { label: "degrees", ticks: ANGLES.filter((a) => a !== null) },
          { label: "error, %", domain: [0, 100] },
        ),
      },
    ],
  };
}

export const superpixels: Benchmark = {
  name: "superpixels",
  title: "Letters from superpixels, in the plane",
  lead:
    "Graphs of about 73 superpixels, 26 letters, whole families of fonts kept for the test. " +
    "Training letters are upright: a network's space decides how well it reads turned ones.",
  compiled: false,
  steps,
  report,
};
