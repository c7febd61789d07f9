/** @file Some of the steps in jax-js, compiled by its `jit`. */
import { blockUntilReady, grad, jit, nn, numpy as np, tree, valueAndGrad, vmap } from "@jax-js/jax";
import type { Contender } from "../harness/contender.js";
import { floats } from "../harness/inputs.js";
import { ofJax, toJax } from "../libraries/jax.js";

const finishes = {
  none: (x: np.Array) => x,
  tanh: (x: np.Array) => np.tanh(x),
  gelu: (x: np.Array) => nn.gelu(x, { approximate: false }),
} as const;

export function jaxChain(finish: keyof typeof finishes): Contender {
  const inputs = [1, 2, 3].map((seed) => floats([1_000_000], seed));
  const work = (x: np.Array, y: np.Array, z: np.Array) => finishes[finish](x.mul(y).add(z));
  return ofJax(inputs, work as Parameters<typeof ofJax>[1], true);
}

function weights(sizes: readonly number[]): np.Array[] {
  return sizes.slice(1).flatMap((n, i) => {
    const from = sizes[i] as number;
    return [toJax(floats([from, n], 3 + i, 1 / Math.sqrt(from))), toJax(floats([n], 13 + i))];
  });
}

function network(p: readonly np.Array[], x: np.Array): np.Array {
  let h = x;
  for (let i = 0; i < p.length; i += 2) {
    const z = np.matmul(h, p[i] as np.Array).add(p[i + 1] as np.Array);
    h = i + 2 < p.length ? np.tanh(z) : z;
  }
  return h;
}

type Jittable = Parameters<typeof jit>[0];
type Compiled = ((...xs: unknown[]) => np.Array) & { dispose(): void };

/** Runs a function of parameters and data, compiled; results are freed. */
function contender(f: Jittable, params: readonly np.Array[], data: readonly np.Array[]): Contender {
  const compiled = jit(f) as unknown as Compiled; // its type is that of every function
  const once = () =>
    compiled(
      params.map((p) => p.ref),
      ...data.map((x) => x.ref),
    );
  return {
    async run() {
      const result = once();
      await blockUntilReady(result);
      tree.dispose(result);
    },
    values: () => [],
    free() {
      tree.dispose([...params, ...data]);
      compiled.dispose();
    },
  };
}

export function jaxPerSample(): Contender {
  const loss = (p: np.Array[], x: np.Array, y: np.Array) =>
    np.mean(np.square(network(p, x).sub(y)));
  const each = vmap(grad(loss) as never, [null, 0, 0] as never);
  const data = [toJax(floats([64, 1, 784], 1)), toJax(floats([64, 1, 10], 2))];
  return contender(each as unknown as Jittable, weights([784, 32, 10]), data);
}

/** The residual of the heat equation as in Isograd, without the step of Adam. */
export function jaxPinn(): Contender {
  const loss = (p: np.Array[], x: np.Array, t: np.Array) => {
    const own = () => p.map((w) => w.ref);
    const u = (a: np.Array, b: np.Array) => network(own(), np.concatenate([a, b], 1)).sum();
    const ux = (a: np.Array) => grad((q: np.Array) => u(q, t.ref))(a).sum();
    const uxx = grad(ux)(x.ref);
    const ut = grad((q: np.Array) => u(x.ref, q))(t.ref);
    const found = np.mean(np.square((ut as np.Array).sub(uxx as np.Array)));
    tree.dispose([p, x, t]);
    return found;
  };
  const data = [toJax(floats([256, 1], 1)), toJax(floats([256, 1], 2))];
  const slopes = valueAndGrad(loss as never) as unknown as Jittable;
  return contender(slopes, weights([2, 32, 32, 1]), data);
}
