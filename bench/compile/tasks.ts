/** @file The steps that are timed op by op and compiled: what people run in loops. */
import { grad, valueAndGrad, vmap } from "@isograd/autograd";
import { grids, Pnita, Ponita } from "@isograd/equivariant";
import { adam, GRU, losses, MLP, MultiHeadAttention, sgd } from "@isograd/nn";
import {
  add,
  concat,
  matmul,
  mean,
  type Rng,
  rng,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
} from "@isograd/tensor";
import type { Contender, Row } from "../harness/contender.js";
import { mlpRow } from "../rows/mlp.js";
import { ponitaTraining } from "../rows/ponita.js";
import { isogradTraining } from "../rows/training/isograd.js";
import { task } from "../rows/training/task.js";
import { trainingRow } from "../rows/training.js";
import { jaxChain, jaxPerSample, jaxPinn } from "./jax.js";

/** A function, what it is called with, and the state that it reads and writes. */
export interface Step {
  readonly f: (...xs: Tensor[]) => unknown;
  readonly inputs: readonly Tensor[];
  readonly state?: unknown;
}

/** One line of the table, with the gain that it should have at least when warm. */
export interface Task {
  readonly name: string;
  readonly goal: number;
  readonly make: () => Step | Promise<Step>;
  /** The same work in jax-js, by its `jit`. */
  readonly jax?: () => Contender | Promise<Contender>;
}

function chain(finish: (x: Tensor) => Tensor): Step {
  const random = rng(1);
  const inputs = [1, 2, 3].map(() => random.normal([1_000_000]));
  return { f: (x, y, z) => finish((x as Tensor).mul(y as Tensor).add(z as Tensor)), inputs };
}

function network(p: readonly Tensor[], x: Tensor): Tensor {
  let h = x;
  for (let i = 0; i < p.length; i += 2) {
    const z = add(matmul(h, p[i] as Tensor), p[i + 1] as Tensor);
    h = i + 2 < p.length ? tanh(z) : z;
  }
  return h;
}

function weights(random: Rng, sizes: readonly number[]): Tensor[] {
  return sizes.slice(1).flatMap((n, i) => {
    const from = sizes[i] as number;
    return [random.normal([from, n], { std: 1 / Math.sqrt(from) }), random.normal([n])];
  });
}

function small(): Step {
  const random = rng(1);
  const [x, y] = [random.normal([8, 2]), random.normal([8, 1])];
  const slopes = valueAndGrad((p: Tensor[]) => mean(square(sub(network(p, x), y))));
  return { f: (...p) => slopes(p), inputs: weights(random, [2, 16, 16, 1]) };
}

function classifier(): Step {
  const { step, state } = isogradTraining(task());
  return { f: step, inputs: [], state };
}

/** Energies and forces of ten poses of ethanol, the loss on both, and its gradient. */
function energies(make: (options: object) => Ponita | Pnita): () => Step {
  return () => {
    const random = rng(1);
    const scalars = random.normal([9, 3]).broadcastTo([10, 9, 3]).mul(1);
    const model = make({
      inputs: { scalars: 3 },
      outputs: { scalars: 1 },
      level: "graph",
      channels: 32,
      layers: 3,
      rng: random,
    });
    const loss = (m: typeof model, positions: Tensor, energy: Tensor, forces: Tensor): Tensor => {
      const total = (p: Tensor) => sum(m.forward({ positions: p, scalars }).scalars);
      const slope = grad(total)(positions);
      const own = m.forward({ positions, scalars }).scalars.reshape([10]);
      return losses.mse(own, energy).add(losses.mse(slope.neg(), forces));
    };
    const slopes = valueAndGrad(loss);
    return {
      f: (p, e, q) => slopes(model, p as Tensor, e as Tensor, q as Tensor),
      inputs: [random.normal([10, 9, 3]), random.normal([10]), random.normal([10, 9, 3])],
      state: model,
    };
  };
}

async function tour(): Promise<Step> {
  const { step, state } = await ponitaTraining("cpu");
  return { f: step, inputs: [], state };
}

/** u, u_x and u_xx of a network at 256 points: a residual of the heat equation. */
function pinn(): Step {
  const random = rng(1);
  const model = new MLP([2, 32, 32, 1], { activation: "tanh", rng: random });
  const optimizer = adam(model, { lr: 1e-3 });
  const loss = (m: MLP, x: Tensor, t: Tensor): Tensor => {
    const u = (a: Tensor, b: Tensor) => m.forward(concat([a, b], { axis: 1 }));
    const ux = (a: Tensor) => grad((p: Tensor) => sum(u(p, t)))(a);
    const uxx = grad((p: Tensor) => sum(ux(p)))(x);
    const ut = grad((p: Tensor) => sum(u(x, p)))(t);
    return mean(square(sub(ut, uxx)));
  };
  const slopes = valueAndGrad(loss);
  return {
    f: (x, t) => {
      const [value, grads] = slopes(model, x as Tensor, t as Tensor);
      optimizer.step(grads);
      return value;
    },
    inputs: [random.uniform([256, 1]), random.uniform([256, 1])],
    state: [model, optimizer],
  };
}

