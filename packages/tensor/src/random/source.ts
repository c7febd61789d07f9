/** @file Where random numbers come from: a state, and tensors of what it gives. */
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { checkDType, type DType, makeArray, type TypedArray } from "../base/dtype.js";
import { noMore } from "../base/options.js";
import { Changes } from "../base/past.js";
import { checkShape, type Shape } from "../base/shape.js";
import { currentTracer } from "../core/context.js";
import { fromTypedArray, roomFor, type TensorOptions } from "../core/creation.js";
import { getDevice } from "../core/registry.js";
import type { Tensor } from "../core/tensor.js";
import { checkSpan, type Place } from "./checks.js";
import { type Bits, below, unit } from "./fill.js";
import { checkState, type RandomState } from "./seed.js";

/** What every generator has: its state, and single numbers. */
export abstract class RandomSource {
  #source: ReturnType<typeof xoroshiro128plusFromState>;
  /** What the generator's tensors are where a call does not say. @hidden */
  protected readonly place: TensorOptions;
  readonly #changes = new Changes(() => {
    const before = this.state();
    const put = () => {
      this.#source = xoroshiro128plusFromState(before);
    };
    return { put, free() {} };
  });

  constructor(state: RandomState, place: TensorOptions) {
    this.#source = xoroshiro128plusFromState(checkState(state));
    this.place = { ...place };
    if (place.dtype !== undefined) checkDType("rng", place.dtype);
    if (place.device !== undefined) getDevice(place.device, "rng");
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

  /** For one call that draws. @hidden */
  protected get bits(): Bits {
    this.#changes.soon();
    return this.#source;
  }
}

/** A tensor that `fill` fills; a number as shape stands for a vector. */
export function made(
  random: RandomSource,
  op: string,
  lengths: Shape | number,
  { dtype, device }: Place,
  fill: (out: TypedArray) => void,
): Tensor {
  const shape = typeof lengths === "number" ? [lengths] : lengths;
  checkShape(op, shape);
  const size = roomFor(op, shape, dtype, device);
  const draw = (): TypedArray => {
    const out = makeArray(dtype, size);
    fill(out);
    return out;
  };
  return drawn(random, shape, dtype, draw, device);
}

/**
 * A tensor of what `draw` takes from a generator; while a program is captured, it draws anew before
 * each replay.
 */
export function drawn(
  random: RandomSource,
  shape: Shape,
  dtype: DType,
  draw: () => TypedArray,
  device?: string,
): Tensor {
  const tracer = currentTracer();
  if (tracer === null) return fromTypedArray(draw(), shape, dtype, device);
  return tracer.drawn({ shape: shape.slice(), dtype }, random, `${random.state()}`, draw);
}
