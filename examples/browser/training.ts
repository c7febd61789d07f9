/**
 * @file PONITA learning the motion of charged bodies, on any device. Knows no page and no worker.
 */
import { noGrad } from "@isograd/autograd";
import type { Ponita } from "@isograd/equivariant";
import { adam, DataLoader, fit } from "@isograd/nn";
import { dispose, init, rng, scope, setDefaultDevice } from "@isograd/tensor";
import { startGpu, stopGpu } from "@isograd/tensor/gpu";
import { error, makePonita, ponitaPredicts, still, straight } from "../tour/models.js";
import { type Batch, firstOf, loader, simulateWorld, turned, type World } from "../tour/world.js";
import type { FromWorker, Place, Settings, Shown } from "./messages.js";

/** Steps between two tests. */
const TEST_EVERY = 25;
/** Steps between two readings on a GPU: each reading waits for the GPU. */
const READ_EVERY = 5;

/** Where a run reports to, and how it is paused. */
export interface Host {
  tell(message: FromWorker): void;
  /** Waits while the run is paused. */
  gate(): Promise<void>;
}

/** Makes the device of that place the default, and gives its name. */
async function startPlace(place: Place): Promise<string> {
  await stopGpu();
  if (place === "cpu") await init();
  else await startGpu({ mode: place });
  return place === "cpu" ? "cpu" : "gpu";
}

async function moved(batch: Batch, device: string): Promise<Batch> {
  return {
    positions: await batch.positions.to(device),
    scalars: await batch.scalars.to(device),
    vectors: await batch.vectors.to(device),
    edges: await batch.edges.to(device),
    displacement: await batch.displacement.to(device),
  };
}

/** The first systems of the test set, as predicted now. */
async function show(model: Ponita, few: Batch, paths: readonly Float32Array[][]): Promise<Shown[]> {
  const predicted = noGrad(() => scope(() => ponitaPredicts(model, few).add(few.positions)));
  const [now, charges] = await Promise.all([predicted.data(), few.scalars.data()]);
  dispose(predicted);
  const [, bodies = 0] = few.positions.shape;
  return paths.map((path, k) => ({
    charges: Float32Array.from(charges.slice(k * bodies, (k + 1) * bodies)),
    path,
    predicted: Float32Array.from(now.slice(3 * k * bodies, 3 * (k + 1) * bodies)),
  }));
}

/** Paths [k, frames, n, 3] as lists of frames. */
function framesOf({ paths }: World): Float32Array[][] {
  const [k = 0, frames = 0, n = 0] = paths.shape;
  const all = Float32Array.from(paths.dataSync());
  const at = (i: number, f: number) =>
    all.slice(3 * n * (i * frames + f), 3 * n * (i * frames + f + 1));
  return Array.from({ length: k }, (_, i) => Array.from({ length: frames }, (_, f) => at(i, f)));
}

/** Simulates, then trains for as long as the worker lives, and reports on the way. */
export async function train(settings: Settings, { tell, gate }: Host): Promise<void> {
  setDefaultDevice("cpu");
  tell({ kind: "stage", text: `simulating ${settings.train + settings.test} systems …` });
  const sizes = { train: settings.train, test: settings.test };
  const world = simulateWorld({}, sizes, settings.seed);
  const model = makePonita(settings.seed);
  const [sample] = new DataLoader(world.train, { batchSize: settings.batch });
  if (sample !== undefined) model.calibrate(sample);
  tell({
    kind: "begun",
    still: scope(() => error(still(world.test), world.test).item()),
    straight: scope(() => error(straight(world.test), world.test).item()),
  });
  tell({ kind: "stage", text: "starting the device …" });
  const device = await startPlace(settings.place);
  await model.to(device);
  setDefaultDevice(device);
  const [data, test] = [await moved(world.train, device), await moved(world.test, device)];
  const paths = framesOf(world);
  const few = firstOf(test, paths.length);
  const random = rng(`turns ${settings.seed}`);
  let begin = { step: 0, at: performance.now() };
  await fit({
    model,
    loss: (m: Ponita, batch: Batch) => {
      const seen = turned(batch, random);
      return error(ponitaPredicts(m, seen), seen);
    },
    optimizer: adam(model, { lr: 2e-3 }),
    data: loader(data, settings.batch, rng(`shuffle ${settings.seed}`)),
    maxSteps: Number.MAX_SAFE_INTEGER,
    schedule: (step) => Math.min(1, (step + 1) / 30) / (1 + step / 2000),
    clipNorm: 0.5,
    validation: {
      data: [test],
      loss: (m: Ponita, batch: Batch) => error(ponitaPredicts(m, batch), batch),
      every: TEST_EVERY,
    },
    restoreBest: false,
    readEvery: device === "cpu" ? 1 : READ_EVERY,
    progress: false,
    onStep: async ({ step, loss }) => {
      const now = performance.now();
      const stepsPerSecond = (1000 * (step - begin.step)) / (now - begin.at);
      tell({ kind: "step", step, loss, stepsPerSecond });
      if (now - begin.at > 4000) begin = { step, at: now };
      await gate();
    },
    onValidation: async ({ step, valLoss }) => {
      const shown = await show(model, few, paths);
      tell({ kind: "tested", step, error: valLoss ?? Number.NaN, shown });
    },
  });
}
