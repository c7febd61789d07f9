/**
 * @file Properties of molecules from their geometry: PONITA beside PNITA, the L1 loss on
 * standardised targets.
 */
import { grids, Pnita, Ponita, type Qm9Property, randomRotations } from "@isograd/equivariant";
import { evaluate } from "@isograd/nn";
import {
  abs,
  expandDims,
  matmul,
  mean,
  type Rng,
  reshape,
  rng,
  type Tensor,
  take,
} from "@isograd/tensor";
import { short } from "../../shared/statistics.js";
import type { Benchmark, Context, Preset, Report, Results, Step } from "../harness/benchmark.js";
import { lines } from "../harness/plots.js";
import { type Trained, train } from "../harness/train.js";
import {
  type Example,
  exampleOf,
  KINDS,
  type PropertyBatch,
  propertyLoader,
  readFolder,
  type Standard,
  split,
  standardOf,
} from "./data.js";
import { grownMolecules } from "./growth.js";

type NetworkName = "PONITA" | "PNITA";
const NAMES: readonly NetworkName[] = ["PONITA", "PNITA"];

interface Plan {
  readonly sets: readonly [train: number, validation: number, test: number];
  readonly properties: readonly Qm9Property[];
  readonly batch: number;
  readonly lr: number;
  readonly steps: Readonly<Record<NetworkName, number>>;
}

const PLANS: Readonly<Record<Preset, Plan>> = {
  quick: {
    ...{ sets: [20, 5, 10], properties: ["mu"], batch: 5, lr: 5e-3 },
    steps: { PONITA: 10, PNITA: 10 },
  },
  small: {
    ...{ sets: [1000, 200, 500], properties: ["mu"], batch: 25, lr: 2e-3 },
    steps: { PONITA: 6000, PNITA: 24_000 },
  },
  // 1000 epochs of batches of 96, as in arXiv 2310.02970, appendix.
  paper: {
    sets: [110_000, 10_000, 10_831],
    properties: ["mu", "alpha", "homo", "gap", "U0"],
    ...{ batch: 96, lr: 5e-4, steps: { PONITA: 1_145_000, PNITA: 1_145_000 } },
  },
};

const SIZES = {
  quick: { channels: 8, layers: 1, grid: grids.platonic("octahedron") },
  small: { channels: 32, layers: 3, grid: grids.platonic("octahedron") },
  paper: { channels: 256, layers: 9, grid: grids.fibonacci(16) },
} as const;

const UNITS: Partial<Readonly<Record<Qm9Property, string>>> = { mu: "D", alpha: "a₀³" };

interface Result {
  /** Mean absolute error on the test set, in the property's unit. */
  readonly error: number;
  /** Of the mean of the training set as prediction. */
  readonly simple: number;
  readonly deviation: number;
  readonly trained: Trained;
}

function makeNetwork(name: NetworkName, preset: Preset): Ponita | Pnita {
  const { grid, ...sizes } = SIZES[preset];
  const options = {
    ...{ inputs: { scalars: KINDS }, outputs: { scalars: 1 }, ...sizes },
    level: "graph",
    pooling: "mean",
    rng: rng(name),
  } as const;
  return name === "PONITA" ? new Ponita({ ...options, grid }) : new Pnita(options);
}

function l1(network: Ponita | Pnita, batch: PropertyBatch): Tensor {
  return mean(abs(reshape(network.forward(batch).scalars, [-1]).sub(batch.targets)));
}

/** Each molecule turned by a random rotation of its own. */
function turned(batch: PropertyBatch, random: Rng): PropertyBatch {
  const { positions, graph, graphs } = batch;
  const turns = take(randomRotations(random, graphs).mT, graph, { axis: 0 });
  return { ...batch, positions: reshape(matmul(expandDims(positions, 1), turns), positions.shape) };
}

async function study(
  name: NetworkName,
  property: Qm9Property,
  preset: Preset,
  examples: readonly Example[],
  context: Context,
): Promise<Result> {
  const { sets, batch, lr, steps } = PLANS[preset];
  const { train: seen, validation, test } = split(examples, ...sets);
  const standard: Standard = standardOf(seen, property);
  const network = makeNetwork(name, preset);
  const [first] = propertyLoader(seen, standard, batch);
  if (first !== undefined) network.calibrate(first);
  const random = rng("turns");
  const trained = await train<Ponita | Pnita, PropertyBatch>(
    {
      ...{ key: `${name} ${property}`, model: network, steps: steps[name], lr, ema: 0.99 },
      loss: (m, some) => l1(m, m.training ? turned(some, random) : some),
      data: propertyLoader(seen, standard, batch, rng("shuffle")),
      validation: {
        data: propertyLoader(validation, standard, 50),
        loss: l1,
        every: Math.max(5, Math.round(steps[name] / 20)),
      },
      generators: { turns: random },
    },
    context,
  );
  const { error } = await evaluate(network, propertyLoader(test, standard, 50), { error: l1 });
  const apart = test.map((e) => Math.abs(e.properties[property] - standard.mean));
  return {
    error: error * standard.deviation,
    simple: apart.reduce((a, b) => a + b, 0) / apart.length,
    deviation: standard.deviation,
    trained,
  };
}

function steps(preset: Preset): Step[] {
  const { sets, properties } = PLANS[preset];
  let read: Example[] | null = null;
  const examples = (folder: string | null): Example[] => {
    const count = sets[0] + sets[1] + sets[2];
    read ??= folder === null ? grownMolecules(count, "own").map(exampleOf) : readFolder(folder);
    return read;
  };
  return properties.flatMap((property) =>
    NAMES.map((name) => ({
      key: `${name} ${property}`,
      run: (context: Context) => study(name, property, preset, examples(context.data), context),
    })),
  );
}

function report(results: Results): Report {
  const found = Object.entries(results).map(([key, result]) => {
    const [name, property] = key.split(" ") as [NetworkName, Qm9Property];
    return { name, property, ...(result as Result) };
  });
  const row = (r: (typeof found)[number]): string[] => [
    `${r.name}, ${r.property} (${UNITS[r.property] ?? "Ha"})`,
    short(r.error),
    short(r.error / r.deviation),
    short(r.simple),
    r.trained.parameters.toLocaleString("en-US"),
    r.trained.steps.toLocaleString("en-US"),
    String(r.trained.cpuSeconds),
  ];
  return {
    tables: [
      {
        title: "Mean absolute errors on the test set",
        head: [
          ...["", "error", "in standard deviations", "always the mean"],
          ...["parameters", "steps", "CPU seconds"],
        ],
        rows: found.map(row),
      },
    ],
    figures: [
      {
        name: "learning",
        caption: "Training loss (L1 on standardised targets), means of equal parts of the run.",
        svg: lines(
          found.flatMap(({ name, property, trained: { curve, steps: last } }) =>
            curve.map((p) => ({ name: `${name} ${property}`, x: p.step / last, y: p.loss })),
          ),
          { label: "part of the run" },
          { type: "log", label: "training loss" },
          false,
        ),
      },
    ],
  };
}

export const properties: Benchmark = {
  name: "properties",
  title: "Properties of molecules",
  lead:
    "Files in QM9's format. Without a folder of data (--data), molecules are random and their " +
    "properties follow simple formulas: such figures say nothing about chemistry.",
  compiled: false,
  steps,
  report,
};
