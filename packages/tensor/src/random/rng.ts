/** @file Seeded random tensors: explicit generators, the same bits for a seed on every platform. */
import { makeArray, type TypedArray } from "../base/dtype.js";
import { ShapeError, UsageError } from "../base/errors.js";
import { given, noMore } from "../base/options.js";
import { checkList, checkShape, type Shape } from "../base/shape.js";
import { currentTracer } from "../core/context.js";
import { roomFor, type TensorOptions } from "../core/creation.js";
import type { Tensor } from "../core/tensor.js";
import { checkSizes, checkSpan, floats, wholes } from "./checks.js";
import { Joint } from "./families/joint.js";
import { choose, fillBernoulli, fillIntegers, fillNormal, fillUniform } from "./fill.js";
import { checkState, mix, type RandomState, stateOf } from "./seed.js";
import { made } from "./source.js";

/** Options of other libraries, and ours. */
const THEIRS = new Map([
  ["loc", ["mean"]],
  ["scale", ["std"]],
  ["minval", ["low"]],
  ["maxval", ["high"]],
]);
const PLACE = "dtype device";

/**
 * A random number generator: xoroshiro128+ (Blackman & Vigna 2018) from pure-rand. Every draw moves
 * it on; nothing is shared between generators. Make one with `rng(seed)`.
 */
export class Rng extends Joint {
  constructor(state: RandomState, options?: TensorOptions, ...surplus: []) {
    noMore("Rng", surplus);
    super(state, given("rng", options, PLACE));
  }

  /** A generator that goes on where the one that gave this `state()` stood. */
  static fromState(state: readonly number[], options?: TensorOptions): Rng {
    return new Rng(checkState(state), options);
  }

  /**
   * A new generator whose numbers are independent of this one's; `split(n)` gives n of them.
   * Splitting moves this generator on by four draws for each.
   *
   * @example
   * const [weights, noise] = rng(7).split(2);
   */
  split(): Rng;
  split(n: number): Rng[];
  split(n?: number, ...surplus: []): Rng | Rng[] {
    noMore("split", surplus);
    if (n === undefined) {
      currentTracer()?.refuse("split", "a generator");
      const words = [0, 1, 2, 3].map(() => this.bits.next());
      return new Rng(mix([2, ...words]), this.place);
    }
    checkShape("split", [n]);
    if (n > 2 ** 20) {
      throw new UsageError("split", `${n} generators`, "2²⁰ at most at a time");
    }
    return Array.from({ length: n }, () => this.split());
  }

  /**
   * Normal numbers of the given mean and standard deviation, by Marsaglia's polar method. float32
   * draws are the float64 draws of the same generator, rounded.
   *
   * @throws DTypeError for int32 and bool.
   * @example
   * rng(0).normal([2, 3]).shape; // [2,3]
   */
  normal(
    shape: Shape | number,
    options?: TensorOptions & {
      readonly mean?: number | undefined;
      readonly std?: number | undefined;
    },
    ...surplus: []
  ): Tensor {
    const {
      mean = 0,
      std = 1,
      ...where
    } = given("normal", options, "mean# std# dtype device", THEIRS);
    noMore("normal", surplus);
    return made(this, "normal", shape, floats("normal", where, this.place), (out) =>
      fillNormal(this.bits, out, mean, std),
    );
  }

  /**
   * Numbers uniform in [low, high); default: [0, 1).
   *
   * @throws DTypeError for int32 and bool; UsageError unless low ≤ high.
   * @example
   * rng(0).uniform([100], { low: -1 }).max().item() < 1; // true
   */
  uniform(
    shape: Shape | number,
    options?: TensorOptions & {
      readonly low?: number | undefined;
      readonly high?: number | undefined;
    },
    ...surplus: []
  ): Tensor {
    const {
      low = 0,
      high = 1,
      ...where
    } = given("uniform", options, "low# high# dtype device", THEIRS);
    noMore("uniform", surplus);
    if (!(low <= high) || !Number.isFinite(high - low)) {
      throw new UsageError(
        "uniform",
        `low must not exceed high: got low ${low}, high ${high}`,
        "give finite numbers, the smaller as low",
      );
    }
    return made(this, "uniform", shape, floats("uniform", where, this.place), (out) =>
      fillUniform(this.bits, out, low, high),
    );
  }

