/**
 * @file Fastfood: a dense random projection made of Hadamard transforms, in O(N log d) time and
 * O(N) memory.
 */
import { type Module, Parameter } from "@isograd/nn";
import {
  concat,
  type DType,
  matmul,
  mul,
  pad,
  type Rng,
  reshape,
  rng,
  rsqrt,
  scope,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  takeAlongAxis,
  tensor,
  zeros,
} from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { Adapter } from "../adapters/adapter.js";
import { countWeights, findTargets, firstOf, type Target } from "../adapters/targets.js";
import { type Loader, readNumbers, readSeed } from "./loader.js";
import {
  type AdapterOptions,
  checkCount,
  constant,
  cutTo,
  type Method,
  seedField,
} from "./method.js";
import { ADAPTER, checkModel, synonyms } from "./options.js";

/** What {@link fastfood} takes. */
export interface FastfoodOptions extends AdapterOptions {
  /** Number of trained numbers. */
  readonly d: number;
}

/**
 * Adapts a model along nearly random directions: `W = W0 + Pθ`, with all targets joined to one
 * vector and cut into blocks of L = 2^⌈log₂ d⌉ weights, `(Pθ)_block = H G Π H S θ̃ / √(N Σ g²)`.
 * Here θ̃ is θ padded with zeros, H the Walsh–Hadamard matrix of ±1, S random signs, Π a random
 * permutation, and G = diag(g) Gaussian. On average every weight moves equally far. Lengths are
 * preserved only in expectation. θ starts at 0.
 *
 * Source: Le, Sarlós & Smola 2013, as arXiv 1804.08838 uses it.
 *
 * @throws UsageError when d is out of range.
 * @example
 * const adapter = fastfood(new MLP([4, 8, 2], { rng: rng(0) }), { d: 5 });
 * adapter.parameterCount; // 5
 */
export function fastfood<M extends Module>(model: M, asked: FastfoodOptions): Adapter<M> {
  checkModel("fastfood", model);
  const options = given("fastfood", asked, `d# ${ADAPTER}` as const, synonyms);
  checkCount("fastfood", "d", options.d);
  const targets = findTargets(model, options);
  return new Adapter({ model, targets, make: () => fastfoodMethod(targets, options), options });
}

const THETA = "base_model.fastfood_theta_d";

/** Loads a saved Fastfood adapter. */
export const fastfoodLoader: Loader = {
  make(model, options, fields) {
    const own = readNumbers(fields, { d: "d" });
    return fastfood(model, { ...options, ...own, seed: readSeed(fields, "seed") });
  },
  *trained(_, fields) {
    yield [THETA, [readNumbers(fields, { d: "d" }).d]];
  },
  sizes: [[THETA, "d"]],
};

/** The random parts of all blocks, each [blocks, L]. */
interface Parts {
  readonly signs: Tensor;
  readonly permutation: Tensor;
  readonly gauss: Tensor;
}

function fastfoodMethod(targets: readonly Target[], { d, seed = 0 }: FastfoodOptions): Method {
  const { dtype, device } = firstOf(targets);
  const n = countWeights(targets);
  const like = { dtype, device };
  const drawn = drawParts(rng(`fastfood ${seed}`), d, n, like);
  const frozen = {
    signs: constant(drawn.signs),
    permutation: constant(drawn.permutation),
    gauss: constant(drawn.gauss),
  };
  const theta = new Parameter(zeros([d], like));
  const minusDelta = (): Tensor[] =>
    scope(() => {
      const { signs, permutation, gauss } = frozen;
      const parts = { signs: signs.value, permutation: permutation.value, gauss: gauss.value };
      return cutTo(spreadOut(sub(0, theta.value), parts, n), targets);
    });
  return {
    name: "FASTFOOD",
    addition: "linear",
    trained: { theta },
    frozen,
    minusDelta,
    config: { d, seed: seedField(seed) },
    fileName: () => THETA,
  };
}

function drawParts(
  random: Rng,
  d: number,
  n: number,
  { dtype, device }: { readonly dtype: DType; readonly device: string },
): Parts {
  const length = 2 ** Math.ceil(Math.log2(d));
  const blocks = Math.ceil(n / length);
  const shape = [blocks, length];
  return scope(() => ({
    signs: sub(mul(random.bernoulli(shape, { dtype, device }), 2), 1),
    permutation: reshape(
      concat(Array.from({ length: blocks }, () => random.permutation(length, { device }))),
      shape,
    ),
    gauss: random.normal(shape, { dtype, device }),
  }));
}

/** P θ, shape [n]. */
function spreadOut(theta: Tensor, { signs, permutation, gauss }: Parts, n: number): Tensor {
  const [blocks = 0, length = 0] = signs.shape;
  const padded = pad(theta, [[0, length - theta.size]]);
  const mixed = takeAlongAxis(hadamard(mul(signs, padded)), permutation, { axis: 1 });
  const norms = rsqrt(mul(sum(square(gauss), { axis: 1, keepdims: true }), n));
  const spread = mul(hadamard(mul(mixed, gauss)), norms);
  return slice(reshape(spread, [blocks * length]), [[0, n]]);
}

/**
 * Rows [k, L] times H [L, L], L a power of 2. Since H = H₁ ⊗ H₂, each row becomes a matrix X, and
 * the result is H₁ X H₂.
 */
function hadamard(rows: Tensor): Tensor {
  const [count = 0, length = 0] = rows.shape;
  const bits = Math.round(Math.log2(length));
  const [low, high] = [2 ** Math.floor(bits / 2), 2 ** Math.ceil(bits / 2)];
  const squares = reshape(rows, [count, high, low]);
  const left = matmul(signMatrix(high, rows), squares);
  return reshape(matmul(left, signMatrix(low, rows)), [count, length]);
}

/** The Walsh–Hadamard matrix: (−1)^s, s the number of bits that are 1 in both i and j. */
function signMatrix(size: number, { dtype, device }: Tensor): Tensor {
  const values = Float64Array.from({ length: size * size }, (_, k) => {
    let shared = Math.floor(k / size) & (k % size);
    let sign = 1;
    for (; shared !== 0; shared &= shared - 1) sign = -sign;
    return sign;
  });
  return tensor(values, { shape: [size, size], dtype, device });
}