/** Model-agnostic meta-learning: the gradient through five steps on ten points. */
function maml(): Step {
  const random = rng(1);
  const [x, y] = [random.normal([10, 2]), random.normal([10, 1])];
  const loss = (p: Tensor[]) => mean(square(sub(network(p, x), y)));
  const adapted = (p: Tensor[]): Tensor => {
    let own = p;
    for (let i = 0; i < 5; i++) {
      const slopes = grad(loss)(own);
      own = own.map((w, k) => w.sub((slopes[k] as Tensor).mul(0.01)));
    }
    return loss(own);
  };
  const slopes = valueAndGrad(adapted);
  return { f: (...p) => slopes(p), inputs: weights(random, [2, 40, 40, 1]) };
}

/** The gradient of each of 64 samples. */
function perSample(): Step {
  const random = rng(1);
  const loss = (p: Tensor[], x: Tensor, y: Tensor) => mean(square(sub(network(p, x), y)));
  const each = vmap(grad(loss), { inAxes: [null, 0, 0] });
  const inputs = weights(random, [784, 32, 10]);
  const data = [random.normal([64, 1, 784]), random.normal([64, 1, 10])];
  return {
    f: (x, y, ...p) => each(p, x as Tensor, y as Tensor),
    inputs: [...data, ...inputs],
  };
}

function recurrent(): Step {
  const random = rng(1);
  const model = new GRU(64, 64, { rng: random });
  const optimizer = sgd(model, { lr: 0.01 });
  const slopes = valueAndGrad((m: GRU, x: Tensor) => mean(square(m.forward(x).output)));
  return {
    f: (x) => {
      const [value, grads] = slopes(model, x as Tensor);
      optimizer.step(grads);
      return value;
    },
    inputs: [random.normal([8, 32, 64])],
    state: [model, optimizer],
  };
}

/** Self-attention over 64 places of 64 channels: value, gradients, a step of Adam. */
function attention(): Step {
  const random = rng(1);
  const model = new MultiHeadAttention(64, 4, { rng: random });
  const optimizer = adam(model, { lr: 1e-3 });
  const slopes = valueAndGrad((m: MultiHeadAttention, x: Tensor) => mean(square(m.forward(x))));
  return {
    f: (x) => {
      const [value, grads] = slopes(model, x as Tensor);
      optimizer.step(grads);
      return value;
    },
    inputs: [random.normal([8, 64, 64])],
    state: [model, optimizer],
  };
}

/** The contender that a row of the other benchmark has for the jit of jax-js. */
function jitOf(row: Row): Pick<Task, "jax"> {
  const jax = row.contenders["jax-js jit"];
  return jax === undefined ? {} : { jax };
}

export const tasks: readonly Task[] = [
  { name: "value and gradient, MLP 2-16-16-1", goal: 4, make: small, ...jitOf(mlpRow) },
  { name: "training step 784-256-128-10", goal: 1.2, make: classifier, ...jitOf(trainingRow) },
  {
    name: "x·y + z 1e6",
    goal: 1.7,
    make: () => chain((x) => x),
    jax: () => jaxChain("none"),
  },
  {
    name: "tanh(x·y + z) 1e6",
    goal: 1.2,
    make: () => chain((x) => x.tanh()),
    jax: () => jaxChain("tanh"),
  },
  {
    name: "gelu(x·y + z) 1e6",
    goal: 1.2,
    make: () => chain((x) => x.gelu()),
    jax: () => jaxChain("gelu"),
  },
  {
    name: "energies and forces, PNITA, batch 10",
    goal: 2.2,
    make: energies((options) => new Pnita(options as ConstructorParameters<typeof Pnita>[0])),
  },
  {
    name: "energies and forces, PONITA, batch 10",
    goal: 1.3,
    make: energies((options) => {
      const own = options as ConstructorParameters<typeof Pnita>[0];
      return new Ponita({ ...own, grid: grids.platonic("cube") });
    }),
  },
  { name: "PONITA training step, C 32, L 3, O 8", goal: 1.2, make: tour },
  { name: "PINN step, 2-32-32-1, 256 points", goal: 2, make: pinn, jax: jaxPinn },
  { name: "MAML, 2-40-40-1, 5 inner steps", goal: 1.5, make: maml },
  { name: "gradients of 64 samples, 784-32-10", goal: 1.5, make: perSample, jax: jaxPerSample },
  { name: "GRU step, 64 → 64, 32 steps, batch 8", goal: 1.5, make: recurrent },
  { name: "attention step, 8 × 64 × 64, 4 heads", goal: 1.1, make: attention },
];
