/** @file `npm run bench -- --ponita`: a training step of PONITA in parts, beside PyTorch, and how it grows. */
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
/** Ops whose parts are shown; the others are added up. */
const SHOWN = 8;
/** The losses agree to this: both compute in float32, in another order. */
const SAME = 1e-4;

/** GFLOP/s of a product of 768×768 matrices: what the step could reach at best. */
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
    const share = `${((100 * ms) / total).toFixed(0)} %`;
    console.log(
      `  ${op.padEnd(16)} ${String(calls).padStart(5)} calls ${ms.toFixed(1).padStart(8)} ms ${share.padStart(5)}  ${rate}`,
    );
  }
  console.log(`  all with watching ${total.toFixed(0)} ms, without ${step.toFixed(0)} ms\n`);
}

function beside(torch: TorchRun, own: number, loss: number): void {
  const [first] = torch.losses as [number];
  if (Math.abs(first - loss) > SAME * Math.abs(loss)) {
    throw new Error(`the losses differ: ${loss} here, ${first} in PyTorch`);
  }
  const theirs = Math.min(...torch.ms);
  console.log(
    `PyTorch ${torch.version}, one thread: ${theirs.toFixed(0)} ms; ours is ${(own / theirs).toFixed(2)}× its time; loss ${loss.toPrecision(6)} and ${first.toPrecision(6)}\n`,
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
  // PyTorch goes in the middle, so that neither has the quieter half of the run for itself.
  const early = fastest(step.run, ROUNDS);
  const torch = python === null ? null : torchSteps(python, step, ROUNDS + 1);
  const ms = Math.min(early, fastest(step.run, ROUNDS));
  const parts = profile(step.run, 2);
  step.free();
  const peak = matmulPeak();
  const flops = parts.reduce((sum, part) => sum + part.flops, 0);
  const rate = flops / ms / 1e6;
  const { systems, bodies, orientations, channels, basis, layers } = PAPER;
  console.log(
    `PONITA, ${systems} systems of ${bodies}, O ${orientations}, C ${channels}, B ${basis}, L ${layers}: ${step.parameters} parameters\n` +
      `training step ${ms.toFixed(0)} ms; ${(flops / 1e9).toFixed(1)} GFLOP in products of matrices (the formulas count ${((6 * multiplyAdds(PAPER)) / 1e9).toFixed(1)})\n` +
      `${rate.toFixed(1)} GFLOP/s over the whole step, ${((100 * rate) / peak).toFixed(0)} % of matmul's ${peak.toFixed(1)}\n`,
  );
  showParts(parts, ms);
  if (torch === null) console.log("no Python with PyTorch is here: nothing to compare with\n");
  else beside(torch, ms, loss);
  const spaces = costsOfSpaces(ROUNDS, ({ space, orientations: O, kernel, ms: time }: Cost) =>
    console.log(
      `  one layer on ${space.padEnd(6)} O ${String(O).padStart(2)}, kernel ${kernel.padEnd(20)} ${time.toFixed(1).padStart(8)} ms`,
    ),
  );
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
