/**
 * @file The training step in jax-js: one function of parameters and state, compiled as a whole with
 * jit.
 */
import { blockUntilReady, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { toJax } from "../../libraries/jax.js";
import { ADAM, type Task, type Training } from "./task.js";

function loss(p: np.Array[], x: np.Array, y: np.Array): np.Array {
  let h = x;
  for (let i = 0; i < p.length; i += 2) {
    const z = np.matmul(h, p[i] as np.Array).add(p[i + 1] as np.Array);
    h = i + 2 < p.length ? nn.relu(z) : z;
  }
  return np.mean(nn.logSoftmax(h).mul(y).sum(-1)).neg();
}

/** Parameters, first and second moments. */
type State = [np.Array[], np.Array[], np.Array[]];

// m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  p ← p − lr · m·c₁ / (√(v·c₂) + ε)
function step(
  [params, first, second]: State,
  x: np.Array,
  y: np.Array,
  c1: np.Array,
  c2: np.Array,
): [np.Array, State] {
  const { lr, beta1, beta2, eps } = ADAM;
  const [value, grads] = valueAndGrad(loss)(
    params.map((p) => p.ref),
    x,
    y,
  );
  const next: State = [[], [], []];
  params.forEach((p, i) => {
    const g = grads[i] as np.Array;
    const m = (first[i] as np.Array).mul(beta1).add(g.ref.mul(1 - beta1));
    const v = (second[i] as np.Array).mul(beta2).add(np.square(g).mul(1 - beta2));
    const scale = np.sqrt(v.ref.mul(c2.ref)).add(eps);
    next[0].push(p.sub(m.ref.mul(c1.ref).mul(lr).div(scale)));
    next[1].push(m);
    next[2].push(v);
  });
  c1.dispose();
  c2.dispose();
  return [value, next];
}

export function jaxTraining(task: Task, jitted: boolean): Training<Promise<number>> {
  const [x, y] = [toJax(task.x), toJax(task.y)];
  const start = task.weights.map(toJax);
  const zeros = () => start.map((p) => np.zeros(p.shape));
  let state: State = [start, zeros(), zeros()];
  const compiled = jitted ? jit(step) : null;
  let count = 0;
  return {
    async step() {
      count++;
      const c1 = np.array(1 / (1 - ADAM.beta1 ** count));
      const c2 = np.array(1 / (1 - ADAM.beta2 ** count));
      const [value, next] = (compiled ?? step)(state, x.ref, y.ref, c1, c2);
      state = next;
      await blockUntilReady([value, state]);
      return value.item();
    },
    free() {
      tree.dispose([x, y, state]);
      compiled?.dispose();
    },
  };
}
