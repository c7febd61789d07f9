/**
 * @file `npm run bench -- --ponita`: a training step of PONITA, op by op, next to PyTorch; how it
 * grows.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { init, matmul, rng, scope } from "@isograd/tensor";
import { machine, versions } from "../harness/machine.js";
import { fastest, type Growth, growth, growthPlot } from "./growth.js";
import { type Part, profile } from "./profile.js";
import { type Cost, costsOfSpaces } from "./spaces.js";
import { multiplyAdds, PAPER, ponitaStep } from "./step.js";
import { pythonWithTorch, type TorchRun, torchSteps } from "./torch.js";

const ROUNDS = 5;
/** Ops that get a line of their own; the others are added up. */
const SHOWN = 8;
/** Largest relative difference of the losses: both use float32, but add in different orders. */
const SAME = 1e-4;

/** GFLOP/s of a product of 768×768 matrices: the best that the step could reach. */
function matmulPeak(): number {
  const n = 768;
  const x = rng(0).normal([n, n]);
  const ms = fastest(() => scope(() => void matmul(x, x)), 10);
  return (2 * n ** 3) / ms / 1e6;
}

function showParts(parts: readonly Part[], step: number): void {
  const total = parts.reduce((sum, part) => sum + part.ms, 0);
  const rest = parts.slice(SHOWN);
  const others: Part = {
    op: `${rest.length} others`,
    calls: rest.reduce((sum, part) => sum + part.calls, 0),
    ms: rest.reduce((sum, part) => sum + part.ms, 0),
    flops: 0,
  };
  for (const { op, calls, ms, flops } of [...parts.slice(0, SHOWN), others]) {
    const rate = flops > 0 ? `${(flops / ms / 1e6).toFixed(1)} GFLOP/s` : "";
    const share = `${((100 * ms) / total).toFixed(0)} %`.padStart(5);
    const [count, time] = [String(calls).padStart(5), ms.toFixed(1).padStart(8)];
    console.log(`  ${op.padEnd(16)} ${count} calls ${time} ms ${share}  ${rate}`);
  }
  console.log(`  all ops ${total.toFixed(0)} ms, the step unobserved ${step.toFixed(0)} ms\n`);
}

function beside(torch: TorchRun, own: number, loss: number): void {
  const [first = Number.NaN] = torch.losses;
  if (!(Math.abs(first - loss) <= SAME * Math.abs(loss))) {
    throw new Error(`the losses differ: ${loss} here, ${first} in PyTorch`);
  }
  const theirs = Math.min(...torch.ms);
  const [ours, its] = [loss, first].map((x) => x.toPrecision(6));
  console.log(
    `PyTorch ${torch.version}, one thread: ${theirs.toFixed(0)} ms; ` +
      `ours is ${(own / theirs).toFixed(2)}× its time; loss ${ours} and ${its}\n`,
  );
}

/** The step's size, time and speed. */
function tellStep(step: Readonly<Record<"parameters" | "ms" | "flops" | "rate" | "peak", number>>) {
  const { parameters, ms, flops, rate, peak } = step;
  const { systems, bodies, orientations: O, channels: C, basis: B, layers: L } = PAPER;
  const [done, formulas] = [flops, 6 * multiplyAdds(PAPER)].map((x) => (x / 1e9).toFixed(1));
  console.log(
    `PONITA, ${systems} systems of ${bodies}, O ${O}, C ${C}, B ${B}, L ${L}: ` +
      `${parameters} parameters\n` +
      `training step ${ms.toFixed(0)} ms; ${done} GFLOP in products of matrices ` +
      `(the formulas count ${formulas})\n` +
      `${rate.toFixed(1)} GFLOP/s over the whole step, ` +
      `${((100 * rate) / peak).toFixed(0)} % of matmul's ${peak.toFixed(1)}\n`,
  );
}

/** Measures, prints, and writes `file` with the picture beside it. */
export async function ponita(file: string): Promise<void> {
  await init({ threads: 1 });
  const about = { machine: machine(), versions: versions() };
  console.log(`${about.machine.cpu}, one thread, load ${about.machine.load}\n`);
  const step = ponitaStep(PAPER);
  const loss = step.loss();
  const python = pythonWithTorch();
  // PyTorch runs in the middle, so that neither library gets a quieter half of the run.
  const early = fastest(step.run, ROUNDS);
  const torch = python === null ? null : torchSteps(python, step, ROUNDS + 1);
  const ms = Math.min(early, fastest(step.run, ROUNDS));
  const parts = profile(step.run, 2);
  step.free();
  const peak = matmulPeak();
  const flops = parts.reduce((sum, part) => sum + part.flops, 0);
  const rate = flops / ms / 1e6;
  tellStep({ parameters: step.parameters, ms, flops, rate, peak });
  showParts(parts, ms);
  if (torch === null) console.log("no Python with PyTorch found: nothing to compare with\n");
  else beside(torch, ms, loss);
  const spaces = costsOfSpaces(ROUNDS, ({ space, orientations, kernel, ms: time }: Cost) => {
    const [O, taken] = [String(orientations).padStart(2), time.toFixed(1).padStart(8)];
    console.log(
      `  one layer on ${space.padEnd(6)} O ${O}, kernel ${kernel.padEnd(20)} ${taken} ms`,
    );
  });
  console.log();
  const points = growth(ROUNDS, ({ sweep, value, ms: time }: Growth) =>
    console.log(
      `  ${sweep.padEnd(16)} ${String(value).padStart(4)} ${time.toFixed(1).padStart(9)} ms`,
    ),
  );
  mkdirSync(dirname(file), { recursive: true });
  const date = new Date().toISOString();
  const text = {
    date,
    ...about,
    sizes: PAPER,
    ms,
    flops,
    peak,
    parts,
    torch,
    spaces,
    growth: points,
  };
  writeFileSync(file, `${JSON.stringify(text, null, 2)}\n`);
  writeFileSync(file.replace(/\.json$/, ".svg"), `${growthPlot(points)}\n`);
  console.log(`\nwritten: ${file}`);
}
