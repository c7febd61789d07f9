/** @file The world of random programs: variables, a model with state, and how each step runs. */
import {
  checkpoint,
  customVjp,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  linearize,
  noGrad,
  requiresGrad,
  stopGradient,
  valueAndGrad,
  vjp,
  vmap,
} from "@isograd/autograd";
import {
  keep,
  maximum,
  ones,
  type Rng,
  rng,
  scope,
  stack,
  Tensor,
  tensor,
  where,
  zeros,
} from "@isograd/tensor";
import { nodeOf, unscoped } from "@isograd/tensor/engine";
import { BatchNorm, Dropout, GRU, LayerNorm, Linear, Module } from "../../src/index.js";
import type { Kind, Step } from "./program.js";

const double = { dtype: "float64" } as const;

/** Layers with parameters, buffers and generators. */
export class Model extends Module {
  readonly generator: Rng;
  readonly dropout: Dropout;
  readonly linear: Linear;
  readonly norm = new BatchNorm(1, double);
  readonly rows = new LayerNorm(2, double);
  readonly gru: GRU;

  constructor(generator: Rng) {
    super();
    this.generator = generator;
    const random = generator;
    this.linear = new Linear(2, 2, { rng: random, ...double });
    this.gru = new GRU(1, 1, { rng: random, ...double });
    this.dropout = new Dropout(0.5, { rng: random });
  }

  layer(pick: number, x: Tensor): Tensor {
    const which = pick % 5;
    if (which === 0) return this.linear.forward(x.reshape([1, 2])).reshape([2]);
    if (which === 1) return this.norm.forward(x.reshape([2, 1])).reshape([2]);
    if (which === 2) return this.rows.forward(x);
    if (which === 3) return this.dropout.forward(x);
    const { output, h } = this.gru.forward(x.reshape([1, 2, 1]));
    return output.reshape([2]).add(h.sum());
  }
}

export interface World {
  readonly model: Model;
  /** A leaf of `backward()` that is not in the model. */
  readonly weight: Tensor;
  readonly captured: Tensor;
  /** Whether `checkpoint` has an effect: without it the numbers must be the same. */
  readonly checkpoints: boolean;
}

export function makeWorld(checkpoints: boolean): World {
  const random = rng(7);
  return {
    model: new Model(random),
    weight: requiresGrad(tensor([0.5, -0.25], double)),
    captured: tensor([0.75, -1.5], double),
    checkpoints,
  };
}

/** Resets the state of all layers. */
export function reset({ model }: World): void {
  model.generator.restore(rng(8).state());
  scope(() => {
    model.norm.running_mean.value = zeros([1], double);
    model.norm.running_var.value = ones([1], double);
    model.norm.num_batches_tracked.value = tensor(0, { dtype: "int32" });
  });
}

/** Running statistics and the states of generators, for comparisons. */
export function stateOf({ model }: World): unknown {
  const buffers = [...model.namedBuffers().values()].map(({ value }) => value.toArray());
  return [buffers, model.generator.state()];
}

type Run = (step: Step, variables: readonly Tensor[]) => Tensor;
type Doing = (world: World, step: Step, variables: readonly Tensor[], run: Run) => Tensor;
type Body = (x: Tensor) => Tensor;

/** Runs a program on its variables. */
export function runProgram(world: World, program: Step, variables: readonly Tensor[]): Tensor {
  const run: Run = (step, known) => doings[step.kind](world, step, known, run);
  return run(program, variables);
}

const at = (list: readonly Tensor[], i: number): Tensor => list[i % list.length] as Tensor;
const part = (step: Step, i: number): Step => step.parts[i] as Step;

const functions: readonly Body[] = [
  (x) => x.tanh(),
  (x) => x.sin(),
  (x) => x.square(),
  (x) => x.mul(0.5),
  (x) => x.sum().add(x),
  (x) => x.max().mul(x),
  (x) => x.sigmoid().add(1),
  (x) => x.softmax(),
];

const pairs: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  (a, b) => a.add(b),
  (a, b) => a.mul(b),
  (a, b) => a.sub(b),
  (a, b) => maximum(a, b),
  (a, b) => where(a.greater(0), a, b),
  (a, b) =>
    a
      .reshape([2, 1])
      .matmul(b.reshape([1, 2]))
      .sum({ axis: 0 }),
];

