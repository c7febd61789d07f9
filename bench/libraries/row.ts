/** @file A row from one function per library: the same inputs, the same formula, one line each. */
import type { Tensor } from "@isograd/tensor";
import type { numpy as np } from "@jax-js/jax";
import type * as tf from "@tensorflow/tfjs-core";
import type { Contender, Library, Row, Unit } from "../harness/contender.js";
import type { Host } from "../harness/inputs.js";
import { ofIsograd } from "./isograd.js";
import { ofJax } from "./jax.js";
import { ofPlain } from "./plain.js";
import { ofTfjs } from "./tfjs.js";

type Each<H extends readonly Host[], X> = { [K in keyof H]: X };
type Arrays<H extends readonly Host[]> = { [K in keyof H]: H[K]["data"] };

/** One formula in every library that has it. Functions for jax-js consume their arguments. */
export interface Formula<H extends readonly Host[]> {
  readonly name: string;
  readonly unit?: Unit;
  readonly flops?: number;
  readonly tolerance?: number;
  readonly inputs: () => H;
  readonly isograd: (...inputs: Each<H, Tensor>) => Tensor;
  readonly tfjs?: (...inputs: Each<H, tf.Tensor>) => tf.Tensor;
  readonly jax?: (...inputs: Each<H, np.Array>) => np.Array;
  /** Writes into an array of `size` numbers. */
  readonly plain?: ((out: Float32Array, ...inputs: Arrays<H>) => void) | undefined;
  readonly size?: number;
  readonly absent?: Partial<Record<Library, string>>;
}

/** The row of a formula. */
export function row<const H extends readonly Host[]>(formula: Formula<H>): Row {
  const { name, unit = "ms", flops, tolerance = 1e-4, inputs, absent = {} } = formula;
  const { isograd, tfjs, jax, plain, size } = formula;
  // The casts: `inputs` gives as many arrays as each function takes, which H says and a list
  // cannot.
  const contenders: Partial<Record<Library, () => Contender>> = {
    isograd: () => ofIsograd(inputs(), isograd as (...xs: Tensor[]) => Tensor),
  };
  if (tfjs !== undefined) {
    contenders.tfjs = () => ofTfjs(inputs(), tfjs as (...xs: tf.Tensor[]) => tf.Tensor);
  }
  if (jax !== undefined) {
    const work = jax as (...xs: np.Array[]) => np.Array;
    contenders["jax-js jit"] = () => ofJax(inputs(), work, true);
    contenders["jax-js eager"] = () => ofJax(inputs(), work, false);
  }
  if (plain !== undefined) {
    contenders.plain = () => ofPlain(inputs(), size ?? 1, plain as (...xs: unknown[]) => void);
  }
  return { name, unit, ...(flops !== undefined && { flops }), tolerance, contenders, absent };
}
