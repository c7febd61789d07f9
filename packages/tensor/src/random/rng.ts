/** @file Seeded random tensors: explicit generators, the same bits for a seed on every platform. */
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import {
  checkDType,
  checkNumber,
  type DType,
  isFloat,
  makeArray,
  type TypedArray,
} from "../base/dtype.js";
import { DTypeError, ShapeError, UsageError } from "../base/errors.js";
import { given, noMore, shown } from "../base/options.js";
import { Changes } from "../base/past.js";
import { checkList, checkShape, type Shape } from "../base/shape.js";
import { currentTracer } from "../core/context.js";
import type { TensorOptions } from "../core/creation.js";
import { fromTypedArray, roomFor } from "../core/creation.js";
import { getDevice } from "../core/registry.js";
import type { Tensor } from "../core/tensor.js";

import {
  type Bits,
  below,
  choose,
  fillBernoulli,
  fillIntegers,
  fillNormal,
  fillUniform,
  unit,
} from "./fill.js";
import { checkState, mix, type RandomState, stateOf } from "./seed.js";

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
export class Rng {
  #source: ReturnType<typeof xoroshiro128plusFromState>;
  readonly #options: TensorOptions;
  readonly #changes = new Changes(() => {
    const before = this.state();
    const put = () => {
      this.#source = xoroshiro128plusFromState(before);
    };
    return { put, free() {} };
  });

  constructor(state: RandomState, options?: TensorOptions, ...surplus: []) {
    noMore("Rng", surplus);
    this.#source = xoroshiro128plusFromState(checkState(state));
    this.#options = { ...given("rng", options, PLACE) };
    if (options?.dtype !== undefined) checkDType("rng", options.dtype);
    if (options?.device !== undefined) getDevice(options.device, "rng");
  }

  /** A generator that goes on where the one that gave this `state()` stood. */
  static fromState(state: readonly number[], options?: TensorOptions): Rng {
    return new Rng(checkState(state), options);
  }

  /** Four integers that say where the generator stands: plain JSON, for checkpoints. */
  state(...surplus: []): RandomState {
    noMore("state", surplus);
    return checkState(this.#source.getState());
  }

  /**
   * Goes on where the generator that gave this `state()` stood.
   *
   * @throws UsageError for anything else.
   */
  restore(state: readonly number[], ...surplus: []): void {
    noMore("restore", surplus);
    const next = xoroshiro128plusFromState(checkState(state));
    this.#changes.soon();
    this.#source = next;
  }

  /**
   * One number, uniform in [0, 1), a multiple of 2⁻⁵³.
   *
   * @example
   * rng(0).next() === rng(0).next(); // true
   */
  next(...surplus: []): number {
    noMore("next", surplus);
    currentTracer()?.refuse("next", "a number");
    this.#changes.soon();
    return unit(this.#source);
  }

  /** One whole number, uniform in [0, n). @throws UsageError unless 1 ≤ n ≤ 2³². */
  nextInt(n: number, ...surplus: []): number {
    noMore("nextInt", surplus);
    checkSpan("nextInt", n);
    currentTracer()?.refuse("nextInt", "a number");
    this.#changes.soon();
    return below(this.#source, n);
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
      const words = [0, 1, 2, 3].map(() => this.#bits.next());
      return new Rng(mix([2, ...words]), this.#options);
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
    shape: Shape,
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
    return this.#make("normal", shape, this.#float("normal", where), where, (out) =>
      fillNormal(this.#bits, out, mean, std),
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
    shape: Shape,
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
    return this.#make("uniform", shape, this.#float("uniform", where), where, (out) =>
      fillUniform(this.#bits, out, low, high),
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
    shape: Shape,
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
    return this.#make("integers", shape, numeric("integers", where), where, (out) =>
      fillIntegers(this.#bits, out, low, high - low),
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
    shape: Shape,
    options?: TensorOptions & { readonly p?: number | undefined },
    ...surplus: []
  ): Tensor {
    const { p = 0.5, ...where } = given("bernoulli", options, "p# dtype device");
    noMore("bernoulli", surplus);
    if (!(p >= 0 && p <= 1)) {
      throw new UsageError(
        "bernoulli",
        `p is a probability between 0 and 1: got ${p}`,
        "p is the share of ones",
      );
    }
    return this.#make("bernoulli", shape, where.dtype ?? "bool", where, (out) =>
      fillBernoulli(this.#bits, out, p),
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
    return this.#make(op, [k], numeric(op, options), options, (out) => this.#order(op, out, n));
  }

  /** Different numbers of 0 … n − 1: without a list of all where that takes longer. */
  #order(op: string, out: TypedArray, n: number): void {
    const few = out.length <= 2 ** 20 && 16 * out.length < n;
    const moved: Record<number, number> = few ? {} : makeArray("int32", roomFor(op, [n], "int32"));
    if (!few) for (let i = 0; i < n; i++) moved[i] = i;
    choose(this.#bits, out, n, moved);
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

  /** For one call that draws. */
  get #bits(): Bits {
    this.#changes.soon();
    return this.#source;
  }

  #float(op: string, options: TensorOptions): DType {
    const dtype = options.dtype ?? this.#options.dtype ?? "float32";
    if (!isFloat(dtype)) {
      throw new DTypeError(op, `makes float32 or float64, not ${shown(dtype)}`, "cast the result");
    }
    return dtype;
  }

  #make(
    op: string,
    shape: Shape,
    dtype: DType,
    options: TensorOptions,
    fill: (out: TypedArray) => void,
  ): Tensor {
    checkShape(op, shape);
    const device = options.device ?? this.#options.device;
    const size = roomFor(op, shape, dtype, device);
    const draw = (): TypedArray => {
      const out = makeArray(dtype, size);
      fill(out);
      return out;
    };
    return drawn(this, shape, dtype, draw, device);
  }
}

/**
 * A tensor of what `draw` takes from a generator; while a program is captured, it draws anew before
 * each replay.
 */
export function drawn(
  random: Rng,
  shape: Shape,
  dtype: DType,
  draw: () => TypedArray,
  device?: string,
): Tensor {
  const tracer = currentTracer();
  if (tracer === null) return fromTypedArray(draw(), shape, dtype, device);
  return tracer.drawn({ shape: shape.slice(), dtype }, random, `${random.state()}`, draw);
}

/** Throws unless both are lengths, and the numbers below the first are int32. */
function checkSizes(op: string, n: number, k: number): void {
  checkShape(op, [n]);
  checkShape(op, [k]);
  checkNumber(op, n, "int32");
}

/** The dtype of whole numbers: any but bool, which has two of them. */
function numeric(op: string, { dtype = "int32" }: TensorOptions): DType {
  checkDType(op, dtype);
  if (dtype !== "bool") return dtype;
  throw new DTypeError(op, "makes whole numbers, not bool", "use bernoulli, or compare the result");
}

function checkSpan(op: string, span: number): void {
  if (!Number.isInteger(span) || span < 1 || span > 2 ** 32) {
    throw new UsageError(
      op,
      `needs a range of 1 … 2³² numbers: got ${shown(span)}`,
      "give a whole number, above low",
    );
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