const views: readonly Body[] = [
  (x) => x.reshape([2, 1]).reshape([2]),
  (x) => x.reshape([1, 2]).mT.reshape([2]),
  (x) => x.slice([[0, 2]]),
  (x) => x.alias(true),
  (x) => x,
];

/** The body of a transform as a function, and the point where it is evaluated. */
function opened(step: Step, variables: readonly Tensor[], run: Run): { f: Body; x: Tensor } {
  const f: Body = (x) => run(part(step, 0), [...variables, x]);
  return { f, x: run(part(step, 1), variables) };
}

function freed<R>(resource: { dispose(): void }, use: () => R): R {
  try {
    return use();
  } finally {
    resource.dispose();
  }
}

/** Copies an argument as `checkpoint` does, which throws for disposed tensors. */
const same = (x: Tensor): Tensor => (x instanceof Tensor ? x.alias(true) : x);

const total = (x: Tensor): Tensor => x.sum();

const plain: Record<Exclude<Kind, keyof typeof transforms>, Doing> = {
  variable: (_, { pick }, variables) => at(variables, pick),
  constant: (_, { pick }) => tensor([pick / 8, 0.5 - pick / 4], double),
  captured: ({ captured }) => captured,
  weight: ({ weight }) => weight,
  unary: (_, s, v, run) => (functions[s.pick % functions.length] as Body)(run(part(s, 0), v)),
  view: (_, s, v, run) => (views[s.pick % views.length] as Body)(run(part(s, 0), v)),
  read: (_, s, v, run) => {
    const x = run(part(s, 0), v);
    return x.mul(Number.isFinite(x.dataSync()[0]) ? 0.5 : 2);
  },
  stop: (_, s, v, run) => stopGradient(run(part(s, 0), v)),
  noGrad: (_, s, v, run) => noGrad(() => run(part(s, 0), v)),
  scope: (_, s, v, run) => scope(() => run(part(s, 0), v)),
  unscoped: (_, s, v, run) => {
    const x = unscoped(() => scope(() => scope(() => run(part(s, 0), v).add(1))));
    return freed(x, () => x.mul(2));
  },
  disposeOperand: (_, s, v, run) => {
    const x = run(part(s, 0), v).add(0);
    x.dispose();
    return s.pick % 2 === 0 ? x : at(v, s.pick).add(x);
  },
  disposeVariable: ({ weight, captured }, s, v, run) => {
    const x = run(part(s, 0), v);
    const which = at(v, s.pick);
    if (which !== weight && which !== captured) which.dispose();
    return x;
  },
  custom: (_, s, v, run) =>
    customVjp(
      (x: Tensor) => x.sin(),
      ({ args: [x] }, g) => [g.mul(x.cos())],
    )(run(part(s, 0), v)),
  layer: ({ model }, s, v, run) => model.layer(s.pick, run(part(s, 0), v)),
  keep: (_, s, v, run) => keep(run(part(s, 0), v)),
  binary: (_, s, v, run) => {
    const f = pairs[s.pick % pairs.length] as (a: Tensor, b: Tensor) => Tensor;
    return f(run(part(s, 0), v), run(part(s, 1), v));
  },
  early: (_, s, v, run) => {
    const x = run(part(s, 0), v);
    if (s.pick % 3 !== 0) return x;
    return x.add(run(part(s, 1), v));
  },
  let: (_, s, v, run) => run(part(s, 1), [...v, run(part(s, 0), v)]),
  freed: (_, s, v, run) => {
    const found: Tensor[] = [];
    scope(() => {
      found.push(run(part(s, 0), v).add(0)); // the scope frees it: later uses throw
    });
    return s.pick % 3 === 0 ? at(found, 0).add(1) : run(part(s, 1), v);
  },
  throw: () => {
    throw new Error("thrown by the program");
  },
  nothing: () => undefined as unknown as Tensor,
  promise: () => {
    const late: unknown = Promise.resolve(null);
    return late as Tensor;
  },
};