  /**
   * Whole numbers in [low, high), each equally likely; int32.
   *
   * @throws UsageError unless low < high and both are 32-bit integers; DTypeError for bool.
   * @example
   * rng(0).integers([3], { high: 1 }).toString(); // Tensor(int32, [3]) [0, 0, 0]
   */
  integers(
    shape: Shape | number,
    options: TensorOptions & { readonly low?: number | undefined; readonly high: number },
    ...surplus: []
  ): Tensor {
    const {
      low = 0,
      high = Number.NaN,
      ...where
    } = given("integers", options, "high# low# dtype device", THEIRS);
    noMore("integers", surplus);
    if (low !== (low | 0) || high - 1 !== ((high - 1) | 0)) {
      throw new UsageError(
        "integers",
        `bounds are 32-bit integers: got low ${low}, high ${high}`,
        "give whole numbers from −2³¹ to 2³¹",
      );
    }
    checkSpan("integers", high - low);
    return made(this, "integers", shape, wholes("integers", where, this.place), (out) =>
      fillIntegers(this.bits, out, low, high - low),
    );
  }

  /**
   * True with probability `p` (default: one half); bool, or zeros and ones of another dtype.
   *
   * @throws UsageError unless 0 ≤ p ≤ 1.
   * @example
   * rng(0).bernoulli([2], { p: 1 }).toString(); // Tensor(bool, [2]) [true, true]
   */
  bernoulli(
    shape: Shape | number,
    options?: TensorOptions & { readonly p?: number | undefined },
    ...surplus: []
  ): Tensor {
    const {
      p = 0.5,
      dtype = "bool",
      device = this.place.device,
    } = given("bernoulli", options, "p# dtype device");
    noMore("bernoulli", surplus);
    if (!(p >= 0 && p <= 1)) {
      throw new UsageError(
        "bernoulli",
        `p is a probability between 0 and 1: got ${p}`,
        "p is the share of ones",
      );
    }
    return made(this, "bernoulli", shape, { dtype, device }, (out) =>
      fillBernoulli(this.bits, out, p),
    );
  }

  /**
   * The numbers 0 … n − 1 in random order, each order equally likely; int32, shape [n].
   *
   * @example
   * rng(0).permutation(3).sum().item(); // 3
   */
  permutation(n: number, options?: TensorOptions, ...surplus: []): Tensor {
    noMore("permutation", surplus);
    return this.#choose("permutation", n, n, given("permutation", options, PLACE));
  }

  /**
   * `k` different numbers of 0 … n − 1 in random order; with `replace`, k numbers that may repeat.
   *
   * @throws ShapeError when k > n without replacement, or n = 0 < k.
   * @example
   * rng(0).choice(5, 5).sum().item(); // 10
   */
  choice(
    n: number,
    k: number,
    options?: TensorOptions & { readonly replace?: boolean | undefined },
    ...surplus: []
  ): Tensor {
    const { replace, ...where } = given("choice", options, "replace? dtype device");
    noMore("choice", surplus);
    checkSizes("choice", n, k);
    if (k > n && (replace !== true || n === 0)) {
      throw new ShapeError("choice", `cannot take ${k} of ${n}`, "replace: true allows repeats");
    }
    if (replace === true && k > 0) return this.integers([k], { ...where, high: n });
    return this.#choose("choice", n, k, where);
  }

  #choose(op: string, n: number, k: number, options: TensorOptions): Tensor {
    checkSizes(op, n, k);
    return made(this, op, k, wholes(op, options, this.place), (out) => this.#order(op, out, n));
  }

  /** Different numbers of 0 … n − 1: without a list of all where that takes longer. */
  #order(op: string, out: TypedArray, n: number): void {
    const few = out.length <= 2 ** 20 && 16 * out.length < n;
    const moved: Record<number, number> = few ? {} : makeArray("int32", roomFor(op, [n], "int32"));
    if (!few) for (let i = 0; i < n; i++) moved[i] = i;
    choose(this.bits, out, n, moved);
  }

  /** The items in random order, in a new array; each order equally likely. */
  shuffle<T>(items: readonly T[], ...surplus: []): T[] {
    noMore("shuffle", surplus);
    checkList("shuffle", "the items", items);
    currentTracer()?.refuse("shuffle", "an order");
    const order = makeArray("int32", items.length);
    this.#order("shuffle", order, items.length);
    return Array.from(order, (i) => items[i] as T);
  }
}

/**
 * A random number generator from a seed: the same seed gives the same bits on every platform, and
 * seeds that differ in anything give unrelated streams. `options` say where and, for floats, as
 * what its tensors are made.
 *
 * @throws UsageError when the seed is neither a number nor a string.
 * @example
 * const random = rng(42);
 * random.normal([2, 3]).shape; // [2,3]
 */
export function rng(seed: number | string, options?: TensorOptions, ...surplus: []): Rng {
  noMore("rng", surplus);
  return new Rng(stateOf(seed), options);
}
