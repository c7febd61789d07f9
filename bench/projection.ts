/**
 * @file `npm run bench -- --projection`: GPart's map for 10⁷ weights beside a copy of as many
 * floats, in turns.
 */
import { noGrad } from "@isograd/autograd";
import { gpart, partition, project, projectTranspose } from "@isograd/gpart";
import { Module, Parameter } from "@isograd/nn";
import { add, init, rng, scope, type Tensor } from "@isograd/tensor";

const N = 1e7;
const ROUNDS = 30;
/** What takes longer than this, in ms, is measured in the first rounds only. */
const SLOW = 100;
const FEW = 4;

/** Nothing but weights. */
class Weights extends Module {
  readonly weight = new Parameter(rng(1).normal([N]));
}

type Work = Readonly<Record<string, () => unknown>>;

function work(d: number): Work {
  const [from, to] = [new Float32Array(N).fill(1), new Float32Array(N)];
  const model = new Weights();
  const adapter = gpart(model, { d, seed: 1, targetModules: ["weight"] });
  const theta = rng(2).normal([d]);
  for (const own of Object.values(adapter.trained)) own.value = theta;
  const w = model.weight.own;
  const kept = partition({ n: N, d, seed: 1 });
  const regenerated = partition({ n: N, d, seed: 1, indices: "regenerated" });
  const alone = (fn: () => Tensor | object) => () => scope(() => void noGrad(fn));
  return {
    "copy, Float32Array.set": () => to.set(from),
    "copy, an op (w + 0)": alone(() => add(w, 0)),
    "P θ": alone(() => project(kept, theta)),
    "W0 + P θ, as an adapter": alone(() => adapter.weights()),
    "Pᵀ w": alone(() => projectTranspose(kept, w)),
    "P θ, indices regenerated": alone(() => project(regenerated, theta)),
  };
}

/** Milliseconds of a call: of the process on all cores, or by the clock, whichever is less. */
function timed(fn: () => unknown): number {
  const [start, used] = [performance.now(), process.cpuUsage()];
  fn();
  const clock = performance.now() - start;
  const { user, system } = process.cpuUsage(used);
  return Math.min(clock, (user + system) / 1000);
}

/** The best of several rounds for each. */
function measure(rows: Work): Map<string, number> {
  const best = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, fn] of Object.entries(rows)) {
      const before = best.get(name) ?? Number.POSITIVE_INFINITY;
      if (round >= FEW && before > SLOW) continue;
      best.set(name, Math.min(before, timed(fn)));
    }
  }
  return best;
}

/** Prints milliseconds and the ratio to the op that copies. */
export async function projection(): Promise<void> {
  const { threads: all } = await init();
  for (const threads of [...new Set([1, all])]) {
    await init({ threads });
    for (const d of [23_040, 100_000]) {
      const best = measure(work(d));
      const copy = best.get("copy, an op (w + 0)") ?? Number.NaN;
      console.log(`N = 10⁷, d = ${d}, threads: ${threads} (ms, best of ${ROUNDS}; to the copy)`);
      for (const [name, ms] of best) {
        console.log(
          `  ${name.padEnd(28)} ${ms.toFixed(1).padStart(7)}  ${(ms / copy).toFixed(2)}×`,
        );
      }
    }
  }
}