const transforms = {
  grad: (_, s, v, run) => {
    const { f, x } = opened(s, v, run);
    return grad((y: Tensor) => total(f(y)))(x);
  },
  gradOfTree: (_, s, v, run) => {
    const { f, x } = opened(s, v, run);
    const g = grad((p: { a: Tensor; b: Tensor[] }) => total(f(p.a).mul(p.b[0] as Tensor)));
    const { a, b } = g({ a: x, b: [at(v, s.pick)] });
    return a.add(b[0] as Tensor);
  },
  gradOfModule: ({ model }, s, v, run) => {
    const { f, x } = opened(s, v, run);
    const slopes = grad((m: Model) => total(f(m.layer(s.pick, x))))(model);
    return Object.values(slopes)
      .reduce((sum, g) => sum.add(g.sum()), tensor(0, double))
      .add(x);
  },
  valueAndAux: ({ model, captured }, s, v, run) => {
    const { f, x } = opened(s, v, run);
    const withAux = (y: Tensor): [Tensor, unknown] => {
      const z = f(y);
      return [total(z), [z, { y, captured, known: at(v, s.pick) }, model, [z.mul(2)]][s.pick % 4]];
    };
    const [[loss, aux], g] = valueAndGrad(withAux, { hasAux: true })(x);
    const more = s.pick % 4 === 0 ? (aux as Tensor) : loss;
    return g.add(loss).add(more);
  },
  vjp: (_, s, v, run) => {
    const { f, x } = opened(s, v, run);
    const back = vjp(f, x);
    return freed(back, () => {
      const first = back.pull(at(v, s.pick));
      return s.pick % 2 === 0 ? first : first.add(back.pull(back.value));
    });
  },
  linearize: (_, s, v, run) => {
    const { f, x } = opened(s, v, run);
    const map = linearize(f, x);
    return freed(map, () => map.push(at(v, s.pick)).add(map.value));
  },
  jvp: (_, s, v, run) => {
    const { f, x } = opened(s, v, run);
    const [value, tangent] = jvp(f, x, at(v, s.pick));
    return value.add(tangent);
  },
  jacobian: (_, s, v, run) => {
    const { f, x } = opened(s, v, run);
    const mode = s.pick % 2 === 0 ? "reverse" : "forward";
    return jacobian(f, { mode })(x).sum({ axis: 0 });
  },
  hessian: (_, s, v, run) => {
    const { f, x } = opened(s, v, run);
    return hessian((y: Tensor) => total(f(y)))(x).sum({ axis: 0 });
  },
  hvp: (_, s, v, run) => {
    const { f, x } = opened(s, v, run);
    return hvp((y: Tensor) => total(f(y)), x, at(v, s.pick));
  },
  vmap: (_, s, v, run) => {
    const { f, x } = opened(s, v, run);
    const samples = stack([x, at(v, s.pick), x]);
    return vmap(f, { outAxes: s.pick % 2 })(samples).sum({ axis: s.pick % 2 });
  },
  // a checkpointed function gets its tensors as arguments
  checkpoint: ({ checkpoints }, s, v, run) => {
    const body = (...known: Tensor[]) => run(part(s, 0), known);
    const known = [...v, run(part(s, 1), v)];
    return checkpoints ? checkpoint(body)(...known) : body(...known.map(same));
  },
  checkpointOfModule: ({ model, checkpoints }, s, v, run) => {
    const block = (m: Model, x: Tensor, ...known: Tensor[]) =>
      run(part(s, 0), [...known, m.layer(s.pick, x)]);
    const x = run(part(s, 1), v);
    return checkpoints ? checkpoint(block)(model, x, ...v) : block(model, same(x), ...v.map(same));
  },
  backward: ({ model, weight }, s, v, run) => {
    const { f, x } = opened(s, v, run);
    try {
      total(f(x.mul(weight))).backward();
      const found = weight.grad;
      return found === null ? x : found.mul(1);
    } finally {
      for (const p of model.parameters()) p.zeroGrad();
      (nodeOf(weight) as { grad: Tensor | null }).grad?.dispose();
      (nodeOf(weight) as { grad: Tensor | null }).grad = null;
    }
  },
} satisfies Record<string, Doing>;

const doings: Record<Kind, Doing> = { ...plain, ...transforms };
