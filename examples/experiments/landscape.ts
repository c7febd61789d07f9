/**
 * @file The training loss around what a method found, in two random directions as long as the
 * solution itself.
 */
import { noGrad } from "@isograd/autograd";
import { rng, scope, type Tensor } from "@isograd/tensor";
import { howOf, type Lab } from "./lab.js";
import { nameOf, type Study } from "./methods.js";
import { forget, train } from "./run.js";
import { rows } from "./samples.js";

/** Places along each direction. */
const GRID = 30;
/** Training examples of the loss. */
const EXAMPLES = 128;

/**
 * Loss at `θ* + ‖θ*‖ (a u + b v)` for a, b from −1 to 1, with u and v random directions of length 1
 * in all trained numbers of the method (the head stays).
 */
export async function landscape(lab: Lab, study: Study, lr: number, grid = GRID): Promise<void> {
  const { task, base, results, teller } = lab;
  const name = nameOf(study);
  if (results.landscapes[name] !== undefined) return;
  teller.phase(`${task.name}: the landscape of ${name}`);
  const done = await train(task, base, study, { lr, seed: 0, ...howOf(lab) });
  const { adapter } = done;
  const count = task.train(0);
  const batch = rows(
    count,
    Array.from({ length: EXAMPLES }, (_, i) => i),
  );
  const found = Object.entries(adapter.trainable()).filter(([key]) => key.startsWith("trained."));
  const solution = found.map(([, x]) => x);
  const size = norm(solution);
  const direction = (which: "u" | "v"): Tensor[] => {
    const random = rng(`landscape ${which}`);
    const raw = solution.map((x) => random.normal(x.shape));
    return raw.map((x) => x.mul(size / norm(raw)));
  };
  const [u, v] = [direction("u"), direction("v")];
  const places = Array.from({ length: grid }, (_, i) => -1 + (2 * i) / (grid - 1));
  const lossAt = (a: number, b: number): number =>
    noGrad(() =>
      scope(() => {
        const moved = found.map(([key, x], i) => {
          const [p, q] = [u[i] as Tensor, v[i] as Tensor];
          return [key, x.add(p.mul(a)).add(q.mul(b))] as const;
        });
        const weights = Object.fromEntries(moved);
        return adapter.runWith(weights, (model) => task.loss(model, batch)).item();
      }),
    );
  const loss = places.map((b) => places.map((a) => Number(lossAt(a, b).toPrecision(5))));
  results.landscapes[name] = { method: study.method, d: study.d, places, loss };
  forget(done);
  lab.save();
}

function norm(parts: readonly Tensor[]): number {
  return scope(() => Math.sqrt(parts.reduce((sum, x) => sum + x.square().sum().item(), 0)));
}
